"""Rows of a table as faces in time: which row follows which, and where there is a gap."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.facs._columns import matrix

__all__ = ["Timeline", "timeline"]


@dataclass(frozen=True)
class Timeline:
    """Rows with a time, sorted by face and time.

    Attributes
    ----------
    rows : (M,) int array
        Positions in the table.
    face : (M,) int array
        Number of the face each row belongs to, rising.
    time : (M,) float array
        Seconds.
    step : (M,) int array
        Counts the frames of the input: neighbouring frames differ by one.
    faces : pandas.DataFrame
        The keys (input, track) of each face, in order of appearance.
    """

    rows: NDArray[np.intp]
    face: NDArray[np.intp]
    time: NDArray[np.float64]
    step: NDArray[np.int64]
    faces: pd.DataFrame

    def links(self, at: NDArray[np.intp], bridge: float) -> NDArray[np.bool_]:
        """Whether row ``at[i]`` follows row ``at[i - 1]`` without a gap.

        The face is the same, and the frame is the next or within `bridge` seconds.
        """
        linked = np.zeros(len(at), bool)
        if len(at) > 1:
            same = self.face[at[1:]] == self.face[at[:-1]]
            near = self.step[at[1:]] - self.step[at[:-1]] <= 1
            linked[1:] = same & (near | (self.time[at[1:]] - self.time[at[:-1]] <= bridge))
        return linked

    def seconds(self, bridge: float) -> NDArray[np.float64]:
        """Time until the next row of each row's face; 0 before a gap or an end."""
        lasts = np.zeros(len(self.rows))
        every = np.arange(len(self.rows))
        lasts[:-1] = np.diff(self.time) * self.links(every, bridge)[1:]
        return lasts


def timeline(
    table: pd.DataFrame,
    present: NDArray[np.bool_],
    by: Sequence[Hashable] | None = None,
    bridge: float = 0.0,
) -> Timeline:
    """Rows of each face in time.

    Parameters
    ----------
    table : FaceTable
        With `time`; `frame`, where there is one, tells neighbouring frames from a gap whatever the
        frame rate.
    present : (N,) bool array
        Rows that have anything to say; the others only count as frames.
    by : sequence of column names, optional
        What makes a face; `input` and `track` by default, as far as the table has them.
    bridge : float
        Checked only: at least 0 s.

    Raises
    ------
    InputError
        No time, or several rows of one face at one time.
    OptionError
        `by` names a column that isn't there, or `bridge` is negative.
    """
    if not bridge >= 0:
        raise OptionError(f"bridge is a number of seconds from 0, got {bridge}")
    keys = _keys(table, by)
    time = matrix(table, ["time"], "This")[:, 0]
    if (untimed := present & np.isnan(time)).any():
        raise InputError(
            f"{int(untimed.sum())} rows with values have no time (images?); "
            "give arrays with fps= or times=, "
            "or set the column `time` in seconds"
        )
    code, faces = _faces(table, keys)
    steps = _steps(table, time)
    kept = np.flatnonzero(present)
    order = kept[np.lexsort((time[kept], code[kept]))]
    line = Timeline(order, code[order], time[order], steps[order], faces)
    _check_times(line)
    return line


def _check_times(line: Timeline) -> None:
    """Refuse two rows of one face at one time."""
    twice = (np.diff(line.face) == 0) & (np.diff(line.time) == 0)
    if twice.any():
        at = int(np.flatnonzero(twice)[0])
        where = dict(line.faces.iloc[line.face[at]])
        raise InputError(
            f"two rows of one face at time {line.time[at]:g} s ({where}): tell the faces apart "
            "with a column `track` or by="
        )


def _keys(table: pd.DataFrame, by: Sequence[Hashable] | None) -> list[Hashable]:
    if by is None:
        return [key for key in ("input", "track") if key in table.columns]
    absent = [str(key) for key in by if key not in table.columns]
    if absent or isinstance(by, str):
        raise OptionError(f"by is a list of the table's columns, got {by!r}")
    return list(by)


def _faces(table: pd.DataFrame, keys: list[Hashable]) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """Number of each row's face, counted by appearance, and the keys of each face."""
    if not keys:
        return np.zeros(len(table), np.intp), pd.DataFrame(index=range(1))
    plain = pd.DataFrame({key: table[key].array for key in keys})
    code = plain.groupby(keys, sort=False, dropna=False, observed=True).ngroup().to_numpy(np.intp)
    _, first = np.unique(code, return_index=True)
    return code, plain.iloc[first].reset_index(drop=True)


def _steps(table: pd.DataFrame, time: NDArray[np.float64]) -> NDArray[np.int64]:
    """Frames of each input, counted in the steps they come in.

    By time, where the frames have no numbers.
    """
    if "input" in table.columns:
        source = pd.factorize(pd.DataFrame(table)["input"])[0].astype(np.intp)
    else:
        source = np.zeros(len(table), np.intp)
    number = time
    if "frame" in table.columns:
        frame = matrix(table, ["frame"], "This")[:, 0]
        number = time if np.isnan(frame).any() else frame
    order = np.lexsort((number, source))
    rise = np.diff(number[order])
    same = (np.diff(source[order]) == 0) & (rise > 0)
    steps = np.zeros(len(table), np.int64)
    if number is time:  # the rank of each time among those of its input
        steps[order[1:]] = np.cumsum(same)
        return steps
    least = np.full(source.max(initial=0) + 1, np.inf)
    np.minimum.at(least, source[order[1:]][same], rise[same])
    steps[:] = np.floor_divide(number, np.where(np.isinf(least), 1.0, least)[source])
    return steps
