"""One column over time."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mien.plot._plotly_backend.figure import new_figure, plotly_graphs
from mien.plot._style import color, unit_label
from mien.plot.time_course import By, lines_of, time_course
from mien.table import FaceTable

__all__ = ["plot_time_course"]


def plot_time_course(
    table: FaceTable,
    column: str,
    *,
    by: By = None,
    over: By = None,
    bin: float = 0.5,
    confidence: float = 0.95,
    figure: Any = None,
) -> Any:
    """Draw one column over time.

    Parameters
    ----------
    table, by, over, bin, confidence
        As for `mien.plot.plot_time_course`.
    column : str
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError, OptionError
        As for `mien.plot.time_course`.
    MissingExtraError
        plotly is not installed.
    """
    course = time_course(table, [column], by=by, over=over, bin=bin, confidence=confidence)
    drawing = new_figure(figure)
    lines = lines_of(course)
    for number, (name, part) in enumerate(lines):
        drawing.add_trace(_band(part, name, color(number)))
        drawing.add_trace(_line(part, name, color(number)))
    unit = unit_label(column)
    drawing.update_layout(showlegend=len(lines) > 1)
    drawing.update_xaxes(title="time (s)")
    drawing.update_yaxes(title=f"{column} ({unit})" if unit else column)
    return drawing


def _band(part: pd.DataFrame, name: str, ink: str) -> Any:
    """The confidence band of a line, in a faint shade of its colour."""
    known = part.dropna(subset=["low"])
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    return plotly_graphs().Scatter(
        x=pd.concat([known["time"], known["time"][::-1]]),
        y=pd.concat([known["high"], known["low"][::-1]]),
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.2)",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=name,
    )


def _line(part: pd.DataFrame, name: str, ink: str) -> Any:
    """The means, with interval and count at the mouse pointer."""
    interval = "(%{customdata[0]:.3f} to %{customdata[1]:.3f}, n = %{customdata[2]})"
    return plotly_graphs().Scatter(
        x=part["time"],
        y=part["mean"],
        customdata=part[["low", "high", "n"]],
        name=name,
        legendgroup=name,
        mode="lines",
        line={"color": ink},
        hovertemplate="%{x:.2f} s: %{y:.3f} " + interval,
    )
