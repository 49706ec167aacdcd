"""BP4D-Spontaneous (Zhang et al. 2014): 41 people, eight tasks, action units on about 20 s of each.

Codes as `facs_csv` describes them; images ``Sequences(2D+3D)/F001/T1/2440.jpg`` (or ``2D+3D/...``),
named by frame with as many zeros in front as the sequence was given. A coded frame that has no
image keeps its row with ``image`` missing. Tasks elicit emotions; they are not expression labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.facs_csv import Coding, codings
from models.training.datasets.readers.files import images_in, one_of, require_folder
from models.training.datasets.readers.record import make_table, stack

FOLDERS = ("Sequences(2D+3D)", "2D+3D")


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    folder = one_of("bp4d", root, FOLDERS, "images")
    parts = []
    for coding in codings("bp4d", root):
        sequence = require_folder(
            "bp4d", folder / coding.person / coding.task, "images of a coded sequence"
        )
        by_frame = {}
        for name in images_in(sequence):
            stem = name.rpartition(".")[0]
            if not stem.isdecimal():
                raise DamagedFileError(sequence / name, None, "wanted an image named by its frame")
            by_frame[int(stem)] = (sequence / name).relative_to(root).as_posix()
        parts.append(rows_of(coding, None, [by_frame.get(f) for f in coding.frames]))
    return make_table("bp4d", *stack(parts))


def rows_of(
    coding: Coding, archive: str | None, images: list[str | None]
) -> tuple[int, dict[str, Any]]:
    """Number of rows and columns of one coded sequence."""
    places = {
        "archive": archive,
        "image": images,
        "person": coding.person,
        "sequence": f"{coding.person}_{coding.task}",
    }
    return len(coding.frames), {**places, **coding.units}
