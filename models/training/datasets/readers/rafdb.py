"""RAF-DB, the basic-expression part (Li, Deng & Du 2017).

``EmoLabel/list_patition_label.txt`` (spelt so) has a line ``train_00001.jpg 5`` per image: 1
surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral. Images: ``Image/aligned/
train_00001_aligned.jpg`` or, with ``images="original"``, ``Image/original/train_00001.jpg``. Where
``Annotation/manual`` is unpacked, gender and race come from ``train_00001_manu_attri.txt``: five
lines of points, then gender (0 male, 1 female, 2 unsure) and race (0 Caucasian, 1 African-American,
2 Asian). Its ages are five ranges, which are no years, and are left out. Nobody is named.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import lines, one_of, whole
from models.training.datasets.readers.record import make_table

ORDER = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")  # from 1
GENDERS = ("male", "female", None)
RACES = ("caucasian", "african-american", "asian")
NAMES = {"aligned": "Image/aligned/{}_aligned.jpg", "original": "Image/original/{}.jpg"}


def read(root: Path, images: str = "aligned") -> pd.DataFrame:
    """Read the set from its folder; `images` is "aligned" or "original"."""
    if images not in NAMES:
        raise ValueError(f"rafdb: images is {images!r}, wanted one of {list(NAMES)}")
    path = one_of("rafdb", root, ("EmoLabel/list_patition_label.txt",), "list of labels")
    columns: dict[str, list] = {c: [] for c in ("image", "split", "expression")}
    stems = []
    for line, text in lines(path):
        fields = text.split()
        if len(fields) != 2:
            raise DamagedFileError(path, line, f"wanted a name and a label, got {text!r}")
        stem = fields[0].removesuffix(".jpg")
        split = stem.split("_")[0]
        if split not in ("train", "test"):
            raise DamagedFileError(path, line, f"wanted train_... or test_..., got {fields[0]!r}")
        stems.append(stem)
        columns["image"].append(NAMES[images].format(stem))
        columns["split"].append(split)
        columns["expression"].append(ORDER[whole(path, line, fields[1], 1, len(ORDER)) - 1])
    if (root / "Annotation" / "manual").is_dir():
        said = [_attributes(root, stem) for stem in stems]
        columns["gender"], columns["race"] = ([pair[i] for pair in said] for i in range(2))
    return make_table("rafdb", columns, len(stems))


def _attributes(root: Path, stem: str) -> tuple[str | None, str]:
    path = one_of("rafdb", root, (f"Annotation/manual/{stem}_manu_attri.txt",), "attributes")
    rows = list(lines(path))
    if len(rows) != 8:
        raise DamagedFileError(path, None, f"wanted 8 lines, got {len(rows)}")
    gender, race = (
        options[whole(path, line, text, 0, len(options) - 1)]
        for (line, text), options in zip(rows[5:7], (GENDERS, RACES), strict=True)
    )
    return gender, race
