"""Smoothing of recorded tables: Savitzky-Golay, and the one-euro filter run over rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.preprocess._timing import require_positive, same_gaps, seconds, time_runs
from mien.preprocess.columns import (
    Columns,
    as_table,
    float_dtype,
    in_blocks,
    matrix,
    record,
    value_columns,
    with_values,
)
from mien.preprocess.one_euro import OneEuroFilter
from mien.preprocess.sessions import sessions_of
from mien.table import FaceTable

__all__ = ["one_euro", "smooth"]


Floats = NDArray[np.float64]
EVEN = 2e-2  # of a step: times that differ by less are evenly spaced for a polynomial fit


def smooth(
    table: FaceTable,
    window: float = 0.5,
    order: int = 2,
    derivative: int = 0,
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Savitzky-Golay smoothing over true time, without delay.

    Each value becomes that of a polynomial fitted to its neighbours.

    The window is that many seconds of rows (an odd number of them, at the usual rate); the
    polynomial is fitted to their true times, so a varying frame rate is no harm. Near an end the
    window is the first or last whole one, as with SciPy's ``mode="interp"``. Each stretch between
    gaps is handled on its own; one shorter than the window is fitted as a whole, and becomes NaN
    where it has no more rows than `order`.

    Parameters
    ----------
    table : FaceTable
    window : float, optional
        Seconds.
    order : int, optional
        Degree of the polynomials.
    derivative : int, optional
        1 for the speed of change per second, 2 for acceleration; 0 for the value.
    ignore_sessions, sampling_rate, columns
        As for `clean`.

    Returns
    -------
    FaceTable
        The same rows and columns.

    Raises
    ------
    OptionError
        A window too short for the order, or an order or derivative below 0.
    InputError
        No time, or time that doesn't rise within a session.
    """
    table = as_table(table)
    require_positive("window", window, "seconds")
    if order < 0 or not 0 <= derivative <= max(order, 0):
        raise OptionError(
            f"order, derivative: wanted 0 <= derivative <= order, got {derivative} and {order}"
        )
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    times = seconds(table, sessions, sampling_rate)

    def smoothed(signals: Floats) -> Floats:
        out = np.full_like(signals, np.nan)
        for rows in sessions.rows():
            out[:, rows] = _smooth_session(signals[:, rows], times[rows], window, order, derivative)
        return out

    return record(
        with_values(table, names, in_blocks(table, names, smoothed)),
        "smooth",
        window=window,
        order=order,
        derivative=derivative,
    )


def _smooth_session(x: Floats, times: Floats, window: float, order: int, derivative: int) -> Floats:
    out = np.full_like(x, np.nan)
    if len(times) < 2:
        return x.copy() if order == 0 else out
    usual = float(np.median(np.diff(times)))
    # The odd number of rows nearest to the window.
    length = 2 * int(np.floor(window / usual / 2)) + 1
    if length <= order:
        raise OptionError(
            f"window: {window:g} s are {length} rows at {1 / usual:.4g} Hz; "
            f"order {order} needs more than {order}"
        )
    for members, present in same_gaps(x):
        numbers = np.arange(len(x))[members]
        known = np.arange(len(times)) if present is None else np.flatnonzero(present)
        for run in time_runs(times[known], usual):
            own = known[run]
            size = min(length, len(own))
            if size > order:
                part = x[np.ix_(numbers, own)]
                out[np.ix_(numbers, own)] = _fitted(part, times[own], size, order, derivative)
    return out


def _fitted(x: Floats, times: Floats, length: int, order: int, derivative: int) -> Floats:
    """Local polynomials over `length` rows around each.

    At the ends the first and last windows stand in.
    """
    steps = np.diff(times)
    mean = float(steps.mean()) if steps.size else 1.0
    if length % 2 and np.abs(steps - mean).max(initial=0) < EVEN * mean:
        from scipy.signal import savgol_filter

        smoothed = savgol_filter(x, length, order, deriv=derivative, delta=mean, axis=1)
        return np.asarray(smoothed)
    count = x.shape[1]
    start = np.clip(np.arange(count) - length // 2, 0, count - length)
    weights = _weights(times, start, length, order, derivative)
    out = np.zeros_like(x)
    for offset in range(length):
        out += weights[:, offset] * x[:, start + offset]
    return out


def _weights(
    times: Floats, start: NDArray[np.intp], length: int, order: int, derivative: int
) -> Floats:
    """(rows, length): what each row of the window counts in a row's fitted value."""
    neighbours = start[:, np.newaxis] + np.arange(length)
    scale = float(times[-1] - times[0]) / max(
        len(times) - 1, 1
    )  # seconds a row: keeps powers near 1
    away = (times[neighbours] - times[:, np.newaxis]) / scale
    powers = away[:, :, np.newaxis] ** np.arange(order + 1)
    # The polynomial's coefficient of the derivative's power at the row itself, times its factorial.
    coefficients = np.linalg.pinv(powers)[:, derivative, :]
    factorial = float(np.prod(np.arange(1, derivative + 1)))
    weights: Floats = coefficients * factorial / scale**derivative
    return weights


def one_euro(
    table: FaceTable,
    min_cutoff: float = 1.0,
    beta: float = 0.0,
    d_cutoff: float = 1.0,
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """`OneEuroFilter` over the rows of each session: what it would have given live.

    For recordings `smooth` is the better choice, for it doesn't lag. A loop over rows: about 20
    microseconds each.

    Parameters
    ----------
    table : FaceTable
    min_cutoff, beta, d_cutoff : float, optional
        As for `OneEuroFilter`.
    ignore_sessions, sampling_rate, columns
        As for `clean`.

    Returns
    -------
    FaceTable
        The same rows and columns.

    Raises
    ------
    OptionError, InputError
        As for `OneEuroFilter` and `smooth`.
    """
    table = as_table(table)
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    times = seconds(table, sessions, sampling_rate)
    values = matrix(table, names, np.float64)
    done = np.full(values.shape, np.nan, float_dtype(table, names))
    for rows in sessions.rows():
        live = OneEuroFilter(min_cutoff, beta, d_cutoff)
        for row in np.arange(len(table))[rows]:
            done[row] = live(values[row], float(times[row]))
    return record(
        with_values(table, names, done),
        "one_euro",
        min_cutoff=min_cutoff,
        beta=beta,
        d_cutoff=d_cutoff,
    )
