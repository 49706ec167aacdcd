"""Names of parts, which say the part's place, its run and its frames; and the parts of a folder
that follow one another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien.errors import InputError
from mien.formats.tables import read_pieces
from mien.table import FaceTable

__all__ = ["Part", "consecutive_parts", "part_path", "read_part"]


_NAME = re.compile(r"(\d{6,})\.([0-9a-f]{8})\.(\d+)-(\d+)\.parquet")


@dataclass(frozen=True)
class Part:
    """A part by its name.

    Attributes
    ----------
    path : Path
    number : int
        Its place, from 0.
    run : str
        The run that began the table; one that goes on with its parts keeps it.
    first, last : int
        Frames it begins and ends with.
    """

    path: Path
    number: int
    run: str
    first: int
    last: int


def part_path(folder: Path, number: int, run: str, table: FaceTable) -> Path:
    """Where the part of these rows belongs."""
    frame = table["frame"]
    return folder / f"{number:06d}.{run}.{frame.min()}-{frame.max()}.parquet"


def consecutive_parts(folder: Path) -> list[Part]:
    """The parts of one run, from the first on as far as none is missing; of several runs, which a
    lock keeps from being there together, the one that came farthest.
    """
    runs: defaultdict[str, dict[int, Part]] = defaultdict(dict)
    for part in _parts(folder):
        runs[part.run][part.number] = part
    chains = [list(_chain(parts)) for parts in runs.values()]
    return max(chains, key=lambda chain: chain[-1].last if chain else -1, default=[])


def _parts(folder: Path) -> Iterator[Part]:
    """In order of name; of two for one place, the later is taken."""
    for path in sorted(folder.glob("*.parquet")):
        if match := _NAME.fullmatch(path.name):
            number, run, first, last = match.groups()
            yield Part(path, int(number), run, int(first), int(last))


def _chain(parts: dict[int, Part]) -> Iterator[Part]:
    before = -1
    for number in range(len(parts)):
        part = parts.get(number)
        if part is None or part.first <= before or not part.path.is_file():
            return
        yield part
        before = part.last


def read_part(part: Part, columns: list[str]) -> FaceTable:
    """Some columns of a part, all of which is read, so that damage anywhere in it shows.

    Raises
    ------
    InputError
        It is damaged, or not of the frames that its name says.
    """
    pieces = [piece for piece in read_pieces(part.path) if len(piece)]
    frames = [frame for piece in pieces for frame in (piece["frame"].min(), piece["frame"].max())]
    if not frames or (min(frames), max(frames)) != (part.first, part.last):
        got = f"{min(frames)} to {max(frames)}" if frames else "none"
        raise InputError(f"{part.path}: wanted frames {part.first} to {part.last}, got {got}")
    rows = pd.concat([piece[columns] for piece in pieces], ignore_index=True)
    return FaceTable(rows, provenance=pieces[0].provenance)
