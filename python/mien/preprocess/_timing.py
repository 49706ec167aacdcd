"""Seconds of each row, rates of sessions, and runs of rows that a filter may pass over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess.sessions import Sessions
from mien.table import FaceTable

__all__: list[str] = []


# A row further than this from its place on an even grid, in steps of the grid, is not evenly
# spaced. Containers that round to milliseconds and cameras that jitter stay far below; alternating
# steps as of phones' videos do not.
UNEVEN = 0.25
# Nor is a session whose rows, between gaps, wander this many steps off the grid: a rate that
# changed half way.
WANDER = 1.0
# A step longer than this many usual ones is a gap in the recording.
GAP = 1.75


def seconds(
    table: FaceTable, sessions: Sessions, sampling_rate: float | None = None
) -> NDArray[np.float64]:
    """Time of each row in seconds, checked to rise within each session; NaN for rows of no session.

    With a `sampling_rate` (Hz) the rows of each session are taken to be evenly spaced, whatever
    `time` says.

    Raises
    ------
    InputError
        No column `time`, rows without a time, or a session whose time doesn't rise from row to row.
    """
    out = np.full(len(table), np.nan)
    if sampling_rate is not None:
        require_positive("sampling_rate", sampling_rate, "Hz")
        for rows in sessions.rows():
            out[rows] = np.arange(len(out[rows])) / sampling_rate
        return out
    if "time" not in table.columns:
        raise InputError(
            "table: this needs to know when each row was, and there is no column 'time'; "
            "add one in seconds, or give sampling_rate= in Hz"
        )
    try:
        times = table["time"].to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"column 'time': wanted seconds as numbers, got {table['time'].dtype}"
        ) from error
    for number, rows in enumerate(sessions.rows()):
        _check_rising(times[rows], sessions.name(number))
        out[rows] = times[rows]
    return out


def _check_rising(times: NDArray[np.float64], name: str) -> None:
    unknown = int(np.count_nonzero(~np.isfinite(times)))
    if unknown:
        raise InputError(f"{name}: {unknown} rows have no time; give sampling_rate= in Hz")
    steps = np.diff(times)
    if steps.size and steps.min() <= 0:
        at = int(np.argmax(steps <= 0)) + 1
        raise InputError(
            f"{name}: time doesn't rise at its row {at} ({times[at - 1]:g} s, "
            f"then {times[at]:g} s); a session must be one "
            "face in order of time, e.g. set_sessions(['input', 'track'])"
        )


def require_positive(name: str, value: float, unit: str) -> None:
    """Raises OptionError unless the option `name` is finite and above 0."""
    if not (np.isfinite(value) and value > 0):
        raise OptionError(f"{name}: wanted a positive number of {unit}, got {value!r}")


@dataclass(frozen=True)
class Grid:
    """Even grid under the rows of a session.

    Attributes
    ----------
    rate : float
        Steps a second; NaN for a session of fewer than two rows.
    place : numpy.ndarray
        (rows,) whole number of the step each row is nearest to; rises, and skips where rows are
        missing.
    """

    rate: float
    place: NDArray[np.intp]


def even_grid(times: NDArray[np.float64], name: str) -> Grid:
    """The grid that rows lie on, dropped rows allowed.

    Raises
    ------
    InputError
        Rows too far from any grid: a variable frame rate.
    """
    steps = np.diff(times)
    if not steps.size:
        return Grid(np.nan, np.zeros(len(times), np.intp))
    usual = float(np.median(steps))
    single = np.rint(steps / usual) == 1
    # The mean of single steps, since the median of times rounded to milliseconds drifts by frames
    # in seconds.
    rate = float(single.sum() / steps[single].sum()) if single.any() else 1 / usual
    counts = np.rint(steps * rate)
    # Over a long gap a clock may drift; what counts there is only that it is a gap.
    uneven = (counts < 1) | ((np.abs(steps * rate - counts) > UNEVEN) & (counts < 10))
    uneven |= np.abs(_wander(times, counts, rate)) > WANDER
    if uneven.any():
        at = int(np.argmax(uneven))
        raise InputError(
            f"{name}: rows are not evenly spaced in time ({steps[at]:.4g} s after its row {at}, "
            f"usually {usual:.4g} s); "
            "call resample(rate) first"
        )
    place = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    return Grid(rate, place)


def _wander(
    times: NDArray[np.float64], counts: NDArray[np.float64], rate: float
) -> NDArray[np.float64]:
    """How far the row after each step lies from the grid that starts at the last gap, in steps."""
    off = (times - times[0]) * rate - np.concatenate([[0], np.cumsum(counts)])
    starts = np.concatenate([[0], np.flatnonzero(counts > 1) + 1])
    since = np.cumsum(counts > 1)  # number of the start before each later row
    away: NDArray[np.float64] = off[1:] - off[starts[since]]
    return away


def runs(place: NDArray[np.intp]) -> Iterator[slice]:
    """Stretches of neighbouring steps."""
    edges = np.flatnonzero(np.diff(place) != 1) + 1
    bounds = [0, *edges.tolist(), len(place)]
    for start, stop in pairwise(bounds):
        if stop > start:
            yield slice(start, stop)


def time_runs(times: NDArray[np.float64], usual: float) -> Iterator[slice]:
    """Stretches of rows without a gap in time; the steps within may vary."""
    edges = np.flatnonzero(np.diff(times) > GAP * usual) + 1
    bounds = [0, *edges.tolist(), len(times)]
    for start, stop in pairwise(bounds):
        if stop > start:
            yield slice(start, stop)


def same_gaps(values: NDArray[Any]) -> Iterator[tuple[Any, NDArray[np.bool_] | None]]:
    """Groups of signals that miss the same rows.

    Parameters
    ----------
    values : numpy.ndarray
        (signals, rows), infinities counting as missing.

    Yields
    ------
    (signals, present)
        Their numbers, and (rows,) which rows they have; None for all.
    """
    present = np.isfinite(values)
    if present.all():
        yield slice(None), None
        return
    if (present == present[0]).all():
        yield slice(None), present[0]
        return
    groups: dict[bytes, list[int]] = {}
    for number, row in enumerate(np.packbits(present, axis=1)):
        groups.setdefault(row.tobytes(), []).append(number)
    for members in groups.values():
        mask = present[members[0]]
        yield np.array(members), None if mask.all() else mask
