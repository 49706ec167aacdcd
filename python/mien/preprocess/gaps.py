"""Gaps and outliers: short gaps filled from both sides, rows where the tracking jumped emptied."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess._timing import require_positive, same_gaps, seconds
from mien.preprocess.columns import (
    Columns,
    as_table,
    in_blocks,
    matrix,
    record,
    value_columns,
    with_values,
)
from mien.preprocess.sessions import Sessions, sessions_of
from mien.table import FaceTable

__all__ = ["fill_gaps", "rectification"]


Floats = NDArray[np.float64]
Method = Literal["linear", "nearest", "pchip"]


def interpolate_known(x: Floats, times: Floats, at: Floats, method: str) -> Floats:
    """Signals (signals, rows) that miss nothing, at other times within theirs."""
    if len(times) < 2:
        return np.repeat(x, len(at), axis=1)
    if method == "linear":
        return np.stack([np.interp(at, times, row) for row in x])
    if method == "nearest":
        right = np.searchsorted(times, at).clip(1, len(times) - 1)
        nearest = np.where(at - times[right - 1] <= times[right] - at, right - 1, right)
        return x[:, nearest]
    if method == "pchip":
        from scipy.interpolate import PchipInterpolator

        return np.asarray(PchipInterpolator(times, x, axis=1)(at))
    raise OptionError(f"method: wanted 'linear', 'nearest' or 'pchip', got {method!r}")


def fill_gaps(
    table: FaceTable,
    limit: float | None = None,
    method: Method = "linear",
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Fill gaps from the known values on both sides, over true time.

    pandas' own ``interpolate`` counts rows and knows no sessions; this counts seconds. No value is
    invented before the first or after the last known one. Rows with the status ``low_quality`` are
    gaps too. `status` goes on saying why a row was empty, so filled rows can be told.

    Parameters
    ----------
    table : FaceTable
    limit : float, optional
        Longest gap to fill, in seconds between the known values on its sides; longer gaps stay
        whole. None fills all.
    method : {"linear", "nearest", "pchip"}, optional
        PCHIP is a smooth curve that doesn't overshoot.
    ignore_sessions, sampling_rate, columns
        As for `clean`.

    Returns
    -------
    FaceTable
        The same rows and columns.

    Raises
    ------
    OptionError
        A limit that is not positive, another method.
    InputError
        No time, or time that doesn't rise within a session.

    Examples
    --------
    >>> table = FaceTable({"time": [0.0, 0.1, 0.2], "AU12": [0.2, None, 0.4]})
    >>> fill_gaps(table, limit=0.5)["AU12"].round(3).tolist()
    [0.2, 0.3, 0.4]
    """
    table = as_table(table)
    if limit is not None:
        require_positive("limit", limit, "seconds")
    interpolate_known(np.zeros((1, 2)), np.arange(2.0), np.zeros(1), method)  # a wrong name raises
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    times = seconds(table, sessions, sampling_rate)

    def filled(signals: Floats) -> Floats:
        for rows in sessions.rows():
            part = signals[:, rows]
            _fill(part, times[rows], limit, method)
            signals[:, rows] = part
        return signals

    done = in_blocks(table, names, filled)
    return record(with_values(table, names, done), "fill_gaps", limit=limit, method=method)


def _fill(part: Floats, times: Floats, limit: float | None, method: str) -> None:
    part[np.isinf(part)] = np.nan
    for members, present in list(same_gaps(part)):
        if present is None:
            continue
        known = np.flatnonzero(present)
        missing = np.flatnonzero(~present)
        if not known.size:
            continue
        after = np.searchsorted(known, missing)
        inside = (after > 0) & (after < known.size)
        missing, after = missing[inside], after[inside]
        if limit is not None:
            length = times[known[after]] - times[known[after - 1]]
            missing = missing[length <= limit * (1 + 1e-9)]  # a gap as long as the limit is filled
        if not missing.size:
            continue
        numbers = np.arange(len(part))[members]
        filled = interpolate_known(
            part[np.ix_(numbers, known)], times[known], times[missing], method
        )
        part[np.ix_(numbers, missing)] = filled


def rectification(table: FaceTable, std: float = 3.0, ignore_sessions: bool = False) -> FaceTable:
    """Empty rows whose face box lies far from where the session's boxes are: another face, or none.

    Parameters
    ----------
    table : FaceTable
        With `FaceRectX` and `FaceRectY`.
    std : float, optional
        Farthest distance from the session's mean, in its standard deviations (divided by n - 1), of
        either coordinate.
    ignore_sessions : bool, optional

    Returns
    -------
    FaceTable
        The same rows and columns; values and box of such rows are NaN.

    Raises
    ------
    InputError
        No face boxes.
    OptionError
        `std` is not positive.
    """
    table = as_table(table)
    require_positive("std", std, "standard deviations")
    missing = [name for name in ("FaceRectX", "FaceRectY") if name not in table.columns]
    if missing:
        raise InputError(f"table: no column {missing[0]!r}; rectification goes by the face boxes")
    corner = matrix(table, ["FaceRectX", "FaceRectY"], np.float64)
    out = _far(corner, sessions_of(table, ignore_sessions), std)
    boxes = [name for name in table.faceboxes if pd.api.types.is_float_dtype(table.dtypes[name])]
    names = [*value_columns(table), *boxes]
    names = [name for name in table.columns if name in set(names)]
    values: NDArray[Any] = matrix(table, names).copy()
    values[out] = np.nan
    return record(with_values(table, names, values), "rectification", std=std)


def _far(corner: Floats, sessions: Sessions, std: float) -> NDArray[np.bool_]:
    groups = pd.DataFrame(corner).groupby(sessions.codes)
    centre = groups.transform("mean").to_numpy()
    spread = groups.transform("std").to_numpy()
    with np.errstate(invalid="ignore"):
        far: NDArray[np.bool_] = (np.abs(corner - centre) > std * spread).any(axis=1)
    return far & (sessions.codes >= 0)
