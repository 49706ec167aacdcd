"""What the plots of this backend share: figures, lines, muscles and their scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.plot._heat import ACTIVATION, activation_scale
from mien.plot.muscles import Patch, muscle_patches

__all__ = ["CLEAR", "add_muscle_scale", "add_muscles", "line", "new_figure", "plotly_graphs"]


# The template would fill shapes with grey.
CLEAR = "rgba(0,0,0,0)"


def plotly_graphs() -> Any:
    """``plotly.graph_objects``, or an error that says how to get it."""
    from mien.preprocess.extras import extra

    return extra("plotly.graph_objects", "plotly", "plot")


def new_figure(figure: Any) -> Any:
    """The caller's figure, or a new one."""
    plotly = plotly_graphs()
    if figure is None:
        return plotly.Figure(layout={"template": "simple_white"})
    if not isinstance(figure, plotly.Figure):
        raise OptionError(f"figure: wanted a plotly figure, got {type(figure).__name__}")
    return figure


def line(
    points: NDArray[np.floating],
    ink: str,
    *,
    width: float = 2,
    dash: str = "solid",
    opacity: float | None = None,
) -> Any:
    """A line through points (n, 2) that shows nothing at the mouse pointer."""
    return plotly_graphs().Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="lines",
        line={"color": ink, "width": width, "dash": dash},
        hoverinfo="skip",
        showlegend=False,
        opacity=opacity,
    )


def add_muscles(
    figure: Any, face: NDArray[np.floating], au: dict[str, float], opacity: float = 1.0
) -> None:
    """Add the muscles of a face, landmarks (68, 2), by its action units, with their names."""
    from matplotlib.colors import to_hex

    colors = activation_scale()
    for patch in muscle_patches(face):
        activation = patch.activation(au)
        if np.isnan(activation):
            continue
        figure.add_trace(
            plotly_graphs().Scatter(
                x=patch.outline[:, 0],
                y=patch.outline[:, 1],
                fill="toself",
                fillcolor=to_hex(colors.to_rgba(activation)),
                opacity=opacity,
                mode="lines",
                line={"color": "white", "width": 0.5},
                hoveron="fills",
                text=_label(patch, activation),
                hoverinfo="text",
                showlegend=False,
            )
        )


def _label(patch: Patch, activation: float) -> str:
    units = ", ".join(patch.muscle.units)
    return f"{patch.muscle.name} {patch.side}: {activation:.2f} ({units})"


def add_muscle_scale(figure: Any) -> None:
    """Add the colour bar of the activations."""
    from matplotlib.colors import to_hex

    colors = activation_scale()
    marker = {
        "color": [0, 1],
        "colorscale": [[i / 10, to_hex(colors.to_rgba(i / 10))] for i in range(11)],
        "cmin": 0,
        "cmax": 1,
        "colorbar": {"title": {"text": ACTIVATION, "side": "right"}},
        "size": 0.1,
    }
    figure.add_trace(
        plotly_graphs().Scatter(
            x=[None, None], y=[None, None], mode="markers", marker=marker, showlegend=False
        )
    )
