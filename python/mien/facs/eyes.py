"""How far the eyes are open, and blinks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.facs._columns import matrix, unit_name
from mien.facs._timeline import Timeline, timeline
from mien.facs.events import runs, with_keys

__all__ = ["blink_rate", "blinks", "closed_eyes", "eye_aspect_ratio", "eye_closure"]


_FIRST = {"R": 36, "L": 42}  # first of the six points of the subject's right and left eye
_EYES = ("left", "right", "both")


def eye_aspect_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Height of each eye over its width (Soukupova & Cech 2016).

    Equation 1 of "Real-time eye blink detection using facial landmarks", with p1 to p6 the six
    points of an eye from corner to corner and back: ``EAR = (|p2 - p6| + |p3 - p5|) / (2 |p1 -
    p4|)``. An open eye has about 0.25 to 0.35, a closed one less than 0.15 to 0.2.

    Parameters
    ----------
    table : FaceTable
        With the 68 landmarks.

    Returns
    -------
    pandas.DataFrame
        Columns `EAR_L` and `EAR_R` (the subject's left and right), index of the table; NaN where
        there is no face or the corners of an eye fall together.

    Raises
    ------
    InputError
        No landmarks.
    """
    ratios = {}
    for side in "LR":
        points = range(_FIRST[side], _FIRST[side] + 6)
        names = [f"{axis}_{i}" for axis in "xy" for i in points]
        xy = matrix(table, names, "The eye aspect ratio").reshape(len(table), 2, 6)

        def gap(i: int, j: int, xy: NDArray[np.float64] = xy) -> NDArray[np.float64]:
            apart = xy[:, :, i - 1] - xy[:, :, j - 1]
            return np.asarray(np.hypot(apart[:, 0], apart[:, 1]))

        width = gap(1, 4)
        width[width == 0] = np.nan
        ratios[f"EAR_{side}"] = (gap(2, 6) + gap(3, 5)) / (2 * width)
    out: pd.DataFrame = pd.DataFrame(ratios, index=table.index)
    return out


def closed_eyes(table: pd.DataFrame, threshold: float = 0.2) -> pd.DataFrame:
    """Whether each eye is closed: its aspect ratio is below `threshold`.

    Parameters
    ----------
    table : FaceTable
        With the 68 landmarks.
    threshold : float
        Least aspect ratio of an open eye.

    Returns
    -------
    pandas.DataFrame
        Columns `left` and `right` of dtype boolean, index of the table; NA where there is no eye to
        see.

    Raises
    ------
    InputError
        No landmarks.
    """
    ratio = eye_aspect_ratio(table)
    shut: pd.DataFrame = (ratio < threshold).astype("boolean").mask(ratio.isna())
    shut.columns = pd.Index(["left", "right"])
    return shut


def eye_closure(table: pd.DataFrame, by: Sequence[Hashable] | None = None) -> pd.DataFrame:
    """How far each eye is closed, 0 (as usual for this face) to 1 (shut).

    From the aspect ratio: 1 - EAR / (median EAR of the face), within 0 to 1; people's eyes differ,
    and they are open most of the time. Where the table has AU43 or AU45 (an eye's own column,
    ``AU45_L``, before the whole one), the closure is the mean of that and the larger of the units:
    each corrects the other's mistakes (a smile narrows the eye, a shadow moves the landmarks).

    Parameters
    ----------
    table : FaceTable
        With the 68 landmarks and `time`; AU43 and AU45 may be there or not.
    by : sequence of column names, optional
        What makes one face; `input` and `track` by default.

    Returns
    -------
    pandas.DataFrame
        Columns `left`, `right` and `both` (the mean of the two), index of the table.

    Raises
    ------
    InputError
        No landmarks, or no time, or several rows of one face at one time.
    """
    ratio = eye_aspect_ratio(table)
    line = timeline(table, ratio.notna().any(axis=1).to_numpy(), by)
    closure = {}
    for eye, side in (("left", "L"), ("right", "R")):
        value = np.full(len(table), np.nan)
        own = ratio[f"EAR_{side}"].to_numpy()[line.rows]
        usual = pd.Series(own).groupby(line.face).transform("median").to_numpy()
        value[line.rows] = np.clip(1 - own / np.where(usual > 0, usual, np.nan), 0, 1)
        closure[eye] = _with_units(table, value, side)
    closure["both"] = (closure["left"] + closure["right"]) / 2
    out: pd.DataFrame = pd.DataFrame(closure, index=table.index)
    return out


def _with_units(table: pd.DataFrame, value: NDArray[np.float64], side: str) -> NDArray[np.float64]:
    names = []
    for number in (43, 45):
        whole = unit_name(number)
        names += [n for n in (f"{whole}_{side}", whole) if n in table.columns][:1]
    if not names:
        return value
    seen = matrix(table, names, "Blinks")
    unit = np.fmax.reduce(seen, axis=1)
    return np.where(np.isnan(unit), value, (value + np.clip(unit, 0, 1)) / 2)


def blinks(
    table: pd.DataFrame,
    eyes: Sequence[str] = ("left", "right"),
    *,
    closed: float = 0.5,
    open: float = 0.3,
    min_duration: float = 0.0,
    max_duration: float = 0.5,
    bridge: float = 0.0,
    by: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Blinks of each eye, with their phases.

    A blink is a stretch in which the closure (see `eye_closure`) is above `open` and somewhere
    above `closed`, and which lasts at most `max_duration`; longer ones are eyes kept shut. A blink
    cut by a gap or by an end of the recording is left out, as its phases can't be known.

    Parameters
    ----------
    table : FaceTable
        With time and landmarks; AU43 and AU45 help where there are any.
    eyes : sequence of {"left", "right", "both"}
        Which to look at; ``both`` takes the mean of the two.
    closed, open : float
        Closure above which an eye counts as closed, and below which as open.
    min_duration, max_duration : float
        Seconds from onset to offset.
    bridge, by
        As for `mien.facs.events`.

    Returns
    -------
    pandas.DataFrame
        One row a blink: the columns of `by`, then `eye`, `onset` (the lid starts down), `closing`
        (the eye counts as closed), `apex` (most closed), `opening` (it no longer counts as closed),
        `offset` (open again), `duration` (s, onset to offset) and `peak` (largest closure).

    Raises
    ------
    InputError
        No time or landmarks, or several rows of one face at one time.
    OptionError
        Thresholds out of order, or no such eye.
    """
    limits = {"min_duration": min_duration, "max_duration": max_duration}
    rows, line = _find(table, eyes, by, bridge, closed=closed, open=open, **limits)
    phases = ["onset", "closing", "apex", "opening", "offset", "duration", "peak"]
    out: pd.DataFrame = with_keys(rows, line)[[*line.faces.columns, "eye", *phases]]
    return out


def _find(
    table: pd.DataFrame,
    eyes: Sequence[str],
    by: Sequence[Hashable] | None,
    bridge: float,
    *,
    closed: float,
    open: float,
    min_duration: float,
    max_duration: float,
) -> tuple[pd.DataFrame, Timeline]:
    """Blinks by face, eye and onset, and the timeline they lie on."""
    if not 0 <= open <= closed <= 1:
        raise OptionError(f"thresholds must be 0 <= open <= closed <= 1, got {open} and {closed}")
    if not eyes or isinstance(eyes, str) or set(eyes) - set(_EYES):
        raise OptionError(f"eyes is a list out of {', '.join(_EYES)}; got {eyes!r}")
    closure = eye_closure(table, by)
    line = timeline(table, closure.notna().any(axis=1).to_numpy(bool), by, bridge)
    parts = []
    for i, eye in enumerate(eyes):
        value = closure[eye].to_numpy()[line.rows]
        found = runs(line, value, closed, open, bridge)
        fits = found["duration"].between(min_duration, max_duration) & found["complete"]
        parts.append(_phases(found[fits], line, value, closed).assign(order=i))
    rows: pd.DataFrame = pd.concat(parts, ignore_index=True)
    rows = rows.sort_values(["face", "order", "onset"])
    rows["eye"] = pd.Index(list(eyes), dtype="str").take(rows["order"].to_numpy())
    return rows, line


def _phases(
    found: pd.DataFrame, line: Timeline, value: NDArray[np.float64], closed: float
) -> pd.DataFrame:
    """`closing` and `opening`: the first time above `closed`, the first after the last one."""
    shut = np.flatnonzero(value > closed)
    here = np.flatnonzero(~np.isnan(value))
    first = shut[np.searchsorted(shut, found["first"].to_numpy())]
    last = shut[np.searchsorted(shut, found["last"].to_numpy(), side="right") - 1]
    after = here[np.searchsorted(here, last, side="right")]
    phased: pd.DataFrame = found.assign(closing=line.time[first], opening=line.time[after])
    return phased


def blink_rate(
    table: pd.DataFrame,
    eyes: Sequence[str] = ("left", "right", "both"),
    *,
    closed: float = 0.5,
    open: float = 0.3,
    min_duration: float = 0.0,
    max_duration: float = 0.5,
    bridge: float = 0.0,
    by: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Blinks per minute of the time in which the eyes were seen.

    Parameters
    ----------
    table, eyes, closed, open, min_duration, max_duration, bridge, by
        As for `blinks`.

    Returns
    -------
    pandas.DataFrame
        One row a face and eye: the columns of `by`, then `eye`, `blinks`, `seconds` (gaps don't
        count) and `rate` (per minute; NaN for a face seen in a single frame).

    Raises
    ------
    InputError, OptionError
        As `blinks`.
    """
    limits = {"min_duration": min_duration, "max_duration": max_duration}
    found, line = _find(table, eyes, by, bridge, closed=closed, open=open, **limits)
    seen = np.unique(line.face)
    seconds = np.bincount(line.face, line.seconds(bridge), len(line.faces))[seen]
    counts = np.zeros((len(line.faces), len(eyes)), np.int64)
    np.add.at(counts, (found["face"].to_numpy(np.intp), found["order"].to_numpy(np.intp)), 1)
    rows: pd.DataFrame = line.faces.iloc[np.repeat(seen, len(eyes))].reset_index(drop=True)
    rows["eye"] = pd.Series(list(eyes) * len(seen), dtype="str")
    rows["blinks"] = counts[seen].reshape(-1)
    rows["seconds"] = np.repeat(seconds, len(eyes))
    rows["rate"] = 60 * rows["blinks"] / rows["seconds"].where(rows["seconds"] > 0)
    return rows
