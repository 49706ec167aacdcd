"""Valence and arousal on the circumplex."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.facs import quadrants
from mien.facs._columns import matrix
from mien.facs._timeline import timeline
from mien.plot._colorbars import add_colorbar
from mien.plot._style import INK, QUIET, color, new_axes, tidy
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_circumplex"]


VALENCE = "valence (unpleasant -1 to pleasant 1)"
AROUSAL = "arousal (calm -1 to excited 1)"
CORNERS = {
    "excited": (0.97, 0.97),
    "distressed": (-0.97, 0.97),
    "depressed": (-0.97, -0.97),
    "calm": (0.97, -0.97),
}
"""Names of the quadrants and where they are written."""


def plot_circumplex(
    table: FaceTable,
    *,
    by: Sequence[Hashable] | None = None,
    lines: bool = True,
    neutral: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw each face's trajectory on the circumplex of valence and arousal.

    Parameters
    ----------
    table : FaceTable
        With valence and arousal and, for lines, time.
    by : sequence of column names, optional
        Columns whose values together identify a face; `input` and `track` by default.
    lines : bool
        Join each face's rows in time; a single face's line is coloured by time. Gaps break it.
        Without lines there are points, and no time is needed.
    neutral : float
        Radius of a circle that counts as neutral, as for `mien.facs.quadrants`; 0 for none.
    ax : matplotlib Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        A ringed dot is a face's mean.

    Raises
    ------
    InputError
        No valence or arousal, no row that has them, or no time for lines.
    """
    paths = list(trajectories(table, by=by, lines=lines))
    ax = new_axes(ax, (5.6, 4.8))
    _draw_circle(ax, neutral)
    single = len(paths) == 1
    for number, (name, time, points) in enumerate(paths):
        if lines and single:
            _draw_by_time(ax, time, points)
        elif lines:
            ax.plot(*points.T, color=color(number), linewidth=1.2, alpha=0.8, label=name)
        else:
            x, y = points.T
            ax.scatter(x, y, s=9, color=color(number), linewidths=0, alpha=0.6, label=name)
        mean = np.nanmean(points, axis=0)
        fill = INK if single else color(number)
        ax.plot(*mean, "o", markersize=9, color=fill, markeredgecolor="white", zorder=5)
    if not single and len(paths) <= 14:
        ax.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1))
    return ax


def trajectories(
    table: FaceTable, *, by: Sequence[Hashable] | None = None, lines: bool = True
) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Yield each face's name, times (M,), and valence and arousal (M, 2), NaN in each gap."""
    known = quadrants(table).notna().to_numpy()
    if not known.any():
        raise InputError("table: no row has valence and arousal to draw")
    affect = matrix(table, ["valence", "arousal"], "circumplex")
    if not lines:
        rows = pd.DataFrame(table).loc[known]
        keys = _keys(rows, by)
        groups = rows.groupby(keys, sort=False, dropna=False).indices if keys else {"": slice(None)}
        for label, at in groups.items():
            points = affect[known][at]
            yield _name(keys, label), np.full(len(points), np.nan), points
        return
    line = timeline(table, known, by)
    for number in np.unique(line.face):
        at = np.flatnonzero(line.face == number)
        breaks = np.flatnonzero(~line.links(at, 0.0)[1:]) + 1
        points = np.insert(affect[line.rows[at]], breaks, np.nan, axis=0)
        times = np.insert(line.time[at], breaks, np.nan)
        keys = list(line.faces.columns)
        yield _name(keys, tuple(line.faces.iloc[number])), times, points


def _keys(rows: pd.DataFrame, by: Sequence[Hashable] | None) -> list[Any]:
    return list(by) if by is not None else [name for name in ("input", "track") if name in rows]


def _name(keys: Sequence[Any], label: Any) -> str:
    labels = label if isinstance(label, tuple) else (label,)
    return ", ".join(
        str(value) if key == "input" else f"{key} {value}"
        for key, value in zip(keys, labels, strict=False)
    )


def _draw_circle(ax: Axes, neutral: float) -> None:
    from matplotlib.patches import Circle

    for radius, style in ((1.0, "-"), (0.5, ":"), (neutral, "--")):
        if radius:
            ring = Circle(
                (0, 0), radius, fill=False, edgecolor=QUIET, linestyle=style, linewidth=0.8
            )
            ax.add_patch(ring)
    ax.axhline(0, color=QUIET, linewidth=0.6, zorder=0)
    ax.axvline(0, color=QUIET, linewidth=0.6, zorder=0)
    for name, (x, y) in CORNERS.items():
        ha, va = "right" if x > 0 else "left", "top" if y > 0 else "bottom"
        ax.text(x, y, name, ha=ha, va=va, fontsize=8, color=INK)
    ax.set_aspect("equal")
    ax.set_xlim(-1.02, 1.02)
    ax.set_ylim(-1.02, 1.02)
    ax.set_xlabel(VALENCE, fontsize=8)
    ax.set_ylabel(AROUSAL, fontsize=8)
    tidy(ax)


def _draw_by_time(ax: Axes, time: NDArray[np.float64], points: NDArray[np.float64]) -> None:
    from matplotlib.collections import LineCollection

    segments = np.stack([points[:-1], points[1:]], 1)
    middles = (time[:-1] + time[1:]) / 2
    known = np.isfinite(middles)
    line = LineCollection(list(segments[known]), cmap="viridis", linewidths=1.8)
    line.set_array(middles[known])
    ax.add_collection(line, autolim=False)
    if known.any():
        add_colorbar(ax, line, "time (s)")
