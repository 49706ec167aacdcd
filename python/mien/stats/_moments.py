"""Count, mean and variance of the known values of many columns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.preprocess.columns import blocks, matrix
from mien.table import FaceTable

__all__: list[str] = []


Floats = NDArray[np.float64]
Rows = slice | NDArray[np.intp]


@dataclass(frozen=True)
class Moments:
    """Count, mean and variance (over n - 1) of the known values of each column, (columns,) each.

    The variance of a single value is NaN.
    """

    n: Floats
    mean: Floats
    var: Floats

    @property
    def squares(self) -> Floats:
        """Sum of squares about the mean: 0 of a single value, NaN of none."""
        return np.where(self.n == 1, 0.0, (self.n - 1) * self.var)


def over(a: ArrayLike, b: ArrayLike) -> Floats:
    """a / b, NaN where b is not above 0."""
    top, bottom = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    out: Floats = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
    return out


def root_over(var: Floats, n: Floats) -> Floats:
    """Standard error of a mean."""
    return np.sqrt(over(var, n))


def describe(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, mean and variance of the known values of `values` (signals, rows).

    A constant signal's variance is exactly 0.
    """
    known = np.isfinite(values)
    n = known.sum(axis=1).astype(np.float64)
    # Measured from a value of its own, a constant is zeros throughout, and large numbers lose no
    # digits.
    first = known.argmax(axis=1)[:, None] if values.shape[1] else np.empty((len(values), 0), int)
    origin = np.take_along_axis(values, first, axis=1).sum(axis=1)
    origin = np.where(n > 0, origin, 0.0)
    shifted = values - origin[:, None]
    if not known.all():
        shifted[~known] = 0.0
    offset = over(shifted.sum(axis=1), n)
    shifted -= offset[:, None]
    if not known.all():
        shifted[~known] = 0.0
    var = over(np.einsum("ij,ij->i", shifted, shifted), n - 1)
    return n, origin + offset, var


def moments_of(
    table: FaceTable, names: Sequence[Hashable], groups: Sequence[Rows]
) -> list[Moments]:
    """Moments of each column in each group of rows."""
    found: list[list[tuple[Floats, Floats, Floats]]] = [[] for _ in groups]
    for part in blocks(names):
        values = matrix(table, part)
        for rows, parts in zip(groups, found, strict=True):
            parts.append(describe(np.array(values[rows].T, np.float64, order="C")))
    return [
        Moments(*(np.concatenate([part[i] for part in parts]) for i in range(3))) for parts in found
    ]


def paired_moments(
    table: FaceTable, names: Sequence[Hashable], first: NDArray[np.intp], second: NDArray[np.intp]
) -> tuple[Floats, ...]:
    """Means of both sides and of the difference, count and variance of the difference."""
    values = matrix(table, names, np.float64)
    a, b = values[first].T.copy(), values[second].T.copy()
    gone = ~(np.isfinite(a) & np.isfinite(b))
    a[gone] = b[gone] = np.nan
    n, mean, var = describe(a - b)
    return describe(a)[1], describe(b)[1], mean, n, var
