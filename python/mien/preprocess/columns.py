"""The signals among a table's columns, and tables with new numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray
from pandas.api.extensions import ExtensionDtype

from mien import schema
from mien.errors import InputError
from mien.table import FaceTable, Provenance

__all__ = ["VALUE_GROUPS", "Columns", "record", "value_columns"]


VALUE_GROUPS = tuple(group for group in schema.MEASURED_GROUPS if group != "faceboxes")
"""Groups whose numbers are signals. Boxes, times, identities and design columns are carried along
as they are.
"""

Columns = str | Sequence[Hashable] | None
"""Choice of columns: None for all values, or names of columns and groups."""


def is_real(dtype: np.dtype[Any] | ExtensionDtype) -> bool:
    """Whether a column's type is one of real numbers, truth values not among them."""
    return (
        pd.api.types.is_numeric_dtype(dtype)
        and not pd.api.types.is_bool_dtype(dtype)
        and not pd.api.types.is_complex_dtype(dtype)
    )


def value_columns(table: pd.DataFrame, columns: Columns = None) -> list[Hashable]:
    """Names of the columns to work on, in the order of the table.

    Parameters
    ----------
    table : FaceTable
    columns : str or sequence of str, optional
        Columns and groups (``"aus"``), any numeric column among them. By default the numeric
        columns of `VALUE_GROUPS`, features made of them (``mean_AU12``) included.

    Raises
    ------
    InputError
        A column or group that isn't there, a column that isn't of real numbers, two columns of one
        name, or no column left.
    """
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise InputError(f"table: two columns named {twice!r}; wanted each name once")
    if columns is None:
        names = values_of(table)
        if not names:
            raise InputError(
                f"table: no numeric column of the groups {', '.join(VALUE_GROUPS)}; "
                "name others with columns="
            )
        return names
    groups = {name: schema.group_of(name) for name in table.columns}
    chosen: set[Hashable] = set()
    for entry in [columns] if isinstance(columns, str) else columns:
        if entry in groups:
            if not is_real(table.dtypes[entry]):
                raise InputError(f"column {entry!r}: wanted real numbers, got {table[entry].dtype}")
            chosen.add(entry)
            continue
        of_group = [n for n, g in groups.items() if g == entry and is_real(table.dtypes[n])]
        if not of_group:
            raise InputError(f"table: no column or group {entry!r}; it has {_shown(table)}")
        chosen.update(of_group)
    if not chosen:
        raise InputError("columns: wanted one or more names, got none")
    return [name for name in table.columns if name in chosen]


def values_of(table: pd.DataFrame) -> list[Hashable]:
    """The values of a table, of which there may be none."""
    return [
        name
        for name in table.columns
        if schema.group_of(name) in VALUE_GROUPS and is_real(table.dtypes[name])
    ]


def _shown(table: pd.DataFrame) -> str:
    groups = {schema.group_of(name) for name in table.columns} & set(VALUE_GROUPS)
    names = ", ".join(map(str, table.columns[:8])) + (", ..." if table.shape[1] > 8 else "")
    return f"the groups {', '.join(sorted(groups)) or 'none'} and the columns {names}"


def as_table(table: pd.DataFrame) -> FaceTable:
    """The table itself, or a FaceTable of a plain DataFrame."""
    if isinstance(table, FaceTable):
        return table
    if isinstance(table, pd.DataFrame):
        return FaceTable(table)
    raise InputError(f"table: wanted a FaceTable or a DataFrame, got {type(table).__name__}")


def float_dtype(table: pd.DataFrame, names: Sequence[Hashable]) -> np.dtype[Any]:
    """float32 where all columns are, else float64."""
    wanted = set(names)
    narrow = all(d == np.float32 for name, d in table.dtypes.items() if name in wanted)
    return np.dtype(np.float32 if narrow else np.float64)


def matrix(
    table: pd.DataFrame, names: Sequence[Hashable], dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """Values (rows, columns) as `float_dtype` says, or as `dtype`; NaN where missing or flagged."""
    wanted = np.dtype(dtype or float_dtype(table, names))
    part = pd.DataFrame(table)[list(names)]
    if all(isinstance(dtype, np.dtype) for dtype in part.dtypes):
        values = np.asarray(part.to_numpy(wanted))
    else:
        values = np.asarray(part.to_numpy(wanted, na_value=np.nan))
    return _without_flagged(table, names, values)


def _without_flagged(
    table: pd.DataFrame, names: Sequence[Hashable], values: NDArray[Any]
) -> NDArray[Any]:
    """Signals of ``low_quality`` rows made missing, unless an earlier step has done that, which may
    have filled them since.
    """
    if "status" not in table or values.dtype.kind != "f" or _is_preprocessed(table):
        return values
    rows = np.flatnonzero((table["status"] == "low_quality").to_numpy())
    is_signal = [schema.group_of(name) in VALUE_GROUPS for name in names]
    signals = np.flatnonzero(is_signal)
    if rows.size and signals.size:
        values = values.copy()
        values[np.ix_(rows, signals)] = np.nan
    return values


def _is_preprocessed(table: pd.DataFrame) -> bool:
    if not isinstance(table, FaceTable):
        return False
    sources = table.provenance.get("sources", [table.provenance])
    return any(source.get("preprocessing") for source in sources)


def blocks(names: Sequence[Hashable], size: int = 16) -> Iterator[Sequence[Hashable]]:
    """Names in lots, so that float64 copies of a long table stay small."""
    for start in range(0, len(names), size):
        yield names[start : start + size]


def signals_of(table: pd.DataFrame, names: Sequence[Hashable]) -> NDArray[np.float64]:
    """A copy of the values as float64 (columns, rows), each signal in one piece of memory."""
    signals = np.empty((len(names), len(table)))
    signals[:] = matrix(table, names).T
    return signals


def in_blocks(
    table: pd.DataFrame,
    names: Sequence[Hashable],
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[Any]:
    """What a function makes of the signals, as (rows, names) of the type `float_dtype` says.

    It gets float64 (signals, rows), a lot of columns at a time, and gives back the same shape.
    """
    done = np.empty((len(table), len(names)), float_dtype(table, names))
    at = 0
    for lot in blocks(names):
        done[:, at : at + len(lot)] = function(signals_of(table, lot)).T
        at += len(lot)
    return done


def with_values(table: FaceTable, names: Sequence[Hashable], values: NDArray[Any]) -> FaceTable:
    """A copy of the table with other values in some columns.

    `values` are (rows, names); all else, and the order of the columns, is kept.
    """
    position = {name: i for i, name in enumerate(names)}
    plain = pd.DataFrame(table)
    parts = []
    for ours, run in groupby(table.columns, key=position.__contains__):
        run_names = list(run)
        if not ours:
            parts.append(plain[run_names])
            continue
        first = position[run_names[0]]
        picked: Any = [position[name] for name in run_names]
        if picked == list(range(first, first + len(picked))):
            picked = slice(first, first + len(picked))  # a view, not a copy
        parts.append(pd.DataFrame(values[:, picked], index=table.index, columns=run_names))
    whole = parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)
    whole.columns = table.columns
    return FaceTable(whole).__finalize__(table)


def record(table: FaceTable, step: str, **options: object) -> FaceTable:
    """Add a step and its options to the provenance, and return the table.

    Where there are several sources, each of them gets it.
    """
    entry = {"step": step, **{k: v for k, v in options.items() if v is not None}}
    edit_sources(
        table, lambda source: {**source, "preprocessing": [*source.get("preprocessing", []), entry]}
    )
    return table


def edit_sources(table: FaceTable, edit: Callable[[Provenance], Provenance]) -> None:
    """Change the provenance of a new table, source by source."""
    provenance = table.provenance
    if "sources" in provenance:
        table.provenance = {**provenance, "sources": [edit(s) for s in provenance["sources"]]}
    else:
        table.provenance = edit(provenance)
