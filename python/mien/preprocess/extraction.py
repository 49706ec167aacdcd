"""Features of sessions: one row for each, with what its values come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.preprocess.columns import Columns, as_table, matrix, record, value_columns, values_of
from mien.preprocess.sessions import Sessions, sessions_of
from mien.table import FaceTable

__all__ = [
    "extract_max",
    "extract_mean",
    "extract_min",
    "extract_peak",
    "extract_sem",
    "extract_std",
    "extract_summary",
]


def extract_mean(
    table: FaceTable, ignore_sessions: bool = False, *, columns: Columns = None
) -> FaceTable:
    """Mean of the known values of each session.

    Parameters
    ----------
    table : FaceTable
    ignore_sessions : bool, optional
        One row for the whole table.
    columns : str or sequence of str, optional
        Columns or groups, all values by default.

    Returns
    -------
    FaceTable
        A row for each session, in the order of their first rows: the columns that are the same
        throughout each session (its labels, `input`, conditions), then ``mean_AU01`` and so on,
        float64. A session without a known value has NaN.

    Examples
    --------
    >>> table = FaceTable({"input": ["a", "a"], "AU12": [0.1, 0.3]})
    >>> extract_mean(table)[["input", "mean_AU12"]].values.tolist()
    [['a', 0.2]]
    """
    return _extract(table, ["mean"], ignore_sessions, columns)


def extract_min(
    table: FaceTable, ignore_sessions: bool = False, *, columns: Columns = None
) -> FaceTable:
    """Least known value of each session, as ``min_AU01``; see `extract_mean`."""
    return _extract(table, ["min"], ignore_sessions, columns)


def extract_max(
    table: FaceTable, ignore_sessions: bool = False, *, columns: Columns = None
) -> FaceTable:
    """Greatest known value of each session, as ``max_AU01``; see `extract_mean`."""
    return _extract(table, ["max"], ignore_sessions, columns)


def extract_std(
    table: FaceTable, ignore_sessions: bool = False, *, columns: Columns = None
) -> FaceTable:
    """Standard deviation of each session, as ``std_AU01``; see `extract_mean`.

    It is divided by n - 1, and NaN of one value.
    """
    return _extract(table, ["std"], ignore_sessions, columns)


def extract_sem(
    table: FaceTable, ignore_sessions: bool = False, *, columns: Columns = None
) -> FaceTable:
    """Standard error of each session's mean, as ``sem_AU01``; see `extract_mean`.

    The standard deviation over the root of n known values.

    It takes rows for independent, which those of a video are not.
    """
    return _extract(table, ["sem"], ignore_sessions, columns)


def extract_summary(
    table: FaceTable,
    mean: bool = True,
    std: bool = True,
    sem: bool = True,
    max: bool = True,
    min: bool = True,
    ignore_sessions: bool = False,
    *,
    columns: Columns = None,
) -> FaceTable:
    """Several features at once; see `extract_mean`.

    All means come first, then all standard errors, deviations, maxima and minima.

    Raises
    ------
    OptionError
        None of them asked for.
    """
    asked = {"mean": mean, "sem": sem, "std": std, "max": max, "min": min}
    wanted = [name for name, yes in asked.items() if yes]
    if not wanted:
        raise OptionError(f"extract_summary: wanted one or more of {', '.join(asked)}, got none")
    return _extract(table, wanted, ignore_sessions, columns)


def extract_peak(
    table: FaceTable, ignore_sessions: bool = False, *, columns: Columns = None
) -> FaceTable:
    """Value farthest from 0 of each session, as ``peak_AU01``, and when, as ``peak_time_AU01``.

    After `baseline` that is the strongest departure from the face's usual value, up or down. The
    first of equal ones counts.

    Parameters
    ----------
    table, ignore_sessions, columns
        As for `extract_mean`.

    Returns
    -------
    FaceTable
        As of `extract_mean`. The times are seconds as in the column `time`, and left out where
        there is none.
    """
    table = as_table(table)
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    values = matrix(table, names, np.float64)
    peaks = np.full((len(sessions), len(names)), np.nan)
    times = np.full(peaks.shape, np.nan)
    known = "time" in table.columns
    clock = table["time"].to_numpy(np.float64, na_value=np.nan) if known else np.zeros(len(table))
    for number, rows in enumerate(sessions.rows()):
        part = np.abs(values[rows])
        missing = np.isnan(part)
        part[missing] = -1
        if not len(part):
            continue
        at = part.argmax(axis=0)
        found = ~missing.all(axis=0)
        peaks[number] = np.where(found, values[rows][at, np.arange(len(names))], np.nan)
        times[number] = np.where(found, clock[rows][at], np.nan)
    features = {f"peak_{name}": peaks[:, i] for i, name in enumerate(names)}
    if known:
        features |= {f"peak_time_{name}": times[:, i] for i, name in enumerate(names)}
    return record(by_session(table, sessions, pd.DataFrame(features)), "extract", features=["peak"])


def _extract(
    table: FaceTable, features: Sequence[str], ignore_sessions: bool, columns: Columns
) -> FaceTable:
    table = as_table(table)
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    values = matrix(table, names)
    if sessions.one:
        all_of_them = _of_all(values)
        found = [all_of_them[feature][np.newaxis] for feature in features]
    else:
        frame = pd.DataFrame(values)
        found = [_by_session(frame, sessions, feature) for feature in features]
    labels = [f"{feature}_{name}" for feature in features for name in names]
    made = pd.DataFrame(np.concatenate(found, axis=1), columns=labels)
    return record(by_session(table, sessions, made), "extract", features=list(features))


def _by_session(frame: pd.DataFrame, sessions: Sessions, feature: str) -> NDArray[np.float64]:
    """(sessions, columns) of the known values."""
    parts = []
    for i in range(0, frame.shape[1], 32):
        part = frame.iloc[:, i : i + 32]
        if feature in ("std", "sem"):  # where float32 loses digits to a large mean
            part = part.astype(np.float64)
        found = np.asarray(getattr(part.groupby(sessions.keys), feature)(), np.float64)
        parts.append(found.reshape(len(sessions), part.shape[1]))
    return np.concatenate(parts, axis=1)


def _of_all(values: NDArray[Any], rows: int = 1024) -> dict[str, NDArray[np.float64]]:
    """Every feature by column, in one pass over lots of rows that stay in the cache; float64.

    Lots are put together as in Chan, Golub & LeVeque (1979): no digits are lost to large means.
    """
    columns = values.shape[1]
    count, mean, square = np.zeros((3, columns))
    low, high = np.full((2, columns), np.nan)
    for start in range(0, len(values), rows):
        part = values[start : start + rows].astype(np.float64)
        low = np.fmin(low, np.fmin.reduce(part, axis=0))
        high = np.fmax(high, np.fmax.reduce(part, axis=0))
        missing = np.isnan(part)
        gaps = missing.any()
        known = len(part) - missing.sum(axis=0)
        if gaps:
            part[missing] = 0
        own = part.sum(axis=0) / np.maximum(known, 1)
        part -= own
        if gaps:
            part[missing] = 0
        away, share = own - mean, known / np.maximum(count + known, 1)
        mean += away * share
        square += np.square(part, out=part).sum(axis=0) + away**2 * count * share
        count += known
    std = np.sqrt(square / np.where(count > 1, count - 1, np.nan))
    known_mean = np.where(count > 0, mean, np.nan)
    sem = std / np.sqrt(np.maximum(count, 1))
    return {"mean": known_mean, "sem": sem, "std": std, "max": high, "min": low}


def by_session(table: FaceTable, sessions: Sessions, features: pd.DataFrame) -> FaceTable:
    """Features, one row a session, beside the columns that are the same in all its rows."""
    carried = _constant(table, sessions)
    whole = FaceTable(pd.concat([carried, features], axis=1))
    return whole.__finalize__(table)


def _constant(table: FaceTable, sessions: Sessions) -> pd.DataFrame:
    """First row of each session, of the columns of which all rows agree with it."""
    inside = np.flatnonzero(sessions.codes >= 0)
    codes = sessions.codes[inside]
    first = np.full(len(sessions), -1, np.intp)
    first[codes[::-1]] = inside[::-1]
    values = set(values_of(table))
    kept = []
    for name in table.columns:
        if name in values or name in ("frame", "time"):
            continue
        if name in sessions.columns or _same(table[name], inside, first[codes]):
            kept.append(name)
    plain = pd.DataFrame(table)[kept]
    # A table without rows has one session, of nothing.
    plain = plain.reindex(first) if (first < 0).any() else plain.iloc[first]
    numbered: pd.DataFrame = plain.reset_index(drop=True)
    return numbered


def _same(column: pd.Series[Any], inside: NDArray[np.intp], first: NDArray[np.intp]) -> bool:
    for rows in (slice(1000), slice(None)):  # most columns that vary show it soon
        here = column.iloc[inside[rows]].reset_index(drop=True)
        there = column.iloc[first[rows]].reset_index(drop=True)
        equal = (here == there).fillna(False).to_numpy(bool)
        if not (equal | (here.isna() & there.isna()).to_numpy(bool)).all():
            return False
    return True
