"""Columns of a table as arrays: action units, or columns that must be there."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError

__all__ = ["labels", "matrix", "unit_name", "units"]


def unit_name(number: int) -> str:
    """``AU04`` for 4."""
    return f"AU{number:02d}"


def labels(code: NDArray[Any], names: Sequence[str], index: pd.Index) -> pd.Series:
    """Names as a categorical column on `index`; a code of -1 is missing."""
    made = pd.Categorical.from_codes(code.astype(np.int64), pd.Index(list(names), dtype="str"))
    column: pd.Series = pd.Series(made, index=index)
    return column


def matrix(table: pd.DataFrame, names: Sequence[Hashable], why: str) -> NDArray[np.float64]:
    """Columns as an array (N, len(names)), missing values NaN.

    Raises
    ------
    InputError
        A column isn't there or holds no numbers.
    """
    absent = [str(name) for name in names if name not in table.columns]
    if absent:
        raise InputError(f"{why} needs the columns {', '.join(absent)}, which the table lacks")
    values = np.empty((len(table), len(names)), order="F")  # each column in one piece of memory
    try:
        for i, name in enumerate(names):
            values[:, i] = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        return values
    except (TypeError, ValueError) as error:
        raise InputError(f"{why} needs numbers in {', '.join(map(str, names))}: {error}") from error


def units(
    table: pd.DataFrame, numbers: Iterable[int], why: str
) -> tuple[list[int], NDArray[np.float64]]:
    """Those of the units that the table has, ascending, and their values (N, U).

    A unit without a whole column is the larger of its two sides.

    Raises
    ------
    InputError
        The table has none of them.
    """
    found: list[int] = []
    values: list[NDArray[np.float64]] = []
    for number in sorted(set(numbers)):
        name = unit_name(number)
        sides = [f"{name}_{side}" for side in "LR"]
        if name in table.columns:
            values.append(matrix(table, [name], why)[:, 0])
        elif all(side in table.columns for side in sides):
            values.append(matrix(table, sides, why).max(axis=1))
        else:
            continue
        found.append(number)
    if not found:
        raise InputError(f"{why} needs action units (columns such as AU12), and the table has none")
    return found, np.column_stack(values)
