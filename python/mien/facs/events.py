"""Action units as events in time: onset, apex, offset."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import schema
from mien.errors import InputError, OptionError
from mien.facs._columns import matrix
from mien.facs._timeline import Timeline, timeline

__all__ = ["events"]


Threshold = float | Mapping[str, float]


def events(
    table: pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    high: Threshold = 0.5,
    low: Threshold = 0.3,
    bridge: float = 0.0,
    min_duration: float = 0.0,
    by: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Stretches of time in which a unit is active.

    An event is a longest run of values above `low` of which at least one is above `high`
    (hysteresis, so a value that flickers about one threshold doesn't make many events). It begins
    at the first of its frames and ends at the first frame after it; where a gap or the end of the
    recording follows, at its own last frame. Times are those of the table, so a variable frame rate
    is no matter.

    A gap is one or more frames in which the face has no value, whether the rows are NaN, belong to
    nobody or have been left out (`frame` tells). A gap longer than `bridge` seconds, from value to
    value, ends the event; a shorter one is passed over as if the two values were neighbours.

    Parameters
    ----------
    table : FaceTable
        With `time`.
    columns : sequence of str, optional
        Numeric columns; all action units by default.
    high, low : float or mapping from column to float
        Thresholds in the unit of the column; `low` at most `high`.
    bridge : float
        Longest gap within an event, s. The default, 0, bridges none.
    min_duration : float
        Events shorter than this, s, are left out.
    by : sequence of column names, optional
        What makes one face; `input` and `track` by default.

    Returns
    -------
    pandas.DataFrame
        One row an event, by face, unit and onset: the columns of `by`, then `unit` (the column's
        name), `onset`, `apex` (time of the first largest value), `offset`, `duration` (s), `peak`
        (the largest value) and `complete` (False where a gap or an end of the recording hides its
        beginning or its end). Events of one unit and face never overlap.

    Raises
    ------
    InputError
        No time or no such column, or several rows of one face at one time.
    OptionError
        Thresholds, durations or `by` that make no sense.

    Examples
    --------
    >>> table = pd.DataFrame({"time": [0.0, 0.1, 0.2, 0.3, 0.5], "AU12": [0.1, 0.4, 0.9, 0.6, 0.0]})
    >>> events(table)[["unit", "onset", "apex", "offset", "peak"]].to_dict("records")
    [{'unit': 'AU12', 'onset': 0.1, 'apex': 0.2, 'offset': 0.5, 'peak': 0.9}]
    """
    if columns is None:
        columns = [str(c) for c in table.columns if schema.group_of(c) == "aus"]
    if not columns:
        raise InputError("events needs action units (columns such as AU12) or columns=")
    if not min_duration >= 0:
        raise OptionError(f"min_duration is a number of seconds from 0, got {min_duration}")
    levels = [(_level(high, name, "high"), _level(low, name, "low")) for name in columns]
    if wrong := [name for name, (up, down) in zip(columns, levels, strict=True) if not down <= up]:
        raise OptionError(f"low must be at most high; it is above it for {', '.join(wrong)}")
    values = matrix(table, columns, "events")
    line = timeline(table, np.array((~np.isnan(values)).any(axis=1)), by, bridge)
    whole = line.links(np.arange(len(line.rows)), bridge)
    found = [
        runs(line, values[line.rows, i], up, down, bridge, whole).assign(unit=i)
        for i, (up, down) in enumerate(levels)
    ]
    rows = pd.concat(found, ignore_index=True)
    rows = rows[rows["duration"] >= min_duration].sort_values(["face", "unit", "onset"])
    rows["unit"] = pd.Index(list(columns), dtype="str").take(rows["unit"].to_numpy())
    return with_keys(rows, line)


def runs(
    line: Timeline,
    values: NDArray[np.float64],
    high: float,
    low: float,
    bridge: float,
    whole: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Events of one column given along the timeline.

    Columns `face`, `onset` ... `complete`, and `first`, `last`.

    `first` and `last` are positions on the timeline of the event's first and last value.
    `whole` are the links of all rows, which columns that miss nothing share.
    """
    at = np.flatnonzero(~np.isnan(values))
    linked = whole if whole is not None and len(at) == len(whole) else line.links(at, bridge)
    value = values[at]
    above = value > low
    inside = np.flatnonzero(above)  # into `at`
    if not len(inside):
        return _empty()
    fresh = ~(linked[inside] & above[inside - 1])  # the very first is linked to nothing
    starts = np.flatnonzero(fresh)  # into `inside`, as all that follow
    stops = np.append(starts[1:], len(inside))
    begins, ends = inside[starts], inside[stops - 1]
    peak, tops = _peaks(value[inside], starts, stops)
    apex = inside[tops]
    follows = np.append(linked[1:], False)[ends]
    after = np.minimum(ends + 1, len(at) - 1)
    onset = line.time[at[begins]]
    offset = np.where(follows, line.time[at[after]], line.time[at[ends]])
    found: pd.DataFrame = pd.DataFrame(
        {
            "face": line.face[at[begins]],
            "onset": onset,
            "apex": line.time[at[apex]],
            "offset": offset,
            "duration": offset - onset,
            "peak": peak,
            "complete": follows & linked[begins],
            "first": at[begins],
            "last": at[ends],
        }
    )
    kept: pd.DataFrame = found[peak > high]
    return kept


def _peaks(
    values: NDArray[np.float64], starts: NDArray[np.intp], stops: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Largest value of each stretch, and the position of the first one of it."""
    peak = np.maximum.reduceat(values, starts)
    tops = np.flatnonzero(values == np.repeat(peak, stops - starts))
    return peak, tops[np.searchsorted(tops, starts)]


def with_keys(rows: pd.DataFrame, line: Timeline) -> pd.DataFrame:
    """Events with the keys of their face in front, without the columns that only serve here."""
    keys = line.faces.iloc[rows["face"].to_numpy(np.intp)].reset_index(drop=True)
    rest = ["onset", "apex", "offset", "duration", "peak", "complete"]
    names = [c for c in rows.columns if c not in (*rest, "face", "first", "last")]
    out: pd.DataFrame = pd.concat([keys, rows[[*names, *rest]].reset_index(drop=True)], axis=1)
    return out


def _level(threshold: Threshold, name: str, option: str) -> float:
    if not isinstance(threshold, Mapping):
        return float(threshold)
    if name not in threshold:
        raise OptionError(f"{option} has no threshold for {name}")
    return float(threshold[name])


def _empty() -> pd.DataFrame:
    number, count = np.empty(0), np.empty(0, np.intp)
    names = ("onset", "apex", "offset", "duration", "peak")
    none: pd.DataFrame = pd.DataFrame(
        {
            "face": count,
            **dict.fromkeys(names, number),
            "complete": np.empty(0, bool),
            "first": count,
            "last": count,
        }
    )
    return none
