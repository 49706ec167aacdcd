"""Readers for datasets that users hold, each in the layout it is distributed in.

    from models.training.datasets import readers
    table = readers.read("rafdb", "/data/RAF-DB/basic")

`record` says what the table's columns are, the module of each set how it is laid out.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError, DatasetError, MissingFileError
from models.training.datasets.readers.record import EXPRESSIONS

__all__ = ["EXPRESSIONS", "READERS", "DamagedFileError", "DatasetError", "MissingFileError", "read"]

READERS = (
    "affectnet",
    "affwild2",
    "afewva",
    "bp4d",
    "bp4dplus",
    "ckplus",
    "disfa",
    "disfaplus",
    "emotionet",
    "fer2013",
    "lfw",
    "rafdb",
    "three00w",
    "utkface",
    "widerface",
)


def read(name: str, root: str | Path, **options: Any) -> pd.DataFrame:
    """Read the labels of a dataset.

    Parameters
    ----------
    name : str
        One of `READERS`.
    root : str or Path
        Folder of the set, as its module describes it.
    **options
        What the set's own ``read`` takes beside the folder.

    Returns
    -------
    pandas.DataFrame
        One row per image or video frame; columns as in `models.training.datasets.readers.record`.

    Raises
    ------
    KeyError
        No reader of that name.
    MissingFileError
        A file or folder that is not where the distribution has it.
    DamagedFileError
        A file that is not what its format promises; names the file and the line.
    """
    if name not in READERS:
        raise KeyError(f"no reader named {name!r}; there are {', '.join(READERS)}")
    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise MissingFileError(name, folder, "folder of the dataset")
    return importlib.import_module(f"models.training.datasets.readers.{name}").read(
        folder, **options
    )
