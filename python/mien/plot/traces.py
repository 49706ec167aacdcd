"""Columns over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mien.errors import InputError
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_traces"]


def __dir__() -> list[str]:
    return __all__


def plot_traces(table: FaceTable, panels: Sequence[Sequence[str]]) -> Figure:
    """Draw columns against time, a panel for each list of columns.

    Parameters
    ----------
    table : FaceTable
        Rows of one face; rows without it leave gaps.
    panels : sequence of sequences of str
        Names of columns; those of a panel share its axis.

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
    from matplotlib.figure import Figure

    missing = [name for panel in panels for name in panel if name not in table]
    if missing:
        raise InputError(f"table: no column {', '.join(missing)} to draw")
    timed = "time" in table and bool(table["time"].notna().any())
    figure = Figure(figsize=(8, 1.7 * len(panels) + 0.4), layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for ax, panel in zip(axes, panels, strict=True):
        for name in panel:
            x = table["time"] if timed else table["frame"]
            ax.plot(x.to_numpy(float), table[name].to_numpy(float), label=name, linewidth=1.2)
        ax.legend(loc="upper right", fontsize=7, frameon=False)
        ax.tick_params(labelsize=7)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
    axes[-1].set_xlabel("time (s)" if timed else "frame", fontsize=8)
    return figure
