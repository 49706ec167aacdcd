"""Muscles drawn over a face, coloured by their activation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.plot._colorbars import scale
from mien.plot.muscles import muscle_patches

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ACTIVATION", "activation_scale", "draw_muscles"]


ACTIVATION = "muscle activation (intensity, 0-1)"
# Pale at rest, so that what is active stands out; rises evenly in darkness (ColorBrewer,
# colour-blind safe).
COLORS = "YlOrBr"


def activation_scale() -> Any:
    """The colours of activations 0 to 1."""
    return scale(0, 1, COLORS)


def draw_muscles(
    ax: Axes, landmarks: NDArray[np.floating], au: Mapping[str, float], alpha: float = 1.0
) -> list[Any]:
    """Draw the polygons of all muscles of which a unit is known.

    Parameters
    ----------
    ax : matplotlib Axes
        In the landmarks' coordinates.
    landmarks : (68, 2) float array
    au : mapping
        Action units by name, 0-1; NaN is unknown. Where only ``AU12`` is there it is both sides'.
    alpha : float
        Opacity, 0 to 1.

    Returns
    -------
    list of matplotlib.patches.Polygon
        Their labels are the muscles' names, with ``(R)`` or ``(L)`` for the subject's side.
    """
    from matplotlib.patches import Polygon

    colors = activation_scale()
    polygons = []
    for patch in muscle_patches(landmarks):
        activation = patch.activation(au)
        if np.isnan(activation):
            continue
        side = f" ({patch.side})" if patch.side else ""
        polygon = Polygon(
            patch.outline,
            closed=True,
            facecolor=colors.to_rgba(activation),
            edgecolor="#cfcfcf",
            linewidth=0.6,
            alpha=alpha,
            label=patch.muscle.name + side,
            zorder=1.5,
        )
        polygons.append(ax.add_patch(polygon))
    return polygons
