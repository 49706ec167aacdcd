"""What the readers of other programs' files share.

Every reader gives the six index columns, then mien's columns in its units, then the file's own
columns unchanged. A column that only changes its name or its sign is not kept twice; the provenance
names the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import schema
from mien._core import __version__
from mien.errors import InputError
from mien.formats._numbers import as_numbers, number_column, whole_numbers
from mien.table import STATUS_DTYPE, FaceTable

__all__ = [
    "action_unit",
    "assemble",
    "count_faces",
    "face_index",
    "frame_numbers",
    "integers",
    "require",
]


Values = NDArray[np.float64]


def assemble(
    source: Path,
    program: str,
    *,
    frame: Any,
    found: NDArray[np.bool_],
    time: Any = None,
    inputs: Any = None,
    face: Any = None,
    track: Any = None,
    values: pd.DataFrame,
    own: pd.DataFrame,
    conversions: Sequence[str] = (),
    details: dict[str, Any] | None = None,
) -> FaceTable:
    """A table of another program's results.

    Parameters
    ----------
    source : Path
        The file.
    program : str
        Its name and layout, for the provenance.
    frame : array of int
        Frame numbers, counted from 0.
    found : bool array
        Rows with a face; in others mien's columns become NaN and `status` is ``no_face``.
    time : array of float, optional
        Seconds; NaN by default.
    inputs : array of str or str, optional
        What was analysed; the file's name without its suffix by default.
    face, track : array of int, optional
        Numbers of faces and tracks, missing where there is none.
    values : pandas.DataFrame
        mien's columns.
    own : pandas.DataFrame
        Columns of the file that stay as they are.
    conversions : sequence of str
        What was changed on reading, a sentence each.
    details : dict, optional
        More about the file, into the provenance of the input.
    """
    index = _index(source, inputs, frame, time, face, track, found)
    values = as_numbers(source, values, values.columns).astype(np.float64)
    if not found.all():
        values = values.where(pd.Series(found, index=values.index), np.nan)
    names_in_order: list[str] = sorted((str(name) for name in values), key=_place)
    values = values[names_in_order]
    own = _renamed(own, {*index, *values})
    parts = [part.reset_index(drop=True) for part in (index, values, own)]
    analysed = list(dict.fromkeys(index["input"])) or [source.stem]
    provenance = {
        "mien": __version__,
        "format": program,
        "conversions": list(conversions),
        "inputs": [{"input": name, "file": str(source), **(details or {})} for name in analysed],
    }
    return FaceTable(pd.concat(parts, axis=1), provenance=provenance)


def _index(
    source: Path,
    inputs: Any,
    frame: Any,
    time: Any,
    face: Any,
    track: Any,
    found: NDArray[np.bool_],
) -> pd.DataFrame:
    """The six index columns."""
    rows = len(found)
    inputs = source.stem if inputs is None else inputs
    names = [inputs] * rows if isinstance(inputs, str) else [str(name) for name in inputs]
    index: pd.DataFrame = pd.DataFrame(
        {
            "input": pd.Series(names, dtype="str"),
            "frame": frame_numbers(source, frame),
            "time": np.full(rows, np.nan) if time is None else _times(source, time),
            "face": integers(source, "face", face, found),
            "track": integers(source, "track", track, found),
            "status": pd.Categorical.from_codes(np.where(found, 0, 1), dtype=STATUS_DTYPE),
        }
    )
    return index


def frame_numbers(source: Path, frame: Any) -> NDArray[np.int64]:
    """Numbers of frames, all of them there; raises `InputError` for another cell."""
    numbers, missing = whole_numbers(source, "frame", frame)
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        raise InputError(f"{source}: row {row + 1}: wanted the number of a frame, got none")
    return numbers


def _times(source: Path, time: Any) -> NDArray[np.float64]:
    times: Values = number_column(source, "time", time).to_numpy(np.float64)
    return times


def _renamed(own: pd.DataFrame, taken: set[Any]) -> pd.DataFrame:
    """The file's own columns; those with a name that is taken get ``_raw`` at its end."""
    names: list[str] = []
    used = {str(name) for name in taken}
    for name in map(str, own):
        free = name
        while free in used:
            free += "_raw"
        used.add(free)
        names.append(free)
    renamed: pd.DataFrame = own.set_axis(names, axis=1)
    return renamed


_ORDER = {name: i for i, name in enumerate(schema.standard_columns())}


def _place(name: str) -> tuple[float, str]:
    """Place of a column of mien's in a table: units after the pose, as in an engine's."""
    if name.startswith("AU"):
        return (_ORDER["anger"] - 0.5, ("1" if "_" in name else "0") + name)
    return (_ORDER.get(name, _ORDER["FrameHeight"] - 0.5), "")  # optional ones after the gaze


def integers(source: Path, name: str, values: Any, found: NDArray[np.bool_]) -> Any:
    """Whole numbers that may be missing; all of them where `values` is None."""
    if values is None:
        return pd.arrays.IntegerArray(np.zeros(len(found), np.int32), np.ones(len(found), bool))
    numbers, missing = whole_numbers(source, name, values, found, bits=31)
    return pd.arrays.IntegerArray(numbers.astype(np.int32), missing)


def count_faces(
    frame: Any, found: NDArray[np.bool_], score: Any = None, inputs: Any = None
) -> NDArray[np.float64]:
    """Number the faces of each frame by falling score, or in the order of the rows.

    Rows without a face are NaN.
    """
    rank = np.zeros(len(found)) if score is None else -np.asarray(score, np.float64)
    keys = pd.DataFrame({"frame": np.asarray(frame), "rank": rank, "found": found})
    keys["input"] = "" if inputs is None else np.asarray(inputs)
    order = keys[keys["found"]].sort_values("rank", kind="stable")
    numbers = order.groupby(["input", "frame"], sort=False).cumcount()
    counted: Values = numbers.reindex(keys.index).to_numpy(np.float64)
    return counted


def face_index(label: str, values: pd.Series[Any]) -> NDArray[np.float64]:
    """The number in labels such as ``Person_3``; NaN for any other."""
    text = values.astype("object").where(values.notna(), "").astype("str")
    number = text.str.extract(rf"^{label}_(\d+)$", expand=False)
    numbers: Values = pd.to_numeric(number).to_numpy(np.float64)
    return numbers


def action_unit(name: str) -> str:
    """mien's name of an action unit, given as ``12``, ``AU12``, ``AU1``, ``au_1``."""
    return f"AU{int(''.join(c for c in name if c.isdigit())):02d}"


def require(source: Path, frame: pd.DataFrame, names: Sequence[str], program: str) -> None:
    """Raise `InputError` for a file without the columns that every file of a program has."""
    if missing := [name for name in names if name not in frame]:
        raise InputError(
            f"{source}: not {program}: no column {', '.join(missing)} "
            f"among {list(frame.columns)[:8]}"
        )
