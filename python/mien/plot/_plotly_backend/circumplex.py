"""Valence and arousal on the circumplex."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plot._plotly_backend.figure import CLEAR, new_figure, plotly_graphs
from mien.plot._style import QUIET, color
from mien.plot.circumplex import AROUSAL, CORNERS, VALENCE, trajectories
from mien.table import FaceTable

__all__ = ["plot_circumplex"]


def plot_circumplex(
    table: FaceTable,
    *,
    by: Sequence[Hashable] | None = None,
    lines: bool = True,
    figure: Any = None,
) -> Any:
    """Draw each face's way through the circumplex.

    Parameters
    ----------
    table, by, lines
        As for `mien.plot.plot_circumplex`.
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError
        As for `mien.plot.plot_circumplex`.
    MissingExtraError
        plotly is not installed.
    """
    drawing = new_figure(figure)
    for number, (name, time, points) in enumerate(trajectories(table, by=by, lines=lines)):
        drawing.add_trace(_trajectory(name, time, points, color(number), lines))
    edge = {"color": QUIET, "width": 1}
    drawing.add_shape(
        type="circle", x0=-1, x1=1, y0=-1, y1=1, line=edge, fillcolor=CLEAR, opacity=1
    )
    for name, (x, y) in CORNERS.items():
        anchor = {"xanchor": "right" if x > 0 else "left", "yanchor": "top" if y > 0 else "bottom"}
        drawing.add_annotation(x=x, y=y, text=name, showarrow=False, **anchor)
    drawing.update_xaxes(title=VALENCE, range=[-1.02, 1.02])
    drawing.update_yaxes(title=AROUSAL, range=[-1.02, 1.02], scaleanchor="x")
    return drawing


def _trajectory(
    name: str, time: NDArray[np.float64], points: NDArray[np.float64], ink: str, lines: bool
) -> Any:
    """One face's valence and arousal (M, 2), with its times at the mouse pointer if it has any."""
    seconds = "%{customdata:.2f} s: " if lines else ""
    return plotly_graphs().Scatter(
        x=points[:, 0],
        y=points[:, 1],
        customdata=time,
        name=name,
        mode="lines+markers" if lines else "markers",
        marker={"size": 4, "color": ink},
        line={"color": ink},
        hovertemplate=seconds + "valence %{x:.2f}, arousal %{y:.2f}",
    )
