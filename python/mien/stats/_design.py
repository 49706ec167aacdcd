"""From what a caller names as X and y to matrices with named columns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.preprocess.columns import is_real, matrix, value_columns
from mien.table import FaceTable

__all__ = ["Variables"]


Variables: TypeAlias = "str | Sequence[Any] | pd.DataFrame | pd.Series[Any] | NDArray[Any]"
"""Names of columns and groups (``"aus,poses"``, or a list), or numbers: a DataFrame, a Series or an
array, a row for each row.
"""


@dataclass(frozen=True)
class Matrix:
    """Named columns of numbers, (rows, columns); not finite where something is missing."""

    names: list[Hashable]
    values: NDArray[np.float64]


def variables(table: FaceTable, wanted: Variables, role: str) -> Matrix:
    """Columns of the table, or numbers that came beside it.

    Text, categories and truth values become indicators of their levels but the first
    (``news[good]``), which the intercept stands for.

    Raises
    ------
    InputError
        A name that isn't there, another number of rows than the table's, or nothing at all.
    """
    if isinstance(wanted, str):
        named = [wanted] if wanted in table.columns else [p.strip() for p in wanted.split(",")]
        return _join([_named(table, name, role) for name in named], role)
    if isinstance(wanted, list | tuple) and wanted and all(isinstance(e, str) for e in wanted):
        return _join([_named(table, name, role) for name in wanted], role)
    frame = _frame(wanted, len(table), role)
    names: list[Hashable] = list(frame.columns)
    if names and all(is_real(dtype) for dtype in frame.dtypes):
        return _join([Matrix(names, matrix(frame, names, np.float64))], role)
    return _join([_coded(name, frame[name]) for name in names], role)


def labels(table: FaceTable, wanted: Variables, role: str) -> pd.Series[Any]:
    """One column as it is, or a label for each row; as a Series in the order of the rows."""
    if isinstance(wanted, Hashable) and wanted in table.columns:
        column: pd.Series[Any] = pd.DataFrame(table)[wanted].reset_index(drop=True)
        return column
    if isinstance(wanted, str):
        raise InputError(f"{role}: the table has no column {wanted!r}")
    if isinstance(wanted, list | tuple) and len(wanted) == 1 and len(table) != 1:
        return labels(table, wanted[0], role)
    frame = _frame(wanted, len(table), role)
    if frame.shape[1] != 1:
        raise InputError(f"{role}: wanted one column, got {frame.shape[1]}")
    return frame.iloc[:, 0]


def _named(table: FaceTable, name: str, role: str) -> Matrix:
    if name in table.columns:
        return _coded(name, pd.DataFrame(table)[name])
    try:
        names = value_columns(table, [name])
    except InputError as error:
        raise InputError(f"{role}: {error}") from error
    return Matrix(names, matrix(table, names, np.float64))


def _frame(wanted: Variables, rows: int, role: str) -> pd.DataFrame:
    if isinstance(wanted, pd.DataFrame):
        frame = pd.DataFrame(wanted)
    elif isinstance(wanted, pd.Series):
        frame = pd.DataFrame({role if wanted.name is None else wanted.name: wanted})
    else:
        values = np.asarray(wanted)
        if values.ndim == 1:
            frame = pd.DataFrame({role: values})
        elif values.ndim == 2:
            columns = [f"{role}{i + 1}" for i in range(values.shape[1])]
            frame = pd.DataFrame(values, columns=columns, copy=False)
        else:
            raise InputError(
                f"{role}: wanted names of columns or a table, got the shape {values.shape}"
            )
    if len(frame) != rows:
        raise InputError(f"{role}: wanted {rows} rows as the table has, got {len(frame)}")
    numbered: pd.DataFrame = frame.reset_index(drop=True)
    return numbered


def _coded(name: Hashable, column: pd.Series[Any]) -> Matrix:
    dtype = column.dtype
    if is_real(dtype):
        return Matrix([name], column.to_numpy(np.float64, na_value=np.nan)[:, None])
    codes, levels = pd.factorize(column, sort=True)
    if isinstance(dtype, pd.CategoricalDtype):
        levels = dtype.categories
        codes = np.asarray(column.cat.codes)
        used = np.unique(codes[codes >= 0])
        codes, levels = np.where(codes < 0, -1, np.searchsorted(used, codes)), levels[used]
    shown = np.where(codes[:, None] < 0, np.nan, codes[:, None] == np.arange(1, len(levels)))
    return Matrix([f"{name}[{level}]" for level in levels[1:]], shown.astype(np.float64))


def _join(parts: list[Matrix], role: str) -> Matrix:
    names = [name for part in parts for name in part.names]
    if not names:
        raise InputError(f"{role}: no column that varies")
    twice = {str(name) for name in names if names.count(name) > 1}
    if twice:
        raise InputError(f"{role}: {min(twice)} is named twice")
    if len(parts) == 1:
        return Matrix(names, parts[0].values)
    return Matrix(names, np.concatenate([part.values.T for part in parts]).T)
