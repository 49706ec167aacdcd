"""The Extended Cohn-Kanade set, CK+ (Lucey et al. 2010): posed sequences from neutral to the peak.

``cohn-kanade-images/S005/001/S005_001_00000001.png``, and by the same names, as the archives
unpack:

- ``Emotion/.../S005_001_00000011_emotion.txt``, for the last frame of some sequences: 0 neutral, 1
  anger, 2 contempt, 3 disgust, 4 fear, 5 happiness, 6 sadness, 7 surprise. Contempt is none of the
  seven and is missing here.
- ``FACS/.../S005_001_00000011_facs.txt``, for the last frame of every sequence: a line with unit
  and intensity for each unit there is. Intensity 0 says "there, intensity not given". The coding is
  of the whole face, so that a unit without a line is absent, 0.
- ``Landmarks/.../S005_001_00000011_landmarks.txt``, for every frame: 68 lines ``x y``.

Every image has a row. The first frame of a sequence is a neutral face by the set's design and
has that expression; its units are not coded and stay missing.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import (
    images_in,
    lines,
    numbers,
    one_of,
    require_matches,
    whole,
)
from models.training.datasets.readers.record import make_table, unit_name

ORDER = (
    "neutral",
    "anger",
    None,  # contempt
    "disgust",
    "fear",
    "happiness",
    "sadness",
    "surprise",
)
STRONGEST = 5


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    images = one_of("ckplus", root, ("cohn-kanade-images",), "images")
    emotion = one_of("ckplus", root, ("Emotion", "Emotion_labels/Emotion"), "Emotion labels")
    facs = one_of("ckplus", root, ("FACS", "FACS_labels/FACS"), "FACS codes")
    marks = one_of("ckplus", root, ("Landmarks", "Landmarks/Landmarks"), "landmarks")
    if (marks / "Landmarks").is_dir():
        marks /= "Landmarks"
    names = ("image", "person", "sequence", "expression", "landmarks")
    columns: dict[str, list] = {name: [] for name in names}
    coded: list[dict[int, int] | None] = []
    sequences = require_matches("ckplus", images, "S*/[0-9]*", "sequences of images")
    for folder in sequences:
        if not folder.is_dir():
            continue
        names_here = images_in(folder)
        place = folder.relative_to(images)
        for name in names_here:
            stem = name.rpartition(".")[0]
            expression = _emotion(emotion / place / f"{stem}_emotion.txt")
            columns["expression"].append("neutral" if name == names_here[0] else expression)
            columns["landmarks"].append(_landmarks(marks / place / f"{stem}_landmarks.txt"))
            columns["image"].append((folder / name).relative_to(root).as_posix())
            columns["person"].append(place.parts[0])
            columns["sequence"].append(place.as_posix())
            coded.append(_facs(facs / place / f"{stem}_facs.txt"))
    return make_table("ckplus", {**columns, **_unit_columns(coded)}, len(coded))


def _emotion(path: Path) -> str | None:
    if not path.exists():
        return None
    rows = list(lines(path))
    if len(rows) != 1:
        raise DamagedFileError(path, None, f"wanted one line, got {len(rows)}")
    return ORDER[whole(path, *rows[0], 0, len(ORDER) - 1)]


def _facs(path: Path) -> dict[int, int] | None:
    """Intensity by unit, 0 where not given; None for a frame without codes."""
    if not path.exists():
        return None
    codes: dict[int, int] = {}
    for line, text in lines(path):
        fields = text.split()
        if len(fields) != 2:
            raise DamagedFileError(path, line, f"wanted unit and intensity, got {text!r}")
        unit = whole(path, line, fields[0], 1, 99)
        codes[unit] = whole(path, line, fields[1], 0, STRONGEST)
    return codes


def _landmarks(path: Path) -> np.ndarray | None:
    if not path.exists():
        return None
    points = [numbers(path, line, text.split(), 2) for line, text in lines(path)]
    if len(points) != 68:
        raise DamagedFileError(path, None, f"wanted 68 lines, got {len(points)}")
    return np.array(points, np.float32)


def _unit_columns(coded: list[dict[int, int] | None]) -> dict[str, list[float]]:
    columns = {}
    for unit in sorted(set().union(*(codes for codes in coded if codes is not None))):
        present, intensity = [], []
        for codes in coded:
            present.append(math.nan if codes is None else float(unit in codes))
            if codes is None or codes.get(unit) == 0:
                intensity.append(math.nan)
            else:
                intensity.append(codes.get(unit, 0) / STRONGEST)
        columns[unit_name(unit)] = intensity
        columns[unit_name(unit, present=True)] = present
    return columns
