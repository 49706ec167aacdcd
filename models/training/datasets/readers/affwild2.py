"""Aff-Wild2 (Kollias & Zafeiriou 2019) as the ABAW competitions distribute it.

``annotations/<challenge>/<Train_Set|Validation_Set>/<video>.txt``, one line per frame under a
heading:

- ``VA_Estimation_Challenge``: ``valence,arousal``; -5 is missing.
- ``EXPR_Recognition_Challenge`` (``EXPR_Classification_Challenge`` in some years): the heading
  names the classes in the order of their numbers; -1 is missing, and so is "Other", which is none
  of the seven.
- ``AU_Detection_Challenge``: the heading names the units; 0, 1, -1 is missing.

Line n is frame n. Images are ``cropped_aligned/<video>/00001.jpg``, where a frame without a face
has none (its row keeps ``image`` missing), or, with ``images="video"``, frames of
``batch*/<video>.mp4``; ``_left`` and ``_right`` after a video's name tell its two people apart and
are taken off for the file.

The challenges split the videos each in its own way: a row has the labels of those challenges that
put its video into the row's split, and one frame may have a row in both. Persons are not
distributed; a video (and side) stands for one, so that one person in two videos counts as two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError, MissingFileError
from models.training.datasets.readers.files import images_in, lines, number, require_folder, whole
from models.training.datasets.readers.record import EXPRESSIONS, make_table, stack, unit_name

SPLITS = {"Train_Set": "train", "Validation_Set": "validation"}
Rows = dict[str, list]


def _affect(path: Path, rows: list[tuple[int, str]], header: list[str]) -> Rows:
    if header != ["valence", "arousal"]:
        raise DamagedFileError(path, 1, f"wanted valence,arousal, got {','.join(header)}")
    out: Rows = {"valence": [], "arousal": []}
    for line, text in rows:
        fields = text.split(",")
        if len(fields) != 2:
            raise DamagedFileError(path, line, f"wanted valence,arousal, got {text!r}")
        values = [number(path, line, field, -5, 1) for field in fields]
        if -5 in values:
            values = [math.nan, math.nan]
        elif min(values) < -1:
            raise DamagedFileError(path, line, f"wanted -1 to 1 or -5, got {text!r}")
        out["valence"].append(values[0])
        out["arousal"].append(values[1])
    return out


def _expression(path: Path, rows: list[tuple[int, str]], header: list[str]) -> Rows:
    if not set(EXPRESSIONS) <= set(header) <= {*EXPRESSIONS, "other"}:
        raise DamagedFileError(path, 1, f"wanted names of expressions, got {','.join(header)}")
    order = [name if name in EXPRESSIONS else None for name in header]
    codes = [whole(path, line, text, -1, len(order) - 1) for line, text in rows]
    return {"expression": [order[code] if code >= 0 else None for code in codes]}


def _units(path: Path, rows: list[tuple[int, str]], header: list[str]) -> Rows:
    numbers = [whole(path, 1, field.removeprefix("au"), 1, 99) for field in header]
    out: Rows = {unit_name(n, present=True): [] for n in numbers}
    for line, text in rows:
        fields = text.split(",")
        if len(fields) != len(out):
            raise DamagedFileError(path, line, f"wanted {len(out)} codes, got {len(fields)}")
        for column, field in zip(out.values(), fields, strict=True):
            code = whole(path, line, field, -1, 1)
            column.append(math.nan if code < 0 else code)
    return out


CHALLENGES: dict[tuple[str, ...], Callable[[Path, list[tuple[int, str]], list[str]], Rows]] = {
    ("VA_Estimation_Challenge",): _affect,
    ("EXPR_Recognition_Challenge", "EXPR_Classification_Challenge"): _expression,
    ("AU_Detection_Challenge",): _units,
}


def read(root: Path, images: str = "cropped_aligned") -> pd.DataFrame:
    """Read the set from its folder; `images` is "cropped_aligned" or "video"."""
    finders = {"cropped_aligned": _cropped, "video": _video}
    if images not in finders:
        raise ValueError(f"affwild2: images is {images!r}, wanted one of {list(finders)}")
    folder = require_folder("affwild2", root / "annotations", "annotations")
    labels = _labels(folder)
    parts = []
    for (split, video), said in labels.items():
        length = max(len(values) for columns in said for values in columns.values())
        files, frames = finders[images](root, video, length)
        columns = {"image": files, "person": video, "sequence": video, "split": split}
        columns |= {"frame": frames} if frames is not None else {}
        columns |= {n: _filled(n, v, length) for rows in said for n, v in rows.items()}
        parts.append((length, columns))
    return make_table("affwild2", *stack(parts))


def _filled(name: str, values: list, length: int) -> list:
    # The challenges' files of one video differ by a frame or two at its end.
    missing = None if name == "expression" else math.nan
    return values + [missing] * (length - len(values))


def _labels(folder: Path) -> dict[tuple[str, str], list[Rows]]:
    labels: dict[tuple[str, str], list[Rows]] = {}
    for names, parse in CHALLENGES.items():
        for challenge in names:
            for part, split in SPLITS.items():
                for path in sorted((folder / challenge / part).glob("*.txt")):
                    rows = list(lines(path))
                    if not rows:
                        raise DamagedFileError(path, 1, "wanted a heading, got an empty file")
                    header = [field.strip().lower() for field in rows[0][1].split(",")]
                    said = parse(path, rows[1:], header)
                    labels.setdefault((split, path.stem), []).append(said)
    if not labels:
        wanted = folder / "<challenge>" / "<Train_Set|Validation_Set>"
        raise MissingFileError("affwild2", wanted, "annotation files")
    return labels


def _cropped(root: Path, video: str, length: int) -> tuple[list[str | None], None]:
    place = f"cropped_aligned/{video}"
    folder = require_folder("affwild2", root / place, "images of an annotated video")
    have = {Path(name).stem: name for name in images_in(folder)}
    stems = (f"{frame:05d}" for frame in range(1, length + 1))
    return [f"{place}/{have[stem]}" if stem in have else None for stem in stems], None


def _video(root: Path, video: str, length: int) -> tuple[list[str | None], np.ndarray]:
    stem = video.removesuffix("_left").removesuffix("_right")
    found = sorted(p for p in root.glob("batch*/*") if p.stem == stem)
    if not found:
        raise MissingFileError("affwild2", root / "batch*" / f"{stem}.*", "video")
    return [found[0].relative_to(root).as_posix()] * length, np.arange(length)
