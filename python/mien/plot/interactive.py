"""Plotly twins of those plots that are worth pointing at: values under the pointer, zoom, lines to
switch off.

They draw the same numbers as their namesakes in `mien.plot` and need plotly, which comes with ``pip
install 'mien[plot]'``. Each returns a ``plotly.graph_objects.Figure`` and takes one as ``figure=``
to draw in.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mien.plot.circumplex import CORNERS, trajectories
from mien.plot.cooccurrence import LABELS, Measure, cooccurrence
from mien.plot.face_model import FaceModel, Units, face_model
from mien.plot.faces import check_gaze, forehead, iris_centres
from mien.plot.interactive_detections import plot_detections
from mien.plot.interactive_quality import plot_quality
from mien.plot.intersubject import PairwiseCorrelations, isc_square
from mien.plot.landmarks import LINES, path
from mien.plot.plotly_parts import (
    CLEAR,
    add_muscle_scale,
    add_muscles,
    line,
    new_figure,
    plotly_graphs,
)
from mien.plot.style import INK, QUIET, color, unit_label
from mien.plot.time_course import By, lines_of, time_course
from mien.preprocess.columns import Columns
from mien.table import FaceTable

__all__ = [
    "plot_circumplex",
    "plot_cooccurrence",
    "plot_detections",
    "plot_face",
    "plot_isc",
    "plot_quality",
    "plot_time_course",
]


def _faint(ink: str) -> str:
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.2)"


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
    """One column over time; see `mien.plot.plot_time_course`."""
    course = time_course(table, [column], by=by, over=over, bin=bin, confidence=confidence)
    made, plotly = new_figure(figure), plotly_graphs()
    lines = lines_of(course)
    for number, (name, part) in enumerate(lines):
        ink = color(number)
        banded = part.dropna(subset=["low"])
        edge = pd.concat([banded["high"], banded["low"][::-1]])
        time = pd.concat([banded["time"], banded["time"][::-1]])
        made.add_trace(
            plotly.Scatter(
                x=time,
                y=edge,
                fill="toself",
                fillcolor=_faint(ink),
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
                legendgroup=name,
            )
        )
        made.add_trace(
            plotly.Scatter(
                x=part["time"],
                y=part["mean"],
                customdata=part[["low", "high", "n"]],
                name=name,
                legendgroup=name,
                mode="lines",
                line={"color": ink},
                hovertemplate="%{x:.2f} s: %{y:.3f} (%{customdata[0]:.3f} to %{customdata[1]:.3f}, n = %{customdata[2]})",
            )
        )
    unit = unit_label(column)
    made.update_layout(showlegend=len(lines) > 1)
    made.update_xaxes(title="time (s)")
    made.update_yaxes(title=f"{column} ({unit})" if unit else column)
    return made


def _field(
    figure: Any, square: pd.DataFrame, low: float, high: float, colors: str, label: str
) -> Any:
    names = [str(name) for name in square.columns]
    figure.add_trace(
        plotly_graphs().Heatmap(
            z=square.to_numpy(float),
            x=names,
            y=[str(name) for name in square.index],
            zmin=low,
            zmax=high,
            colorscale=colors,
            colorbar={"title": {"text": label, "side": "right"}},
            hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", scaleanchor="x", constrain="domain")
    figure.update_xaxes(constrain="domain")
    figure.update_layout(plot_bgcolor="#d9d9d9")  # shows through where a number is missing
    return figure


def plot_cooccurrence(
    table: FaceTable,
    columns: Columns = None,
    *,
    measure: Measure = "jaccard",
    threshold: float = 0.5,
    figure: Any = None,
) -> Any:
    """Which action units come together; see `mien.plot.plot_cooccurrence`."""
    found = cooccurrence(table, columns, measure=measure, threshold=threshold)
    low, colors = (-1.0, "PuOr_r") if measure == "correlation" else (0.0, "Cividis")
    return _field(new_figure(figure), found, low, 1.0, colors, LABELS[measure])


def plot_isc(
    found: PairwiseCorrelations | pd.DataFrame, row: Any = None, *, figure: Any = None
) -> Any:
    """Correlations of all pairs of subjects; see `mien.plot.plot_isc`."""
    square, title = isc_square(found, row)
    made = _field(new_figure(figure), square, -1.0, 1.0, "PuOr_r", "Pearson correlation (-1-1)")
    made.update_layout(title=title)
    return made


def plot_circumplex(
    table: FaceTable,
    *,
    by: Sequence[Hashable] | None = None,
    lines: bool = True,
    figure: Any = None,
) -> Any:
    """Where on the circumplex each face went; see `mien.plot.plot_circumplex`."""
    made, plotly = new_figure(figure), plotly_graphs()
    for number, (name, time, points) in enumerate(trajectories(table, by=by, lines=lines)):
        made.add_trace(
            plotly.Scatter(
                x=points[:, 0],
                y=points[:, 1],
                customdata=time,
                name=name,
                mode="lines+markers" if lines else "markers",
                marker={"size": 4, "color": color(number)},
                line={"color": color(number)},
                hovertemplate=("%{customdata:.2f} s: " if lines else "")
                + "valence %{x:.2f}, arousal %{y:.2f}",
            )
        )
    made.add_shape(
        type="circle",
        x0=-1,
        x1=1,
        y0=-1,
        y1=1,
        line={"color": QUIET, "width": 1},
        fillcolor=CLEAR,
        opacity=1,
    )
    for name, (x, y) in CORNERS.items():
        anchor = {"xanchor": "right" if x > 0 else "left", "yanchor": "top" if y > 0 else "bottom"}
        made.add_annotation(x=x, y=y, text=name, showarrow=False, **anchor)
    made.update_xaxes(title="valence (unpleasant -1 to pleasant 1)", range=[-1.02, 1.02])
    made.update_yaxes(title="arousal (calm -1 to excited 1)", range=[-1.02, 1.02], scaleanchor="x")
    return made


def plot_face(
    au: Units = None,
    *,
    gaze: tuple[float, float] = (0.0, 0.0),
    muscles: bool = True,
    model: FaceModel | None = None,
    figure: Any = None,
) -> Any:
    """A face from action units, muscles and landmarks named under the pointer; see
    `mien.plot.plot_face`.
    """
    check_gaze(gaze)
    model = model or face_model()
    values = model.values(au)
    face = model.landmarks(values)
    made, plotly = new_figure(figure), plotly_graphs()
    if muscles:
        add_muscles(made, face, dict(zip(model.units, values.tolist(), strict=True)))
        add_muscle_scale(made)
    made.add_trace(line(forehead(face), QUIET, dash="dash"))
    for part in LINES:
        made.add_trace(line(face[path(*part)], INK))
    centres, radius = iris_centres(face, gaze)
    for x, y in centres:
        ring = {"x0": x - radius, "x1": x + radius, "y0": y - radius, "y1": y + radius}
        made.add_shape(
            type="circle", line={"color": INK, "width": 1}, fillcolor=INK, opacity=0.6, **ring
        )
    made.add_trace(
        plotly.Scatter(
            x=face[:, 0],
            y=face[:, 1],
            mode="markers",
            marker={"size": 4, "color": INK},
            customdata=np.linalg.norm(face - model.neutral, axis=1),
            text=[str(i) for i in range(len(face))],
            hovertemplate="landmark %{text}<br>moved %{customdata:.3f} interocular distances<extra></extra>",
            showlegend=False,
        )
    )
    made.update_xaxes(visible=False, range=[-1.4, 1.4])
    made.update_yaxes(visible=False, range=[2.35, -1.1], scaleanchor="x")
    return made
