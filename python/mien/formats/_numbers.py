"""Numbers in other programs' tables, made in one place: a cell that holds none is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError

__all__ = ["as_numbers", "number_column", "number_of", "whole_numbers"]


def as_numbers(
    source: Path,
    frame: pd.DataFrame,
    wanted: Callable[[str], object] | Iterable[str],
    decimal: str = ".",
) -> pd.DataFrame:
    """The table with columns of numbers where numbers belong.

    Parameters
    ----------
    source : Path
    frame : pandas.DataFrame
        Columns as they were inferred.
    wanted : callable or iterable of str
        Columns that hold numbers; those that aren't there are no matter.
    decimal : str
        Decimal mark of numbers that are text still.

    Raises
    ------
    InputError
        A cell that is neither a number nor missing.
    """
    is_wanted = wanted if callable(wanted) else set(wanted).__contains__
    made: dict[str, Any] = {}
    for name in map(str, frame):
        if is_wanted(name) and not _is_number(frame[name].dtype):
            made[name] = number_column(source, name, frame[name], decimal)
    return frame.assign(**made) if made else frame


def number_column(source: Path, name: str, cells: Any, decimal: str = ".") -> pd.Series[Any]:
    """One column, as `as_numbers` makes each; raises `InputError` as it does."""
    column: pd.Series[Any] = pd.Series(cells)
    if _is_number(column.dtype):
        return column
    return pd.Series(_parsed(source, name, column, decimal), index=column.index)


def _is_number(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in "iuf"


def _parsed(source: Path, name: str, column: pd.Series[Any], decimal: str) -> NDArray[np.float64]:
    values = np.full(len(column), np.nan)
    for row, (cell, missing) in enumerate(zip(column, column.isna(), strict=True)):
        if np.all(missing):
            continue
        number = number_of(cell, decimal)
        if number is None:
            raise InputError(
                f"{source}: column {name}, row {row + 1}: wanted a number, got {str(cell)[:40]!r}"
            )
        values[row] = number
    return values


def number_of(cell: Any, decimal: str = ".") -> float | None:
    """The number that a cell holds; None for a truth value, a list, or text that is none."""
    if isinstance(cell, str):
        # Python's float takes 1_000 and the digits of every script.
        if not cell.isascii() or "_" in cell:
            return None
        cell = cell.replace(decimal, ".")
    elif isinstance(cell, bool | np.bool_) or not isinstance(cell, Real):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def whole_numbers(
    source: Path, name: str, values: Any, found: NDArray[np.bool_] | None = None, bits: int = 53
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whole numbers, and where they are missing.

    Parameters
    ----------
    source : Path
    name : str
        For errors.
    values : array of numbers
    found : bool array, optional
        Rows that count; in the others everything is missing.
    bits : int
        Numbers are below 2 ** `bits`; a float holds all of 53.

    Raises
    ------
    InputError
        A number that is infinite, too large, or not whole.
    """
    numbers = number_column(source, name, values).to_numpy(np.float64, na_value=np.nan)
    missing = np.isnan(numbers)
    if found is not None:
        missing |= ~found
    numbers = np.where(missing, 0, numbers)
    bad = ~(np.abs(numbers) < 2.0**bits) | (numbers != np.round(numbers))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{source}: column {name}, row {row + 1}: wanted a whole number, got {numbers[row]:g}"
        )
    return numbers.astype(np.int64), missing
