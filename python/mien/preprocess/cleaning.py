"""Cleaning of signals: trend, frequencies, confounds and scale, with missing rows left missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.preprocess._filtering import Cleaner, Plan
from mien.preprocess._timing import require_positive, seconds
from mien.preprocess.columns import (
    Columns,
    as_table,
    in_blocks,
    record,
    signals_of,
    value_columns,
    with_values,
)
from mien.preprocess.sessions import Sessions, sessions_of
from mien.table import FaceTable

__all__ = ["clean", "clean_signal"]


Floats = NDArray[np.float64]


def clean(
    table: FaceTable,
    detrend: bool = True,
    standardize: bool = True,
    confounds: str | Sequence[Any] | pd.DataFrame | NDArray[Any] | None = None,
    low_pass: float | None = None,
    high_pass: float | None = None,
    ensure_finite: bool = False,
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Detrend, filter, remove confounds and standardize, in this order.

    Each signal of each session is cleaned on its own.

    Confounds are detrended and filtered as the signals are before they are regressed out, so that
    removing them brings no filtered frequency back (Lindquist et al. 2019, Human Brain Mapping 40).

    Missing rows stay missing and count for nothing: trend, confounds and scale are fitted to the
    known rows, and the filter runs over each stretch of neighbouring known rows on its own. A
    stretch too short for the filter (18 rows with one cut-off, 33 with two) becomes NaN;
    `fill_gaps` first where gaps are short. Infinite values count as missing, and so do those of
    rows whose `status` is ``low_quality``, unless an earlier step has filled them; the rows stay.

    Parameters
    ----------
    table : FaceTable
    detrend : bool, optional
        Remove the mean and the linear trend over time.
    standardize : bool, optional
        Mean 0 and standard deviation 1 (divided by n - 1); 0 where a signal is constant.
    confounds : str, sequence of str, DataFrame or array, optional
        Columns of the table, or (rows,) or (rows, confounds) numbers, regressed out with an
        intercept, which leaves the mean. Rows where one is missing become NaN.
    low_pass, high_pass : float, optional
        Cut-off frequencies in Hz of Butterworth filters of order 5, run forwards and backwards: no
        delay.
    ensure_finite : bool, optional
        Put 0 wherever the result is missing.
    ignore_sessions : bool, optional
        Treat all rows as one session.
    sampling_rate : float, optional
        Rows a second, where the table has no `time`.
    columns : str or sequence of str, optional
        Columns or groups to clean, all values by default.

    Returns
    -------
    FaceTable
        The same rows and columns.

    Raises
    ------
    OptionError
        Cut-offs that are not positive, not in order, or not below half the rate of a session.
    InputError
        No time where it is needed (to detrend or filter), time that doesn't rise, rows not evenly
        spaced where they are to be filtered, or confounds that don't fit.

    Examples
    --------
    >>> table = FaceTable({"time": [0.0, 0.1, 0.2, 0.3], "AU12": [0.1, 0.2, 0.3, 0.4]})
    >>> bool(clean(table, standardize=False)["AU12"].abs().max() < 1e-12)
    True
    """
    table = as_table(table)
    plan = Plan(detrend, standardize, low_pass, high_pass, ensure_finite)
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    times = None
    if detrend or plan.filters:
        times = seconds(table, sessions, sampling_rate)
    nuisance, named = _confounds(table, confounds)
    cleaned = in_blocks(table, names, Cleaner(plan, sessions, times, nuisance))
    return record(
        with_values(table, names, cleaned),
        "clean",
        detrend=detrend,
        standardize=standardize,
        confounds=named,
        low_pass=low_pass,
        high_pass=high_pass,
        ensure_finite=ensure_finite,
    )


def clean_signal(
    signal: NDArray[Any],
    sampling_rate: float,
    *,
    detrend: bool = True,
    standardize: bool = True,
    confounds: NDArray[Any] | None = None,
    low_pass: float | None = None,
    high_pass: float | None = None,
    ensure_finite: bool = False,
    sessions: Sequence[Any] | NDArray[Any] | None = None,
) -> Floats:
    """What `clean` does, of an array.

    Parameters
    ----------
    signal : numpy.ndarray
        (rows,) or (rows, signals), evenly spaced.
    sampling_rate : float
        Rows a second.
    confounds : numpy.ndarray, optional
        (rows,) or (rows, confounds).
    detrend, standardize, low_pass, high_pass, ensure_finite
        As for `clean`.
    sessions : sequence, optional
        (rows,) label of each row; rows of a label are cleaned on their own.

    Returns
    -------
    numpy.ndarray
        float64, the shape of `signal`.

    Raises
    ------
    InputError
        Sizes that don't fit.
    OptionError
        As for `clean`.
    """
    require_positive("sampling_rate", sampling_rate, "Hz")
    plan = Plan(detrend, standardize, low_pass, high_pass, ensure_finite)
    values = np.asarray(signal, np.float64)
    if values.ndim not in (1, 2):
        raise InputError(f"signal: wanted one or two dimensions, got {values.ndim}")
    rows = len(values)
    found = _sessions_of_labels(sessions, rows)
    times = np.empty(rows)
    for own in found.rows():
        times[own] = np.arange(len(times[own])) / sampling_rate
    nuisance = None if confounds is None else _as_confounds(np.asarray(confounds, float), rows)
    signals = np.array(values.reshape(rows, -1).T, order="C")
    cleaned: Floats = Cleaner(plan, found, times, nuisance)(signals).T.reshape(values.shape)
    return cleaned


def _sessions_of_labels(labels: Sequence[Any] | NDArray[Any] | None, rows: int) -> Sessions:
    if labels is None:
        return Sessions([], np.zeros(rows, np.intp), [None])
    if len(labels) != rows:
        raise InputError(f"sessions: wanted {rows} labels, one a row, got {len(labels)}")
    codes, found = pd.factorize(pd.Series(list(labels)))
    return Sessions(["sessions"], codes.astype(np.intp, copy=False), list(found))


def _confounds(table: FaceTable, confounds: Any) -> tuple[Floats | None, Any]:
    """Confounds (confounds, rows), and what to say of them."""
    if confounds is None:
        return None, None
    if isinstance(confounds, pd.DataFrame | pd.Series):
        numbers = confounds.to_numpy(np.float64, na_value=np.nan)
        return _as_confounds(numbers, len(table)), "given values"
    if isinstance(confounds, np.ndarray):
        return _as_confounds(confounds.astype(np.float64), len(table)), "given values"
    names = value_columns(table, confounds)
    return signals_of(table, names), [str(n) for n in names]


def _as_confounds(numbers: Floats, rows: int) -> Floats:
    if numbers.ndim not in (1, 2) or len(numbers) != rows:
        raise InputError(f"confounds: wanted {rows} rows, got an array of shape {numbers.shape}")
    return np.array(numbers.reshape(rows, -1).T, order="C")
