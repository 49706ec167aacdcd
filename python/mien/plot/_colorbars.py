"""Colour scales and colour bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar

__all__ = ["add_colorbar", "scale"]


def scale(low: float, high: float, colors: str) -> Any:
    """Numbers to colours: a matplotlib ScalarMappable."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    return ScalarMappable(Normalize(low, high), colors)


def add_colorbar(ax: Axes, mappable: Any, label: str) -> Colorbar:
    """Add a slim colour bar at the right of the axes, labelled with quantity and unit."""
    from mien.plot._style import whole

    bar = whole(ax.figure).colorbar(mappable, ax=ax, fraction=0.05, pad=0.03, shrink=0.8)
    bar.set_label(label, fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    return bar
