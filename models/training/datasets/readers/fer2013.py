"""FER2013 (Goodfellow et al. 2013): 35,887 grey faces of 48 x 48 pixels with seven expressions.

As distributed it is one ``fer2013.csv`` with the columns ``emotion,pixels,Usage``; a row's image is
the row itself (``frame``). ``fer2013.zip`` or a folder ``<part>/<label>/*.jpg`` with the parts
``train`` and ``public`` (or ``train`` and ``test``) are read as well. Nobody is named: no persons.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from models.training.datasets import fer2013
from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import Store, whole
from models.training.datasets.readers.record import make_table

ORDER = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
USAGES = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
PARTS = {"train": "train", "public": "validation", "private": "test", "test": "test"}
HEADER = ["emotion", "pixels", "Usage"]
SIDE = 48


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder: the CSV where there is one, else images."""
    path = root / "fer2013.csv"
    return _read_csv(path) if path.exists() else _read_images(root)


def _read_csv(path: Path) -> pd.DataFrame:
    expressions, splits = [], []
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if [h.strip() for h in header] != HEADER:
            raise DamagedFileError(path, 1, f"wanted the header {HEADER}, got {header}")
        for fields in rows:
            line = rows.line_num
            if len(fields) != len(HEADER):
                raise DamagedFileError(path, line, f"wanted 3 fields, got {len(fields)}")
            expressions.append(ORDER[whole(path, line, fields[0], 0, len(ORDER) - 1)])
            if (count := fields[1].count(" ") + 1) != SIDE**2:
                raise DamagedFileError(path, line, f"wanted {SIDE**2} pixels, got {count}")
            if fields[2] not in USAGES:
                raise DamagedFileError(path, line, f"Usage {fields[2]!r}, not in {list(USAGES)}")
            splits.append(USAGES[fields[2]])
    columns = {
        "image": path.name,
        "frame": range(len(splits)),
        "split": splits,
        "expression": expressions,
    }
    return make_table("fer2013", columns, len(splits))


def _read_images(root: Path) -> pd.DataFrame:
    store = Store("fer2013", root, ("fer2013.zip",), ("fer2013", ""))
    expressions, splits = [], []
    for name in store.names:
        parts = name.split("/")
        if len(parts) < 3 or parts[-3] not in PARTS or parts[-2] not in fer2013.LABELS:
            raise DamagedFileError(
                root / (store.archive or ""),
                None,
                f"wanted <{'|'.join(PARTS)}>/<{'|'.join(fer2013.LABELS)}>/..., got {name!r}",
            )
        splits.append(PARTS[parts[-3]])
        expressions.append(fer2013.LABELS[parts[-2]])
    columns = {
        "archive": store.archive,
        "image": store.names,
        "split": splits,
        "expression": expressions,
    }
    return make_table("fer2013", columns, len(splits))
