"""AFEW-VA (Kossaifi et al. 2017): 600 clips of films, valence and arousal from -10 to 10 per frame.

``01/001/001.json`` (twelve folders of fifty clips) holds ``actor`` and ``frames``: for each frame
``valence``, ``arousal`` and 68 ``landmarks``; its images are ``01/001/00000.png``. The actor is the
person.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import number, require_matches
from models.training.datasets.readers.record import make_table

STRONGEST = 10


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    columns: dict[str, list] = {
        c: [] for c in ("image", "person", "sequence", "valence", "arousal", "landmarks")
    }
    for path in require_matches("afewva", root, "[0-9]*/[0-9]*/*.json", "annotations of clips"):
        clip = _clip(path)
        folder = path.parent.relative_to(root).as_posix()
        for name, frame in sorted(clip["frames"].items()):
            place = f"{path}, frame {name}"
            for key in ("valence", "arousal"):
                value = number(place, None, str(frame.get(key)), -STRONGEST, STRONGEST)
                columns[key].append(value / STRONGEST)
            columns["landmarks"].append(_landmarks(place, frame.get("landmarks")))
            columns["image"].append(f"{folder}/{name}.png")
            columns["person"].append(clip.get("actor") or None)
            columns["sequence"].append(path.stem)
    return make_table("afewva", columns, len(columns["image"]))


def _clip(path: Path) -> dict[str, Any]:
    try:
        clip = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise DamagedFileError(path, error.lineno, f"not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise DamagedFileError(path, None, f"not UTF-8 text: {error}") from error
    frames = clip.get("frames") if isinstance(clip, dict) else None
    if not isinstance(frames, dict) or not all(isinstance(f, dict) for f in frames.values()):
        raise DamagedFileError(path, None, "wanted an object with frames by name")
    return clip


def _landmarks(place: str, value: Any) -> np.ndarray | None:
    if value is None:
        return None
    try:
        points = np.array(value, np.float32)
    except (ValueError, TypeError) as error:
        raise DamagedFileError(place, None, f"landmarks: {error}") from error
    if points.shape != (68, 2) or not np.isfinite(points).all():
        raise DamagedFileError(place, None, f"wanted 68 landmarks x, y, got {points.shape}")
    return points
