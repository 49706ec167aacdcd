"""Summaries of many correlations, their resampling over subjects, and p-values of samples."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__: list[str] = []


Floats = NDArray[np.float64]
Summary = Literal["median", "mean"]
CELLS = 4_000_000  # numbers held at a time


def summarize(values: Floats, summary: Summary) -> Floats:
    """Median, or mean by Fisher's z, of the known correlations along the last axis; NaN of none."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    if summary == "mean":
        with np.errstate(divide="ignore", invalid="ignore"):  # z of a correlation of 1 is infinite
            total = np.arctanh(np.where(known, values, 0.0)).sum(axis=-1)
            mean = np.tanh(total / np.maximum(count, 1))
        return np.where(count > 0, mean, np.nan)
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    if known.all():
        return np.asarray(np.median(values, axis=-1))
    ordered = np.sort(values, axis=-1)  # NaN goes to the end
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, values.shape[-1] - 1)
    middle = [np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in (low, high)]
    return np.where(count > 0, (middle[0] + middle[1]) / 2, np.nan)


def bootstrap(
    values: Floats, draws: NDArray[np.int64], leave_one_out: bool, summary: Summary
) -> Floats:
    """Summaries of drawn subjects, (samples, rows of values).

    Parameters
    ----------
    values : numpy.ndarray
        (rows, pairs), pairs in the order of `numpy.triu_indices`; (rows, subjects) for
        leave-one-out.
    draws : numpy.ndarray
        (samples, subjects) numbers of the subjects drawn.
    """
    count = draws.shape[1]
    rows = len(values)
    if leave_one_out:
        square, first, second = values, draws, None
    else:
        square = np.full((rows, count, count), np.nan)  # a subject with itself stays out
        i, j = np.triu_indices(count, 1)
        square[:, i, j] = square[:, j, i] = values
        first, second = draws[:, i], draws[:, j]
    out = np.empty((len(draws), rows))
    step = max(1, CELLS // max(1, rows * first.shape[1]))
    for start in range(0, len(draws), step):
        part = slice(start, start + step)
        drawn = square[:, first[part]] if second is None else square[:, first[part], second[part]]
        out[part] = summarize(drawn, summary).T
    return out


def interval(drawn: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Percentile interval of samples (samples, rows); NaN for rows without any."""
    ends = np.full((2, drawn.shape[1]), np.nan)
    known = np.isfinite(drawn).any(axis=0)
    if known.any():
        wanted = [(1 - confidence) / 2, (1 + confidence) / 2]
        ends[:, known] = np.nanquantile(drawn[:, known], wanted, axis=0)
    return ends[0], ends[1]


def p_value(observed: Floats, null: Floats, alternative: str) -> Floats:
    """Share of samples that are as extreme as the observed value (Phipson & Smyth 2010).

    `null` is (samples, rows); the observed value counts as one of the samples.
    """
    known = np.isfinite(null)
    bar = np.abs(observed) if alternative == "two-sided" else observed
    height = np.abs(null) if alternative == "two-sided" else null
    # Equal ones count, whatever rounding does.
    extreme = np.count_nonzero(known & (np.where(known, height, 0.0) >= bar - 1e-12), axis=0)
    count = known.sum(axis=0)
    return np.where(np.isfinite(observed) & (count > 0), (1 + extreme) / (1 + count), np.nan)
