"""BP4D+ (Zhang et al. 2016): 140 people, ten tasks, action units on T1, T6, T7 and T8.

Codes as `facs_csv` describes them. Images stay in one zip per person, ``2D+3D/F001.zip``, with
members ``F001/T1/0000.jpg`` (or lie unpacked in ``2D+3D/F001/T1``). Codes count frames from 1 while
the names of images may begin at 0, so that frame f is the f-th image of its sequence by name. A
coded frame beyond the last image keeps its row with ``image`` missing.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pandas as pd

from models.training.datasets.readers.bp4d import rows_of
from models.training.datasets.readers.errors import DamagedFileError, MissingFileError
from models.training.datasets.readers.facs_csv import codings
from models.training.datasets.readers.files import Store, require_folder
from models.training.datasets.readers.record import make_table, stack


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    folder = require_folder("bp4dplus", root / "2D+3D", "images")
    parts, stores = [], {}
    for coding in codings("bp4dplus", root):
        if coding.person not in stores:
            name = f"2D+3D/{coding.person}"
            stores[coding.person] = Store("bp4dplus", root, (f"{name}.zip",), (name,))
        store = stores[coding.person]
        images = sorted(
            (n for n in store.names if PurePosixPath(n).parent.name == coding.task), key=_frame
        )
        if not images:
            wanted = folder / coding.person / coding.task
            raise MissingFileError("bp4dplus", wanted, "images of a coded sequence")
        chosen = [images[f - 1] if 0 < f <= len(images) else None for f in coding.frames]
        parts.append(rows_of(coding, store.archive, chosen))
    return make_table("bp4dplus", *stack(parts))


def _frame(name: str) -> int:
    stem = PurePosixPath(name).stem
    if not stem.isdecimal():
        raise DamagedFileError(name, None, "wanted an image named by its frame")
    return int(stem)
