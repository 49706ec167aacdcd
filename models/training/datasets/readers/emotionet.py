"""EmotioNet (Benitez-Quiroz, Srinivasan & Martinez 2016): action units on images from the web.

``dataFile_*.txt``, anywhere below the root: per line, separated by tabs, the address of the image
on the authors' server, the address where it was found, and 60 columns for action units 1 to 60: 1
there, 0 not there, 999 unknown. The server's addresses end in ``/Images/<folder>/<name>``, and the
images, which users fetch themselves, are expected as ``Images/<folder>/<name>``. Nobody is named.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import lines, require_matches
from models.training.datasets.readers.record import make_table, unit_name

UNITS = 60
CODES = {"0": 0.0, "1": 1.0, "999": math.nan}


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    images: list[str] = []
    codes: list[np.ndarray] = []
    for path in require_matches("emotionet", root, "**/dataFile_*.txt", "lists of labels"):
        for line, text in lines(path):
            fields = [field.strip() for field in text.split("\t")]
            if len(fields) != UNITS + 2:
                problem = f"wanted 2 addresses and {UNITS} codes, got {len(fields)} fields"
                raise DamagedFileError(path, line, problem)
            _, found, name = fields[0].rpartition("/Images/")
            if not found:
                raise DamagedFileError(path, line, f"wanted .../Images/..., got {fields[0]!r}")
            unknown = set(fields[2:]) - set(CODES)
            if unknown:
                raise DamagedFileError(path, line, f"wanted 0, 1 or 999, got {sorted(unknown)}")
            images.append(f"Images/{name}")
            codes.append(np.array([CODES[field] for field in fields[2:]], np.float32))
    matrix = np.stack(codes) if codes else np.zeros((0, UNITS), np.float32)
    columns = {"image": images}
    columns |= {unit_name(u + 1, present=True): matrix[:, u] for u in range(UNITS)}
    return make_table("emotionet", columns, len(images))
