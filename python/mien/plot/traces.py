"""Columns over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mien.errors import InputError
from mien.plot._style import color, new_figure, tidy, unit_label
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_traces"]


def plot_traces(table: FaceTable, panels: Sequence[Sequence[str]], *, figure: Any = None) -> Figure:
    """Draw columns against time, a panel for each list of columns.

    Parameters
    ----------
    table : FaceTable
        Rows of one face; rows without it leave gaps.
    panels : sequence of sequences of str
        Names of columns; those of a panel share its axis, which says their unit if they have one in
        common.
    figure : matplotlib Figure or SubFigure, optional
        An empty one to draw in.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        A column the table lacks.

    Examples
    --------
    >>> plot_traces(table[table.track == 0], [["AU12", "happiness"], ["Yaw"]])  # doctest: +SKIP
    """
    missing = [name for panel in panels for name in panel if name not in table]
    if missing:
        raise InputError(f"table: no column {', '.join(missing)} to draw")
    timed = "time" in table and bool(table["time"].notna().any())
    drawing: Figure = new_figure(figure, (8, 1.7 * len(panels) + 0.4))
    axes = drawing.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    x = table["time" if timed else "frame"].to_numpy(float)
    for ax, panel in zip(axes, panels, strict=True):
        for number, name in enumerate(panel):
            y = table[name].to_numpy(float)
            ax.plot(x, y, label=name, linewidth=1.2, color=color(number))
        units = {unit_label(name) for name in panel}
        ax.set_ylabel(units.pop() if len(units) == 1 else "", fontsize=8)
        ax.legend(loc="upper right", fontsize=7, frameon=False)
        tidy(ax)
    axes[-1].set_xlabel("time (s)" if timed else "frame", fontsize=8)
    return drawing
