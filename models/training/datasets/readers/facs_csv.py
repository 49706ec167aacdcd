"""The action-unit files of BP4D and BP4D+: one CSV a sequence for occurrence, one a unit for
intensity.

``AUCoding/AU_OCC/F001_T1.csv``: a heading line whose first field stands over the frames and whose
others are action-unit numbers; then frame, 0 or 1 for each unit, 9 where it could not be coded.
``AUCoding/AU_INT/AU12/F001_T1_AU12.csv`` (units 6, 10, 12, 14 and 17): frame, intensity 0 to 5 or
9, no heading. Intensity files may be absent; occurrence files may not.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import one_of, require_matches, whole
from models.training.datasets.readers.record import unit_name

INTENSITY_UNITS = (6, 10, 12, 14, 17)
STRONGEST = 5
UNKNOWN = 9


@dataclass(frozen=True)
class Coding:
    """The codes of one sequence: frames (N,) and, for each table column, N values."""

    person: str
    task: str
    frames: list[int]
    units: dict[str, list[float]]


def codings(dataset: str, root: Path) -> Iterator[Coding]:
    """Read every sequence that has an occurrence file."""
    folder = one_of(dataset, root, ("AUCoding/AU_OCC", "AUCoding/AU-OCC"), "occurrence codes")
    for path in require_matches(dataset, folder, "*_T*.csv", "occurrence codes"):
        person, _, task = path.stem.partition("_")
        frames, units = _occurrence(path)
        for unit in INTENSITY_UNITS:
            known = _intensity(root, path.stem, unit)
            if known is not None:
                units[unit_name(unit)] = [known.get(frame, math.nan) for frame in frames]
        yield Coding(person, task, frames, units)


def _occurrence(path: Path) -> tuple[list[int], dict[str, list[float]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        numbers = [whole(path, 1, field.upper().removeprefix("AU"), 0, 99) for field in header[1:]]
        if not numbers:
            raise DamagedFileError(path, 1, f"wanted a heading of action units, got {header}")
        names = [unit_name(number, present=True) for number in numbers]
        frames: list[int] = []
        units: dict[str, list[float]] = {name: [] for name in names}
        for fields in rows:
            line = rows.line_num
            if len(fields) != len(header):
                raise DamagedFileError(
                    path, line, f"wanted {len(header)} fields, got {len(fields)}"
                )
            frames.append(whole(path, line, fields[0], 0, 10**7))
            for name, field in zip(names, fields[1:], strict=True):
                code = whole(path, line, field, 0, UNKNOWN)
                if code not in (0, 1, UNKNOWN):
                    raise DamagedFileError(path, line, f"wanted 0, 1 or {UNKNOWN}, got {field!r}")
                units[name].append(math.nan if code == UNKNOWN else code)
    return frames, units


def _intensity(root: Path, stem: str, unit: int) -> dict[int, float] | None:
    for name in ("AU_INT", "AU-INT"):
        path = root / "AUCoding" / name / f"AU{unit:02d}" / f"{stem}_AU{unit:02d}.csv"
        if path.exists():
            break
    else:
        return None
    known: dict[int, float] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        for fields in rows:
            line = rows.line_num
            if len(fields) != 2:
                raise DamagedFileError(path, line, f"wanted frame,intensity, got {fields}")
            code = whole(path, line, fields[1], 0, UNKNOWN)
            if STRONGEST < code < UNKNOWN:
                raise DamagedFileError(path, line, f"wanted 0 to 5 or {UNKNOWN}, got {code}")
            frame = whole(path, line, fields[0], 0, 10**7)
            known[frame] = math.nan if code == UNKNOWN else code / STRONGEST
    return known
