"""300-W (Sagonas et al. 2013): photographs with 68 points, each image with a ``.pts`` beside it.

``afw/``, ``helen/trainset``, ``lfpw/trainset`` are for training, ``helen/testset``,
``lfpw/testset`` and ``ibug/`` for validation (its "common" and "challenging" parts),
``300W/01_Indoor`` and ``300W/02_Outdoor`` (or the two folders in the root) for the test. The files
count pixels from 1; here their centres are at whole numbers from 0. An image with several faces has
a copy per face, as distributed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError, MissingFileError
from models.training.datasets.readers.files import IMAGES, lines, numbers
from models.training.datasets.readers.record import make_table

PARTS = {
    "afw": "train",
    "helen/trainset": "train",
    "lfpw/trainset": "train",
    "helen/testset": "validation",
    "lfpw/testset": "validation",
    "ibug": "validation",
    "300W/01_Indoor": "test",
    "300W/02_Outdoor": "test",
    "01_Indoor": "test",
    "02_Outdoor": "test",
}
POINTS = 68


def read(root: Path) -> pd.DataFrame:
    """Read those parts of the set that lie in its folder."""
    columns: dict[str, list] = {c: [] for c in ("image", "split", "landmarks")}
    for part, split in PARTS.items():
        for path in sorted((root / part).glob("*.pts")):
            image = next((p for s in IMAGES if (p := path.with_suffix(s)).exists()), None)
            if image is None:
                raise MissingFileError("three00w", path.with_suffix(".jpg|.png"), "image")
            columns["image"].append(image.relative_to(root).as_posix())
            columns["split"].append(split)
            columns["landmarks"].append(read_pts(path))
    if not columns["image"]:
        wanted = " or ".join(str(root / part) for part in PARTS)
        raise MissingFileError("three00w", wanted, ".pts files")
    return make_table("three00w", columns, len(columns["image"]))


def read_pts(path: Path) -> np.ndarray:
    """Points (68, 2) of a ``.pts`` file, pixel centres at whole numbers from 0."""
    rows = list(lines(path))
    texts = [text for _, text in rows]
    if "{" not in texts or texts[-1] != "}":
        raise DamagedFileError(path, None, "wanted points between { and }")
    start = texts.index("{")
    for line, text in rows[:start]:
        key, _, value = text.partition(":")
        if key == "n_points" and value.strip() != str(POINTS):
            raise DamagedFileError(path, line, f"wanted {POINTS} points, got {value.strip()!r}")
    inside = rows[start + 1 : -1]
    if len(inside) != POINTS:
        raise DamagedFileError(path, None, f"wanted {POINTS} points, got {len(inside)}")
    points = [numbers(path, line, text.split(), 2) for line, text in inside]
    return (np.array(points) - 1).astype(np.float32)
