"""Affectiva's values as its JavaScript SDK gives them, saved as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien.errors import InputError
from mien.formats._common import assemble, count_faces, require
from mien.formats._files import existing_file
from mien.formats._json import parse_json
from mien.formats._numbers import as_numbers
from mien.table import FaceTable

__all__ = ["read_affectiva"]


UNITS = {
    "innerBrowRaise": "AU01",
    "browRaise": "AU02",
    "browFurrow": "AU04",
    "eyeWiden": "AU05",
    "cheekRaise": "AU06",
    "lidTighten": "AU07",
    "noseWrinkle": "AU09",
    "upperLipRaise": "AU10",
    "smile": "AU12",
    "dimpler": "AU14",
    "lipCornerDepressor": "AU15",
    "chinRaise": "AU17",
    "lipPucker": "AU18",
    "lipStretch": "AU20",
    "lipPress": "AU24",
    "mouthOpen": "AU25",
    "jawDrop": "AU26",
    "lipSuck": "AU28",
    "eyeClosure": "AU43",
}
"""Action unit of each of Affectiva's expressions."""

EMOTIONS = {
    **{name: name for name in ("anger", "disgust", "fear", "sadness", "surprise")},
    "joy": "happiness",
    "valence": "valence",
}
_TIMES = ("Timestamp", "timestamp", "time")
_GROUPS = ("emotions.", "expressions.")


def read_affectiva(path: str | Path) -> FaceTable:
    """Read Affectiva's values, one JSON object a face: a list, one a line, or a single one.

    - Its expressions are action units by other names (`UNITS`): 0-100 becomes 0-1. Emotions become
      0-1 under mien's names, and valence -1 to 1; they don't sum to 1.
    - ``Timestamp`` (seconds) gives `time`. Frames are counted by it.
    - Everything else stays as it is: attention, engagement, smirk, contempt, and head angles, whose
      signs Affectiva does not state. Objects in objects become columns such as
      ``measurements.orientation.yaw``. The values of 0-100 stay too, under Affectiva's names; its
      ``anger`` as ``anger_raw``, where mien's has that name.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not such a file, or damaged.
    """
    source = existing_file(path, "Affectiva's values")
    raw = _flat(_objects(source))
    require(source, raw, ["smile", "joy"], "Affectiva's values")
    raw = as_numbers(source, raw, (*UNITS, *EMOTIONS, *_TIMES))
    names = {old: new for old, new in {**UNITS, **EMOTIONS}.items() if old in raw}
    columns = {new: raw[old].astype(np.float64) / 100 for old, new in names.items()}
    name = next((n for n in _TIMES if n in raw), None)
    time = raw[name].astype(np.float64) if name else pd.Series(np.arange(len(raw), dtype=float))
    file = next((n for n in ("FileName", "fileName", "input") if n in raw), None)
    inputs = raw[file].fillna("").astype("str").tolist() if file else None
    found = raw["smile"].notna().to_numpy()
    keys = pd.DataFrame({"input": inputs if inputs else "", "time": time})
    frame = keys.groupby("input", sort=False)["time"].rank("dense").fillna(1).to_numpy() - 1
    taken = {name, file}
    return assemble(
        source,
        "Affectiva",
        frame=frame,
        found=found,
        time=time if name else None,
        inputs=inputs,
        face=count_faces(frame, found, inputs=inputs),
        values=pd.DataFrame(columns, index=raw.index),
        own=raw[[c for c in raw if c not in taken]],
        conversions=["action units, emotions, valence: over 100"],
    )


def _objects(source: Path) -> list[dict[str, Any]]:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise InputError(f"{source}: can't be read as text: {error}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        content = parse_json(text, source, "or not JSON")
    except InputError:
        if len(lines) < 2:
            raise
        content = [parse_json(line, source, "or not JSON") for line in lines]
    rows = content if isinstance(content, list) else [content]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{source}: wanted JSON objects, one a face, got {text[:40]!r}")
    return rows


def _flat(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Nested objects as columns; emotions and expressions go without the name of their group."""
    frame: pd.DataFrame = pd.json_normalize(rows)
    short: dict[str, str] = {}
    for name in map(str, frame):
        group = next((g for g in _GROUPS if name.startswith(g)), "")
        plain = name.removeprefix(group)
        if group and plain not in frame and plain not in short.values():
            short[name] = plain
    renamed: pd.DataFrame = frame.rename(columns=short)
    return renamed
