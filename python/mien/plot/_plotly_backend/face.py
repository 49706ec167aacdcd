"""A face from action units alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plot._landmarks import LINES, path
from mien.plot._plotly_backend.figure import (
    add_muscle_scale,
    add_muscles,
    line,
    new_figure,
    plotly_graphs,
)
from mien.plot._style import INK, QUIET
from mien.plot.face_model import FaceModel, Units, face_model
from mien.plot.faces import check_gaze, forehead, iris_centres

__all__ = ["plot_face"]


def plot_face(
    au: Units = None,
    *,
    gaze: tuple[float, float] = (0.0, 0.0),
    muscles: bool = True,
    model: FaceModel | None = None,
    figure: Any = None,
) -> Any:
    """Draw a face from action units; the mouse pointer names muscles and landmarks.

    Parameters
    ----------
    au, gaze, muscles, model
        As for `mien.plot.plot_face`.
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError, OptionError
        As for `mien.plot.plot_face`.
    MissingExtraError
        plotly is not installed.
    """
    check_gaze(gaze)
    model = model or face_model()
    values = model.values(au)
    face = model.landmarks(values)
    drawing = new_figure(figure)
    if muscles:
        add_muscles(drawing, face, dict(zip(model.units, values.tolist(), strict=True)))
        add_muscle_scale(drawing)
    drawing.add_trace(line(forehead(face), QUIET, dash="dash"))
    for part in LINES:
        drawing.add_trace(line(face[path(*part)], INK))
    _add_irises(drawing, face, gaze)
    drawing.add_trace(_landmarks(face, np.linalg.norm(face - model.neutral, axis=1)))
    drawing.update_xaxes(visible=False, range=[-1.4, 1.4])
    drawing.update_yaxes(visible=False, range=[2.35, -1.1], scaleanchor="x")
    return drawing


def _add_irises(figure: Any, face: NDArray[np.float64], gaze: tuple[float, float]) -> None:
    centres, radius = iris_centres(face, gaze)
    for x, y in centres:
        figure.add_shape(
            type="circle",
            x0=x - radius,
            x1=x + radius,
            y0=y - radius,
            y1=y + radius,
            line={"color": INK, "width": 1},
            fillcolor=INK,
            opacity=0.6,
        )


def _landmarks(face: NDArray[np.float64], movement: NDArray[np.float64]) -> Any:
    """The landmarks (68, 2), each with its number and the length of its movement (68,)."""
    moved = "moved %{customdata:.3f} interocular distances"
    return plotly_graphs().Scatter(
        x=face[:, 0],
        y=face[:, 1],
        mode="markers",
        marker={"size": 4, "color": INK},
        customdata=movement,
        text=[str(i) for i in range(len(face))],
        hovertemplate=f"landmark %{{text}}<br>{moved}<extra></extra>",
        showlegend=False,
    )
