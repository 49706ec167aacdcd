"""AffectNet (Mollahosseini, Hasani & Mahoor 2017): expression, valence and arousal in the wild.

Two distributions are read.

- Per image (2021): ``train_set/images/7.jpg`` with ``train_set/annotations/7_exp.npy``,
  ``7_val.npy``, ``7_aro.npy`` and, optional, ``7_lnd.npy`` (136 numbers, x and y in turn); the same
  under ``val_set``.
- Lists (2017): ``Manually_Annotated_file_lists/training.csv`` and ``validation.csv`` (or
  ``Manually_`` ``Annotated/Manually_Annotated_file_lists/...``, or the CSVs beside the images'
  folder), with the columns of `HEADER`; images under ``Manually_Annotated_Images/``. A list without
  the header line has the same columns.

Expressions: 0 neutral, 1 happiness, 2 sadness, 3 surprise, 4 fear, 5 disgust, 6 anger, 7 contempt,
8 none, 9 uncertain, 10 no face. Contempt is none of the seven and 8 to 10 are no expression: all of
them are missing here. Valence or arousal of -2 is missing. Nobody is named.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError, MissingFileError
from models.training.datasets.readers.files import images_in, number, one_of, require_folder, whole
from models.training.datasets.readers.record import make_table

ORDER = (
    "neutral",
    "happiness",
    "sadness",
    "surprise",
    "fear",
    "disgust",
    "anger",
    None,  # contempt
    None,  # none
    None,  # uncertain
    None,  # no face
)
UNKNOWN = -2.0
Number = TypeVar("Number", int, float)
SETS = {"train_set": "train", "val_set": "validation"}
LISTS = {"training.csv": "train", "validation.csv": "validation"}
LIST_FOLDERS = (
    "Manually_Annotated_file_lists",
    "Manually_Annotated/Manually_Annotated_file_lists",
    ".",
)
IMAGE_FOLDERS = (
    "Manually_Annotated_Images",
    "Manually_Annotated/Manually_Annotated_Images",
)
HEADER = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
COLUMNS = ("image", "split", "expression", "valence", "arousal", "landmarks")


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder, whichever distribution lies there."""
    if any((root / name).is_dir() for name in SETS):
        return _read_sets(root)
    return _read_lists(root)


def _rating(path: Path, line: int | None, text: str) -> float:
    value = number(path, line, text, UNKNOWN, 1)
    if value == UNKNOWN:
        return math.nan
    return number(path, line, text, -1, 1)


def _read_sets(root: Path) -> pd.DataFrame:
    columns: dict[str, list] = {name: [] for name in COLUMNS}
    for folder, split in SETS.items():
        if not (root / folder).exists():
            continue
        images = require_folder("affectnet", root / folder / "images", "images")
        notes = require_folder("affectnet", root / folder / "annotations", "annotations")
        for name in images_in(images):
            stem = notes / name.rpartition(".")[0]
            columns["image"].append(f"{folder}/images/{name}")
            columns["split"].append(split)
            columns["expression"].append(
                ORDER[_one(stem, "exp", lambda p, t: whole(p, None, t, 0, len(ORDER) - 1))]
            )
            columns["valence"].append(_one(stem, "val", lambda p, t: _rating(p, None, t)))
            columns["arousal"].append(_one(stem, "aro", lambda p, t: _rating(p, None, t)))
            columns["landmarks"].append(_landmarks(stem.with_name(f"{stem.name}_lnd.npy")))
    return make_table("affectnet", columns, len(columns["image"]))


def _array(path: Path) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DamagedFileError(path, None, f"not an array that NumPy can read: {error}") from error


def _one(stem: Path, kind: str, parse: Callable[[Path, str], Number]) -> Number:
    path = stem.with_name(f"{stem.name}_{kind}.npy")
    if not path.exists():
        raise MissingFileError("affectnet", path, "annotation")
    value = _array(path)
    if value.size != 1:
        raise DamagedFileError(path, None, f"wanted one value, got {value.size}")
    return parse(path, str(value.reshape(-1)[0]))  # the numbers are stored as text


def _landmarks(path: Path) -> np.ndarray | None:
    if not path.exists():
        return None
    value = _array(path)
    if value.size != 136:
        raise DamagedFileError(path, None, f"wanted 136 numbers, got {value.size}")
    try:
        return value.astype(np.float32).reshape(68, 2)
    except ValueError as error:
        raise DamagedFileError(path, None, f"wanted numbers: {error}") from error


def _read_lists(root: Path) -> pd.DataFrame:
    wanted = [f"{folder}/{name}" for folder in LIST_FOLDERS for name in LISTS]
    lists = one_of("affectnet", root, wanted, "train_set/, val_set/ or list of labels").parent
    images = one_of("affectnet", root, IMAGE_FOLDERS, "images").relative_to(root).as_posix()
    columns: dict[str, list] = {name: [] for name in (*COLUMNS, "boxes")}
    for name, split in LISTS.items():
        path = lists / name
        if not path.exists():
            continue
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            for fields in rows:
                if not fields or fields[0] == HEADER[0]:
                    continue
                if len(fields) != len(HEADER):
                    problem = f"wanted {len(HEADER)} fields, got {len(fields)}"
                    raise DamagedFileError(path, rows.line_num, problem)
                _add(columns, path, rows.line_num, images, fields)
                columns["split"].append(split)
    return make_table("affectnet", columns, len(columns["image"]))


def _add(columns: dict[str, list], path: Path, line: int, images: str, fields: list[str]) -> None:
    columns["image"].append(f"{images}/{fields[0]}")
    columns["expression"].append(ORDER[whole(path, line, fields[6], 0, len(ORDER) - 1)])
    columns["valence"].append(_rating(path, line, fields[7]))
    columns["arousal"].append(_rating(path, line, fields[8]))
    # An image in which nobody found a face has "NULL" for its box and points.
    if "NULL" in fields[1:6]:
        columns["boxes"].append(None)
        columns["landmarks"].append(None)
        return
    x, y, width, height = (number(path, line, text, -1e6, 1e6) for text in fields[1:5])
    columns["boxes"].append(np.array([[x, y, x + width, y + height]], np.float32))
    points = fields[5].split(";")
    if len(points) != 136:
        raise DamagedFileError(path, line, f"wanted 136 landmark numbers, got {len(points)}")
    values = [number(path, line, text, -1e6, 1e6) for text in points]
    columns["landmarks"].append(np.array(values, np.float32).reshape(68, 2))
