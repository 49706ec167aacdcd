"""What all plots share: colour-blind safe colours, figures and axes, labels with units."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from mien import schema
from mien.errors import OptionError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["COLORS", "DIVERGING", "INK", "QUIET", "SEQUENTIAL", "color", "named", "unit_label"]


COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""Okabe & Ito (2008), *Color universal design*, without black, which is for text and frames."""
SEQUENTIAL = "cividis"
DIVERGING = "PuOr_r"
INK, QUIET = "#222222", "#999999"
# Features that have the unit and range of their column.
_SAME_UNIT = re.compile(r"^(?:(?:mean|max|min|peak)_)+")


def color(number: int) -> str:
    """The colour of the face, line or group with this number."""
    return COLORS[number % len(COLORS)]


def ink_on(fill: Any) -> str:
    """Black or white, whichever is read better on a colour (by its luma)."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(fill[:3] if isinstance(fill, tuple) else fill)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def new_figure(figure: Any, size: tuple[float, float]) -> Any:
    """The caller's figure or subfigure, which must be empty, or a new one of this size (inches)."""
    from matplotlib.figure import Figure, FigureBase

    if figure is None:
        return Figure(figsize=size, layout="constrained")
    if not isinstance(figure, FigureBase):
        raise OptionError(f"figure: wanted a matplotlib figure, got {type(figure).__name__}")
    if figure.axes:
        axes: Any = figure.axes
        raise OptionError(f"figure: wanted an empty one, got one with {len(axes)} axes")
    return figure


def new_axes(ax: Any, size: tuple[float, float]) -> Axes:
    """The caller's axes, or those of a new figure of this size in inches."""
    from matplotlib.axes import Axes

    if ax is None:
        axes: Axes = new_figure(None, size).add_subplot()
        return axes
    if not isinstance(ax, Axes):
        raise OptionError(f"ax: wanted matplotlib axes, got {type(ax).__name__}")
    return ax


def whole(figure: Figure | SubFigure) -> Figure:
    """The figure that a part of a figure belongs to."""
    return figure.figure if figure.figure is not None else figure


def tidy(ax: Axes) -> None:
    """Small numbers, no frame above and at the right."""
    ax.tick_params(labelsize=8)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def unit_label(name: Hashable) -> str:
    """Unit of a column, such as ``rad`` or ``intensity, 0-1``; empty where none is known.

    Examples
    --------
    >>> unit_label("AU12"), unit_label("mean_Yaw"), unit_label("f1.0_power_AU12")
    ('intensity, 0-1', 'rad', '')
    >>> unit_label("valence")
    '-1-1'
    """
    known = schema.column(_SAME_UNIT.sub("", str(name)))
    if known is None:
        return ""
    return ", ".join(part for part in (known.unit, known.range) if part)


def named(name: Hashable) -> str:
    """A column and what it is, for titles: ``AU12_L lip corner puller, the subject's left``.

    Examples
    --------
    >>> named("AU12"), named("Pitch"), named("rating")
    ('AU12 lip corner puller', 'Pitch', 'rating')
    """
    known = schema.column(str(name))
    if known is None or known.group != "aus":
        return str(name)
    return f"{name} {known.description.partition(':')[0]}"
