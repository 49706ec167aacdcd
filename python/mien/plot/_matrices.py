"""Square tables of numbers as heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mien.plot._colorbars import add_colorbar
from mien.plot._style import ink_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_matrix"]


MOST_WRITTEN = 14


def draw_matrix(
    ax: Axes, values: pd.DataFrame, low: float, high: float, colors: str, label: str
) -> None:
    """Draw a heat map with its names and scale, and the numbers of up to 14 rows; NaN is grey."""
    from matplotlib import colormaps

    palette = colormaps[colors].with_extremes(bad="#d9d9d9")
    numbers = values.to_numpy(float)
    fields = ax.imshow(np.ma.masked_invalid(numbers), cmap=palette, vmin=low, vmax=high)
    size = 8 if len(values) <= 20 else 6
    for axis, names in ((ax.xaxis, values.columns), (ax.yaxis, values.index)):
        axis.set_ticks(range(len(names)), [str(name) for name in names], fontsize=size)
    ax.tick_params(axis="x", rotation=90)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if len(values) <= MOST_WRITTEN:
        _write(ax, numbers, fields)
    add_colorbar(ax, fields, label)


def _write(ax: Axes, numbers: np.ndarray, fields: Any) -> None:
    for (row, column), number in np.ndenumerate(numbers):
        if np.isnan(number):
            continue
        text = f"{number:.2f}".replace("0.", ".", 1)
        ax.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=7,
            color=ink_on(fields.to_rgba(number)),
        )
