"""Confidence intervals by the bootstrap, by row or by person."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError, OptionError
from mien.metrics.rows import Metric, check_rows

__all__ = ["bootstrap_interval"]


def bootstrap_interval(
    metric: Metric,
    truth: ArrayLike,
    estimate: ArrayLike,
    *,
    persons: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of a metric (Efron & Tibshirani 1993, ch. 13).

    Parameters
    ----------
    metric : callable
        Of truth and estimate, e.g. `mien.metrics.ccc`.
    truth, estimate : array-like (N, ...)
        Rows that belong together.
    persons : array-like (N,), optional
        Who each row shows. Then persons are drawn, each with all of its rows: frames of one face
        are not independent, and an interval by rows would be far too narrow.
    level : float
        Coverage, between 0 and 1.
    resamples : int
        How many times to draw; 1000 gives the second digit of the bounds.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    low, high : float
        NaN where there is nothing to draw from: fewer than two rows or persons, or a metric that
        most resamples leave undefined.

    Raises
    ------
    InputError
        Unequal lengths, or a person missing.
    OptionError
        `level` or `resamples` out of range.

    Examples
    --------
    >>> from mien.metrics import accuracy
    >>> bootstrap_interval(accuracy, [1, 0] * 50, [1, 0] * 40 + [0, 1] * 10)
    (0.72, 0.88)
    """
    if not 0 < level < 1:
        raise OptionError(f"level: wanted between 0 and 1, got {level}")
    if resamples < 1:
        raise OptionError(f"resamples: wanted at least 1, got {resamples}")
    a, b = np.asarray(truth), np.asarray(estimate)
    check_rows(a, b)
    drawn = [metric(a[rows], b[rows]) for rows in _draws(len(a), persons, resamples, seed)]
    defined = [value for value in drawn if not math.isnan(value)]
    if not defined or len(defined) < resamples / 2:
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _draws(
    count: int, persons: ArrayLike | None, resamples: int, seed: int
) -> Iterator[NDArray[np.intp]]:
    """Row numbers of each resample; none where fewer than two units could be drawn."""
    rng = np.random.default_rng(seed)
    members = None if persons is None else _rows_by_person(persons, count)
    units = count if members is None else len(members)
    for _ in range(resamples if units > 1 else 0):
        drawn = rng.integers(0, units, units)
        yield drawn if members is None else np.concatenate([members[i] for i in drawn])


def _rows_by_person(persons: ArrayLike, count: int) -> list[NDArray[np.intp]]:
    who = np.asarray(persons)
    if who.shape != (count,):
        raise InputError(f"persons: wanted one a row ({count},), got the shape {who.shape}")
    codes, names = pd.factorize(who)
    if (codes < 0).any():
        raise InputError(f"persons: {int((codes < 0).sum())} of {count} rows have none")
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
