"""DISFA+ (Mavadati, Sanger & Mahoor 2016): nine people pose action units and expressions in trials.

``Labels/SN001/<trial>/AU12.txt`` has two heading lines and then a line ``000.jpg     3`` per frame,
intensity 0 to 5; images are ``Images/SN001/<trial>/000.jpg``. The nine people are among DISFA's 27.
A frame that a trial has in some files only is missing for the other units.
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from models.training.datasets.readers.disfa import STRONGEST, UNITS
from models.training.datasets.readers.errors import DamagedFileError, MissingFileError
from models.training.datasets.readers.files import lines, require_folder, require_matches, whole
from models.training.datasets.readers.record import make_table, unit_name

HEADING = 2


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    labels = require_folder("disfaplus", root / "Labels", "labels")
    require_folder("disfaplus", root / "Images", "images")
    columns: dict[str, list] = {c: [] for c in ("image", "person", "sequence")}
    columns |= {unit_name(u): [] for u in UNITS}
    trials = [
        p for p in require_matches("disfaplus", labels, "SN*/*", "trials of people") if p.is_dir()
    ]
    for folder in trials:
        person, trial = folder.parent.name, folder.name
        coded = {unit: _intensities(folder, unit) for unit in UNITS}
        for name in sorted(set().union(*coded.values())):
            columns["image"].append(f"Images/{person}/{trial}/{name}")
            columns["person"].append(person)
            columns["sequence"].append(f"{person}/{trial}")
            for unit in UNITS:
                columns[unit_name(unit)].append(coded[unit].get(name, math.nan) / STRONGEST)
    return make_table("disfaplus", columns, len(columns["image"]))


def _intensities(folder: Path, unit: int) -> dict[str, int]:
    path = folder / f"AU{unit}.txt"
    if not path.exists():
        raise MissingFileError("disfaplus", path, f"labels of action unit {unit}")
    values = {}
    for line, text in lines(path):
        if line <= HEADING:
            continue
        fields = text.split()
        if len(fields) != 2 or not fields[0].lower().endswith(".jpg"):
            raise DamagedFileError(path, line, f"wanted 000.jpg and an intensity, got {text!r}")
        values[fields[0]] = whole(path, line, fields[1], 0, STRONGEST)
    return values
