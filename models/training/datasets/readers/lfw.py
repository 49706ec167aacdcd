"""Labeled Faces in the Wild (Huang et al. 2007): photographs of 250 x 250 pixels with names.

``lfw.zip`` or the unpacked ``lfw/<Person>/<Person>_0001.jpg``. Persons are the only label.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import Store
from models.training.datasets.readers.record import make_table


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    store = Store("lfw", root, ("lfw.zip",), ("lfw", "lfw_funneled", ""))
    persons = []
    for name in store.names:
        parts = name.split("/")
        if len(parts) < 2 or not parts[-1].startswith(parts[-2] + "_"):
            place = root / (store.archive or "")
            raise DamagedFileError(place, None, f"wanted <Person>/<Person>_NNNN.jpg, got {name!r}")
        persons.append(parts[-2])
    columns = {"archive": store.archive, "image": store.names, "person": persons}
    return make_table("lfw", columns, len(persons))
