"""UTKFace (Zhang et al. 2017): faces whose file names hold age, gender and race.

``utkface.zip``, ``UTKFace/`` or the root itself, with ``age_gender_race_timestamp.jpg`` (the
aligned crops end in ``.jpg.chip.jpg``). A few names lack a field; which one is not said, so that
only the age, which comes first, is taken from them. Nobody is named: no persons.
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import Store, whole
from models.training.datasets.readers.record import make_table

GENDERS = ("male", "female")
RACES = ("white", "black", "asian", "indian", "other")


def fields_of(place: Path, name: str) -> tuple[float, str | None, str | None]:
    """Age, gender and race of an image by its name; None for what the name does not hold."""
    fields = name.rsplit("/", 1)[-1].split("_")
    if len(fields) not in (3, 4):
        raise DamagedFileError(place, None, f"wanted age_gender_race_time.jpg, got {name!r}")
    age = whole(f"{place}: {name}", None, fields[0], 0, 130)
    if len(fields) == 3:
        return age, None, None
    gender, race = (
        options[whole(f"{place}: {name}", None, field, 0, len(options) - 1)] if field else None
        for field, options in zip(fields[1:3], (GENDERS, RACES), strict=True)
    )
    return age, gender, race


def read(root: Path) -> pd.DataFrame:
    """Read the set from its folder."""
    store = Store("utkface", root, ("utkface.zip",), ("UTKFace", "utkface", ""))
    place = root / (store.archive or "")
    said = [fields_of(place, name) for name in store.names]
    ages, genders, races = zip(*said, strict=True) if said else ((), (), ())
    columns = {
        "archive": store.archive,
        "image": store.names,
        "age": [math.nan if age is None else age for age in ages],
        "gender": genders,
        "race": races,
    }
    return make_table("utkface", columns, len(said))
