"""The table that every reader returns: one row per image or video frame.

==================  ==========================================================================
column              holds
==================  ==========================================================================
``archive``         zip file with the image, relative to the root; missing for a plain file
``image``           file or archive member, or video, with forward slashes; missing where the
                    set has labels for an image that it lacks
``frame``           frame of a video, from 0 in decoding order, or row of a CSV that holds the
                    pixels; missing for an image that is a file of its own
``person``          who it is, as far as the set says; rows of one person must stay together
``sequence``        the video or trial a frame belongs to
``split``           "train", "validation" or "test" where the set has official parts
``expression``      one of `EXPRESSIONS`
``AU12`` ...        intensity from 0 to 1: (A to E or 1 to 5) / 5, 0 where coded as absent
``AU12_present`` .. occurrence, 0 or 1, where the set codes occurrence. A unit with this column
                    and none of the former is coded for occurrence only
``valence``         from -1 to 1
``arousal``         from -1 to 1
``age``             years
``gender``          "male" or "female"
``race``            lower case, the set's own words
``landmarks``       (68, 2) float32 x, y in pixels, iBUG order, or None
``boxes``           (K, 4) float32 x0, y0, x1, y1 of the faces in the image, or None
``points``          (K, 5, 2) float32 eyes, nose tip, mouth corners, viewer's left first; NaN
                    where not given; None
``ignored``         (K,) bool faces that neither count as faces nor as background, or None
==================  ==========================================================================

A label that the set does not give is missing (NaN, NA or None), never 0. Action units keep the
numbers of the distribution, two digits at least.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = [
    "COLUMNS",
    "EXPRESSIONS",
    "make_table",
    "occurrence_only",
    "stack",
    "unit_name",
    "units_of",
]

# In the order of the network's head (`models.training.networks.behaviour`; a test holds them
# together).
EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

_TEXT = ("archive", "image", "person", "sequence", "split", "gender", "race")
_NUMBERS = ("valence", "arousal", "age")
_ARRAYS = ("landmarks", "boxes", "points", "ignored")
COLUMNS = (
    "archive",
    "image",
    "frame",
    "person",
    "sequence",
    "split",
    "expression",
    *_NUMBERS,
    "gender",
    "race",
    *_ARRAYS,
)
SPLITS = ("train", "validation", "test")
_UNIT = re.compile(r"AU(\d\d+)(_present)?")


def unit_name(number: int, present: bool = False) -> str:
    """``AU06`` of 6, or ``AU06_present``."""
    return f"AU{number:02d}_present" if present else f"AU{number:02d}"


def units_of(table: pd.DataFrame) -> list[int]:
    """Numbers of the action units that a table has in either form, ascending."""
    found = (_UNIT.fullmatch(column) for column in table.columns)
    return sorted({int(match[1]) for match in found if match})


def occurrence_only(table: pd.DataFrame) -> list[int]:
    """Numbers of the action units that a table codes for occurrence but not for intensity."""
    return [n for n in units_of(table) if unit_name(n) not in table.columns]


def make_table(dataset: str, columns: Mapping[str, Any], length: int) -> pd.DataFrame:
    """Make the table of `length` rows out of whichever columns a set gives.

    Columns left out are missing in every row. Action-unit columns come last, in the order of their
    numbers, and one that no row has a value for is dropped.

    Raises
    ------
    ValueError
        An unknown column, or values outside what the module's table allows: a fault of the reader.
    """
    unknown = [c for c in columns if c not in COLUMNS and not _UNIT.fullmatch(c)]
    if unknown:
        raise ValueError(f"{dataset}: unknown columns: {unknown}")
    index = pd.RangeIndex(length)
    made: dict[str, pd.Series] = {}
    for name in COLUMNS:
        values = columns.get(name)
        if name in _ARRAYS:
            made[name] = pd.Series(_objects(values, length), index, dtype=object)
        elif name == "expression":
            said = _listed(values, length)
            _known_expressions(dataset, said)
            made[name] = pd.Series(pd.Categorical(said, categories=EXPRESSIONS), index)
        elif name in _TEXT:
            made[name] = pd.Series(_listed(values, length), index, dtype="string")
        elif name == "frame":
            made[name] = pd.Series(_listed(values, length), index, dtype="Int64")
        else:
            made[name] = pd.Series(np.nan if values is None else values, index, dtype="float32")
    names = sorted(
        (c for c in columns if _UNIT.fullmatch(c)), key=lambda c: (int(c[2:].split("_")[0]), c)
    )
    for name in names:
        column = pd.Series(columns[name], index, dtype="float32")
        if column.notna().any():
            made[name] = column
    table = pd.DataFrame(made)
    _check(dataset, table)
    return table


def stack(parts: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[dict[str, np.ndarray], int]:
    """Columns of several pieces of a set, one below the other, and the number of rows.

    Each piece is its number of rows and its columns, a text standing for that text in every row.
    A column that a piece lacks is missing there.
    """
    names = dict.fromkeys(name for _, columns in parts for name in columns)
    stacked = {}
    for name in names:
        number = name in _NUMBERS or _UNIT.fullmatch(name)
        kind, missing = (np.float32, np.nan) if number else (object, None)
        pieces = []
        for length, columns in parts:
            values = columns.get(name, missing)
            piece = np.full(length, missing, kind)
            piece[:] = values
            pieces.append(piece)
        stacked[name] = np.concatenate(pieces)
    return stacked, sum(length for length, _ in parts)


def _listed(values: Any, length: int) -> Any:
    if values is None or isinstance(values, str):
        return [values] * length
    return values


def _objects(values: Any, length: int) -> np.ndarray:
    # An object array filled by hand: NumPy would stack arrays of one shape into one block.
    out = np.full(length, None, dtype=object)
    for row, value in enumerate(values if values is not None else ()):
        out[row] = value
    return out


def _known_expressions(dataset: str, values: Any) -> None:
    unknown = {value for value in set(values) if pd.notna(value)} - set(EXPRESSIONS)
    if unknown:
        raise ValueError(f"{dataset}: expression is {min(unknown)!r}, wanted one of {EXPRESSIONS}")


def _check(dataset: str, table: pd.DataFrame) -> None:
    limits = {"valence": (-1, 1), "arousal": (-1, 1), "age": (0, 130)}
    limits |= {c: (0, 1) for c in table.columns if _UNIT.fullmatch(c)}
    for name, (low, high) in limits.items():
        bad = table[name][(table[name] < low) | (table[name] > high)]
        if len(bad):
            raise ValueError(
                f"{dataset}: {name} of row {bad.index[0]} is {bad.iloc[0]}, wanted {low} to {high}"
            )
    for name, allowed in (("split", SPLITS), ("gender", ("male", "female"))):
        bad = table[name].dropna()
        bad = bad[~bad.isin(allowed)]
        if len(bad):
            raise ValueError(f"{dataset}: {name} is {bad.iloc[0]!r}, wanted one of {allowed}")
