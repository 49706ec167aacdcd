"""Columns over time, averaged over clips, people or frames, with confidence bands."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mien.errors import InputError, OptionError
from mien.plot._style import color, named, new_axes, new_figure, tidy, unit_label
from mien.preprocess.columns import Columns, as_table, value_columns
from mien.preprocess.sessions import session_columns
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_time_course", "time_course"]


By = str | Sequence[Hashable] | None
STYLES = ("-", "--", ":", "-.")
MOST_LINES = 28


def time_course(
    table: FaceTable,
    columns: Columns,
    *,
    by: By = None,
    over: By = None,
    bin: float = 0.5,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Mean of columns in steps of time, with a confidence interval.

    Parameters
    ----------
    table : FaceTable
        With `time`, in seconds from the beginning of each session.
    columns : str or sequence of str
        Columns or groups.
    by : str or sequence of str, optional
        Columns whose values make a line: a condition, say. By default the table's sessions, or else
        `input`.
    over : str or sequence of str, optional
        Columns whose values are averaged within a line, each counting once: clips or people. By
        default, where `by` is given, the sessions or else `input`; otherwise the frames, and then
        the interval only describes their spread within a step: neighbouring frames are alike, so
        it is narrower than that of new recordings.
    bin : float
        Width of a step, s.
    confidence : float
        Coverage of the interval, from Student's t over the means of `over`.

    Returns
    -------
    pandas.DataFrame
        A row for each column, line and step: `column`, the columns of `by`, `time` (middle of the
        step, s), `mean`, `low`, `high` (NaN where there is one value), `n` (values averaged). Steps
        without a value are left out.

    Raises
    ------
    InputError
        No time, or a column that isn't there.
    OptionError
        `bin` or `confidence` out of range.

    Examples
    --------
    >>> times = {"input": list("aabb"), "time": [0.0, 0.5] * 2}
    >>> table = FaceTable({**times, "AU12": [0.1, 0.4, 0.3, 0.4], "news": "good"})
    >>> time_course(table, "AU12", by="news")["mean"].round(2).tolist()
    [0.2, 0.4]
    """
    from scipy.stats import t as student

    _check(bin, confidence)
    table = as_table(table)
    names = value_columns(table, columns)
    lines, repeats = _keys(table, by, over)
    keys = ["column", *lines, "time"]
    long = _long(table, names, [*lines, *repeats], bin)
    if repeats:
        long = _mean(long, [*keys[:-1], *repeats, "time"])
    grouped = long.groupby(keys, observed=True, sort=False)["value"]
    out = grouped.agg(["mean", "std", "count"]).reset_index()
    half = student.ppf((1 + confidence) / 2, np.maximum(out["count"] - 1, 1))
    half = half * out["std"] / np.sqrt(out["count"])
    out["low"], out["high"], out["n"] = out["mean"] - half, out["mean"] + half, out["count"]
    out = out.sort_values("time", kind="stable")
    order = {name: i for i, name in enumerate(names)}
    out = out.sort_values("column", key=lambda c: c.map(order), kind="stable")
    result: pd.DataFrame = out[[*keys, "mean", "low", "high", "n"]].reset_index(drop=True)
    return result


def _check(bin: float, confidence: float) -> None:
    if not (np.isfinite(bin) and bin > 0):
        raise OptionError(f"bin: wanted a positive number of seconds, got {bin!r}")
    if not 0 < confidence < 1:
        raise OptionError(f"confidence: wanted a number between 0 and 1, got {confidence!r}")


def _long(table: FaceTable, names: list[Any], kept: list[Any], bin: float) -> pd.DataFrame:
    """Rows of `column`, `value`, `time` (middle of its step, s) and the kept columns."""
    if "time" not in table or table["time"].isna().all():
        raise InputError("table: no column 'time' with seconds to draw over")
    plain = pd.DataFrame(table)[kept].copy()
    plain["time"] = (np.floor(table["time"].to_numpy(float) / bin + 1e-9) + 0.5) * bin
    long: pd.DataFrame = pd.concat(
        [plain.assign(column=name, value=table[name].to_numpy(float)) for name in names],
        ignore_index=True,
    ).dropna(subset=["value", "time"])
    return long


def _mean(long: pd.DataFrame, keys: list[Any]) -> pd.DataFrame:
    means: pd.DataFrame = (
        long.groupby(keys, observed=True, sort=False)["value"].mean().reset_index()
    )
    return means


def _keys(table: FaceTable, by: By, over: By) -> tuple[list[Any], list[Any]]:
    """Columns that make a line, and those averaged within it."""
    own = session_columns(table) or [name for name in ["input"] if name in table]
    lines = own if by is None else _listed(by)
    repeats = (own if by is not None else []) if over is None else _listed(over)
    absent = [str(name) for name in [*lines, *repeats] if name not in table]
    if absent:
        raise InputError(f"table: no column {', '.join(absent)}")
    return lines, [name for name in repeats if name not in lines]


def _listed(names: By) -> list[Any]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def lines_of(course: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Name and rows of each line in order of appearance; a single line may have no name."""
    keys = list(course.columns[1 : course.columns.get_loc("time")])
    if not keys:
        return [("", course)]
    parts = course.groupby(keys, observed=True, sort=False)
    return [(", ".join(map(str, np.ravel([label]))), part) for label, part in parts]


def plot_time_course(
    table: FaceTable,
    columns: Columns,
    *,
    by: By = None,
    over: By = None,
    bin: float = 0.5,
    confidence: float = 0.95,
    ax: Axes | None = None,
    figure: Any = None,
) -> Figure | Axes:
    """Draw what `time_course` computes: a panel a column, a line with its band a group.

    Parameters
    ----------
    table, columns, by, over, bin, confidence
        See `time_course`.
    ax : matplotlib Axes, optional
        Where to draw a single column.
    figure : matplotlib Figure or SubFigure, optional
        An empty one to draw in.

    Returns
    -------
    matplotlib.figure.Figure or Axes
        `ax` where that was given.

    Raises
    ------
    InputError, OptionError
        As for `time_course`; several columns for one `ax`; more than 28 lines.
    """
    course = time_course(table, columns, by=by, over=over, bin=bin, confidence=confidence)
    names = list(dict.fromkeys(course["column"]))
    if not names:
        raise InputError("table: no values to draw")
    if ax is not None:
        if len(names) > 1 or figure is not None:
            raise OptionError("ax: holds one column, and goes without figure=")
        draw_course(new_axes(ax, (7, 3)), course, confidence)
        return ax
    drawing: Figure = new_figure(figure, (8, 2.0 * len(names) + 0.7))
    axes = drawing.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for place, name in zip(axes, names, strict=True):
        draw_course(place, course[course["column"] == name], confidence)
        if place is not axes[0] and place.get_legend():
            place.get_legend().remove()
        if place is not axes[-1]:
            place.set_xlabel("")
    return drawing


def draw_course(ax: Axes, course: pd.DataFrame, confidence: float) -> None:
    """Lines and bands of one column."""
    lines = lines_of(course)
    if len(lines) > MOST_LINES:
        raise OptionError(f"by: wanted {MOST_LINES} lines or fewer, got {len(lines)}; group them")
    for number, (name, part) in enumerate(lines):
        ink, style = color(number), STYLES[number // 7 % len(STYLES)]
        x = part["time"].to_numpy(float)
        ax.plot(x, part["mean"].to_numpy(float), style, color=ink, linewidth=1.6, label=name)
        low, high = part["low"].to_numpy(float), part["high"].to_numpy(float)
        ax.fill_between(x, low, high, color=ink, alpha=0.2, linewidth=0)
    column = course["column"].iloc[0]
    unit = unit_label(column)
    ax.set_ylabel(f"{column} ({unit})" if unit else str(column), fontsize=8)
    ax.set_xlabel("time (s)", fontsize=8)
    banded = bool(course["low"].notna().any())
    band = f"; band: {confidence:.0%} confidence" if banded else ""
    ax.set_title(f"{named(column)}{band}", fontsize=9, loc="left")
    if len(lines) > 1:
        ax.legend(fontsize=7, frameon=False, ncols=1 + len(lines) // 8)
    tidy(ax)
