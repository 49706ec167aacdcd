"""Rates: rows at other times than the camera's, with what would alias removed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess._timing import require_positive, same_gaps, seconds, time_runs
from mien.preprocess.columns import (
    Columns,
    as_table,
    blocks,
    float_dtype,
    matrix,
    record,
    signals_of,
    value_columns,
    with_values,
)
from mien.preprocess.gaps import Method, interpolate_known
from mien.preprocess.sessions import Rows, Sessions, sessions_of
from mien.table import FaceTable

__all__ = ["downsample", "resample", "upsample"]


Floats = NDArray[np.float64]
# Length of the low-pass on each side, in new steps: with the window below, -60 dB from 1.2 times
# the new Nyquist frequency.
FILTER_STEPS = 10
WINDOW = ("kaiser", 6.0)
TOLERANCE = 1e-6  # seconds: times that are the same but for rounding


def resample(
    table: FaceTable,
    rate: float,
    method: Method = "linear",
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Rows evenly spaced in true time, whatever the frame rate was or did.

    New rows lie at the whole multiples of ``1 / rate`` seconds within each session, so the sessions
    of one input share them. Where the new rate is below that of the rows, a low-pass (a windowed
    sinc at half the new rate, without delay) first removes what would alias. Gaps stay gaps: a new
    row in a gap or in a jump of time is NaN, and each stretch between gaps is handled on its own,
    continued at its ends by its point reflection while it is filtered. All other columns come from
    the row nearest in time.

    Parameters
    ----------
    table : FaceTable
    rate : float
        New rows a second.
    method : {"linear", "nearest", "pchip"}, optional
        How values between two rows are found.
    ignore_sessions, sampling_rate, columns
        As for `clean`. Values left out by `columns` come from the nearest row.

    Returns
    -------
    FaceTable
        New rows with a new index; `time` is exact.

    Raises
    ------
    OptionError
        A rate that is not positive, another method.
    InputError
        No time, or time that doesn't rise within a session.

    Examples
    --------
    >>> table = FaceTable({"time": [0.0, 0.11, 0.19, 0.3], "AU12": [0.0, 0.11, 0.19, 0.3]})
    >>> resample(table, 10)["AU12"].round(3).tolist()
    [0.0, 0.1, 0.2, 0.3]
    """
    table = as_table(table)
    require_positive("rate", rate, "Hz")
    interpolate_known(np.zeros((1, 2)), np.arange(2.0), np.zeros(1), method)  # a wrong name raises
    sessions = sessions_of(table, ignore_sessions)
    times = seconds(table, sessions, sampling_rate)
    grids = []
    for rows in sessions.rows():
        own = times[rows]
        if not own.size:
            continue
        first = np.ceil(own[0] * rate - TOLERANCE * rate)
        last = np.floor(own[-1] * rate + TOLERANCE * rate)
        grids.append((rows, np.arange(first, last + 1) / rate))
    return record(
        _at_times(table, value_columns(table, columns), times, grids, method, low_pass=rate / 2),
        "resample",
        rate=rate,
        method=method,
    )


def upsample(
    table: FaceTable,
    target: float,
    target_type: Literal["hz", "seconds", "samples"] = "hz",
    method: Method = "linear",
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """More rows, interpolated in true time.

    Parameters
    ----------
    table : FaceTable
    target : float
        New rows a second (``"hz"``), seconds from row to row (``"seconds"``), or rows in each
        session (``"samples"``), from its first time to its last.
    target_type : {"hz", "seconds", "samples"}, optional
    method, ignore_sessions, sampling_rate, columns
        As for `resample`.

    Returns
    -------
    FaceTable

    Raises
    ------
    OptionError
        Another type, or a target below the rate of the rows.
    InputError
        As for `resample`.
    """
    table = as_table(table)
    _check_type(target_type)
    require_positive("target", target, {"hz": "Hz"}.get(target_type, target_type))
    sessions = sessions_of(table, ignore_sessions)
    times = seconds(table, sessions, sampling_rate)
    grids = []
    for number, rows in enumerate(sessions.rows()):
        own = times[rows]
        if target_type == "samples":
            count = int(target)
            too_few = count < len(own)
            grid = np.linspace(own[0], own[-1], count)
        else:
            rate = target if target_type == "hz" else 1 / target
            too_few = len(own) > 1 and rate < (1 - 1e-3) / float(np.median(np.diff(own)))
            grid = own[0] + np.arange(int((own[-1] - own[0] + TOLERANCE) * rate) + 1) / rate
        if too_few:
            raise OptionError(
                f"target: {target:g} {target_type} is less than {sessions.name(number)} has; "
                "use downsample or resample"
            )
        grids.append((rows, grid))
    done = _at_times(table, value_columns(table, columns), times, grids, method, low_pass=None)
    return record(done, "upsample", target=target, target_type=target_type, method=method)


def downsample(
    table: FaceTable,
    target: float,
    target_type: Literal["hz", "seconds", "samples"] = "hz",
    method: Literal["mean", "median"] = "mean",
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Fewer rows, each the mean or median of a block.

    Simple and robust to gaps; `resample` keeps more of the signal and aliases less.

    Blocks start at the first row of each session; the last may hold fewer rows. Missing rows don't
    count; a block that has none but missing ones is NaN. `time` is the mean time of a block's rows,
    all other columns are those of its first row.

    Parameters
    ----------
    table : FaceTable
    target : float
        New rows a second (``"hz"``), seconds of a block (``"seconds"``), or rows of a block
        (``"samples"``).
    target_type : {"hz", "seconds", "samples"}, optional
    method : {"mean", "median"}, optional
    ignore_sessions, sampling_rate, columns
        As for `resample`. Time is not needed for ``"samples"``.

    Returns
    -------
    FaceTable

    Raises
    ------
    OptionError
        Another type or method, or a target above the rate of the rows.
    InputError
        As for `resample`.

    Examples
    --------
    >>> table = FaceTable({"AU12": [0.0, 0.2, 0.4, 0.6]})
    >>> downsample(table, 2, "samples")["AU12"].round(3).tolist()
    [0.1, 0.5]
    """
    table = as_table(table)
    _check_type(target_type)
    require_positive("target", target, {"hz": "Hz"}.get(target_type, target_type))
    if method not in ("mean", "median"):
        raise OptionError(f"method: wanted 'mean' or 'median', got {method!r}")
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    codes = _block_codes(table, sessions, target, target_type, sampling_rate)
    inside = np.flatnonzero(codes >= 0)
    _, first = np.unique(codes[inside], return_index=True)
    first = inside[first]
    grouped = pd.DataFrame(matrix(table, names)).groupby(np.where(codes < 0, np.nan, codes))
    values = np.asarray(getattr(grouped, method)())
    done = with_values(table.iloc[first].reset_index(drop=True), names, values)
    if "time" in done.columns and pd.api.types.is_numeric_dtype(table["time"]):
        mean = pd.Series(table["time"].to_numpy(float, na_value=np.nan)[inside])
        done["time"] = mean.groupby(codes[inside]).mean().to_numpy()
    return record(done, "downsample", target=target, target_type=target_type, method=method)


def _check_type(target_type: str) -> None:
    if target_type not in ("hz", "seconds", "samples"):
        raise OptionError(f"target_type: wanted 'hz', 'seconds' or 'samples', got {target_type!r}")


def _block_codes(
    table: FaceTable,
    sessions: Sessions,
    target: float,
    target_type: str,
    sampling_rate: float | None,
) -> NDArray[np.intp]:
    """Number of the block of each row, rising with the sessions; -1 for rows of none."""
    codes = np.full(len(table), -1, np.intp)
    if target_type == "samples":
        if int(target) != target:
            raise OptionError(f"target: wanted a whole number of rows, got {target!r}")
        times = seconds(table, sessions, 1.0)
        length = float(target)
    else:
        times = seconds(table, sessions, sampling_rate)
        length = 1 / target if target_type == "hz" else target
    start = 0
    for number, rows in enumerate(sessions.rows()):
        own = times[rows]
        if len(own) > 1 and length < (1 - 1e-3) * float(np.median(np.diff(own))):
            raise OptionError(
                f"target: {target:g} {target_type} is more than {sessions.name(number)} has; "
                "use upsample or resample"
            )
        # Half a millionth of a block forgives the rounding of times that lie on an edge.
        block = ((own - own[:1]) / length + 1e-6).astype(np.intp)
        codes[rows] = start + pd.factorize(block)[0]
        start = int(codes[rows].max(initial=start - 1)) + 1
    return codes


def _at_times(
    table: FaceTable,
    names: Sequence[Hashable],
    times: Floats,
    grids: list[tuple[Rows, Floats]],
    method: str,
    low_pass: float | None,
) -> FaceTable:
    """The table at the new times of each session."""
    if not grids:
        raise InputError("table: no rows to resample")
    nearest, fresh = [], []
    for rows, grid in grids:
        numbers = np.arange(len(table))[rows]
        own = times[rows]
        right = np.searchsorted(own, grid).clip(min(1, len(own) - 1), len(own) - 1)
        left = np.maximum(right - 1, 0)
        nearest.append(numbers[np.where(grid - own[left] <= own[right] - grid, left, right)])
        fresh.append(grid)
    values = np.empty((sum(map(len, fresh)), len(names)), float_dtype(table, names))
    at = 0
    for lot in blocks(names):
        signals = signals_of(table, lot)
        parts = [
            _resampled(signals[:, rows], times[rows], grid, method, low_pass)
            for rows, grid in grids
        ]
        values[:, at : at + len(lot)] = np.concatenate(parts, axis=1).T
        at += len(lot)
    carried = table.iloc[np.concatenate(nearest)].reset_index(drop=True)
    done = with_values(carried, names, values)
    if "time" in done.columns:
        done["time"] = np.concatenate(fresh)
    return done


def _resampled(
    signals: Floats, times: Floats, grid: Floats, method: str, low_pass: float | None
) -> Floats:
    out = np.full((len(signals), len(grid)), np.nan)
    usual = float(np.median(np.diff(times))) if len(times) > 1 else np.inf
    narrow = low_pass is not None and 2 * low_pass * usual < 1 - 1e-3
    for members, present in same_gaps(signals):
        numbers = np.arange(len(signals))[members]
        known = np.arange(len(times)) if present is None else np.flatnonzero(present)
        for run in time_runs(times[known], usual):
            own = known[run]
            t = times[own]
            inside = np.flatnonzero((grid >= t[0] - TOLERANCE) & (grid <= t[-1] + TOLERANCE))
            if not inside.size:
                continue
            x = signals[np.ix_(numbers, own)]
            if narrow and len(own) > 1:
                assert low_pass is not None
                new = _low_passed(x, t, grid[inside], 1 / usual, low_pass)
            else:
                new = interpolate_known(x, t, grid[inside], method)
            out[np.ix_(numbers, inside)] = new
    return out


def _low_passed(x: Floats, times: Floats, at: Floats, rate: float, cutoff: float) -> Floats:
    """Signals at new times, with frequencies above the cut-off removed.

    The filter runs over an even grid of the old rate.
    """
    from scipy.interpolate import CubicSpline
    from scipy.signal import firwin, oaconvolve

    count = max(int(np.rint((times[-1] - times[0]) * rate)), 1) + 1
    even = np.linspace(times[0], times[-1], count)
    # A spline, for straight lines between uneven rows would leave much of a fast wave behind as
    # noise.
    on_grid = CubicSpline(times, x, axis=1)(even)
    half = int(np.ceil(FILTER_STEPS * rate / (2 * cutoff)))
    taps = firwin(2 * half + 1, cutoff, window=WINDOW, fs=rate)
    padded = np.pad(on_grid, ((0, 0), (half, half)), mode="reflect", reflect_type="odd")
    smooth = oaconvolve(padded, taps[np.newaxis], mode="valid", axes=1)
    return (
        np.asarray(CubicSpline(even, smooth, axis=1)(at))
        if count > 3
        else (interpolate_known(smooth, even, at, "linear"))
    )
