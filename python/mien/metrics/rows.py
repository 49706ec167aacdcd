"""Pairs of inputs of equal length, without the rows in which either is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError

__all__ = ["complete_pairs"]

Floats = NDArray[np.float64]
Rows = NDArray[Any]
Metric = Callable[[Rows, Rows], float]
"""What is computed of truth and estimate; rows may be numbers, labels or whole sets of points."""


def complete_pairs(truth: ArrayLike, estimate: ArrayLike) -> tuple[Rows, Rows, int]:
    """Rows in which neither side is missing.

    Parameters
    ----------
    truth, estimate : array-like (N,)
        Numbers or labels.

    Returns
    -------
    truth, estimate : ndarray (M,)
        Their rows without NaN, None or NA.
    dropped : int
        N - M.

    Raises
    ------
    InputError
        Not two vectors of one length.

    Examples
    --------
    >>> complete_pairs([1.0, 2.0, float("nan")], [1.0, 3.0, 4.0])[2]
    1
    """
    a, b = vector(truth, "truth"), vector(estimate, "estimate")
    check_rows(a, b)
    keep = ~(pd.isna(a) | pd.isna(b))
    return _plain(a[keep]), _plain(b[keep]), int((~keep).sum())


def number_pairs(truth: ArrayLike, estimate: ArrayLike) -> tuple[Floats, Floats]:
    """Complete pairs as float64."""
    a, b, _ = complete_pairs(truth, estimate)
    return as_floats(a, "truth"), as_floats(b, "estimate")


def vector(values: ArrayLike, name: str) -> Rows:
    """Values as an array (N,), or an `InputError` for any other shape."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise InputError(f"{name}: wanted a vector (N,), got the shape {array.shape}")
    return array


def check_rows(truth: Rows, other: Rows, name: str = "estimate") -> None:
    """Raise `InputError` for inputs of unequal length."""
    if len(truth) != len(other):
        raise InputError(f"truth and {name} differ in length: {len(truth)} and {len(other)} rows")


def as_floats(array: Rows, name: str) -> Floats:
    """Numbers as float64, or an `InputError` for anything else."""
    if array.dtype.kind not in "fiub" and len(array):
        raise InputError(f"{name}: wanted numbers, got {array.dtype} such as {array[0]!r}")
    return array.astype(np.float64)


def _plain(array: Rows) -> Rows:
    """An array of objects as one of its values' own type."""
    return np.array(array.tolist()) if array.dtype == object else array
