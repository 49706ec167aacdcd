"""Correlations between subjects over time or over columns, and of shifted series."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.stats._aligned import Alignment
from mien.stats._masked import LEAST, at_all_shifts, between_all, between_rows, standardized
from mien.stats._resampling import CELLS, Summary, summarize
from mien.table import FaceTable

__all__: list[str] = []


Floats = NDArray[np.float64]
Shifts = NDArray[np.int64] | None


def time_courses(
    table: FaceTable,
    names: Sequence[Hashable],
    aligned: Alignment,
    leave_one_out: bool,
    summary: Summary,
    shifts: Shifts,
) -> tuple[Floats, Floats | None]:
    """Correlations over moments, and those of shifted series.

    (columns, pairs or subjects) and (samples, columns).

    Parameters
    ----------
    shifts : numpy.ndarray, optional
        (samples, subjects) moments that each subject's series is turned by.
    """
    found, null = [], []
    i, j = np.triu_indices(len(aligned.subjects), 1)
    for name in names:
        series = aligned.series(table, name)
        z, known = standardized(series)
        if leave_one_out:
            others, in_others = standardized(_mean_of_others(series))
            found.append(between_rows(z, known, others, in_others))
            sides = (z, known, others, in_others)
            turns = shifts
        else:
            found.append(between_all(z, known)[i, j])
            turns = None
            if shifts is not None:  # a copy of every series for every pair
                sides = (z[i], known[i], z[j], known[j])
                turns = shifts[:, i] - shifts[:, j]
        if turns is not None:
            null.append(summarize(_turned(sides, turns % series.shape[1]), summary))
    return np.stack(found), np.stack(null, axis=1) if null else None


def _mean_of_others(series: Floats) -> Floats:
    """Mean over the first axis of all but each one, of those known; NaN where nobody else is."""
    known = np.isfinite(series)
    filled = np.where(known, series, 0.0)
    total, count = filled.sum(axis=0) - filled, known.sum(axis=0) - known
    out = np.full(series.shape, np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def _turned(sides: tuple[Floats, Floats, Floats, Floats], turns: NDArray[np.int64]) -> Floats:
    """Correlations (samples, pairs) where the first of each pair is turned by some moments."""
    count, moments = sides[0].shape
    out = np.empty((len(turns), count))
    step = max(1, CELLS // moments)
    for start in range(0, count, step):
        part = slice(start, start + step)
        table = at_all_shifts(*(side[part] for side in sides))
        out[:, part] = table[np.arange(len(table)), turns[:, part]]
    return out


def patterns(
    table: FaceTable,
    names: Sequence[Hashable],
    aligned: Alignment,
    leave_one_out: bool,
    summary: Summary,
    shifts: Shifts,
) -> tuple[Floats, Floats | None]:
    """Correlations over columns, and those of shifted series.

    (moments, pairs or subjects) and (samples, moments).
    """
    if len(names) < LEAST:
        raise InputError(
            f"columns: axis='features' correlates over columns and wants {LEAST} or more, "
            f"got {len(names)}"
        )
    # (moments, subjects, columns); a row that misses a column is missing
    cube = np.stack([aligned.series(table, name) for name in names], axis=-1).transpose(1, 0, 2)
    cube = np.where(np.isfinite(cube).all(axis=-1, keepdims=True), cube, np.nan)
    own = _unit(cube)
    others = (
        _unit(_mean_of_others(cube.transpose(1, 0, 2)).transpose(1, 0, 2))
        if leave_one_out
        else None
    )
    found = _pattern_values(own, others)
    if shifts is None:
        return found, None
    when, who = np.arange(len(own))[:, None], np.arange(own.shape[1])
    null = [
        summarize(_pattern_values(own[(when - turn) % len(own), who], others), summary)
        for turn in shifts
    ]
    return found, np.stack(null)


def _unit(cube: Floats) -> Floats:
    """Rows of mean 0 and length 1 along the last axis; NaN where a row is missing or constant."""
    z, _ = standardized(cube)
    length = np.sqrt((z * z).sum(axis=-1, keepdims=True))
    out = np.full(z.shape, np.nan)
    np.divide(z, length, out=out, where=length > 0)
    return out


def _pattern_values(own: Floats, others: Floats | None) -> Floats:
    """(moments, pairs), or (moments, subjects) with the mean of the others."""
    if others is not None:
        return np.asarray(np.clip((own * others).sum(axis=-1), -1.0, 1.0))
    i, j = np.triu_indices(own.shape[1], 1)
    return np.asarray(np.clip((own @ own.transpose(0, 2, 1))[:, i, j], -1.0, 1.0))
