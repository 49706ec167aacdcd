"""Square tables of numbers as coloured fields."""

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
    """Fields coloured by value with names at both sides, the scale, and the numbers themselves in
    up to 14 rows; NaN is grey.
    """
    from matplotlib import colormaps

    palette = colormaps[colors].with_extremes(bad="#d9d9d9")
    numbers = values.to_numpy(float)
    shown = ax.imshow(np.ma.masked_invalid(numbers), cmap=palette, vmin=low, vmax=high)
    size = 8 if len(values) <= 20 else 6
    for axis, names in ((ax.xaxis, values.columns), (ax.yaxis, values.index)):
        axis.set_ticks(range(len(names)), [str(name) for name in names], fontsize=size)
    ax.tick_params(axis="x", rotation=90)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if len(values) <= MOST_WRITTEN:
        _write(ax, numbers, shown)
    add_colorbar(ax, shown, label)


def _write(ax: Axes, numbers: np.ndarray, shown: Any) -> None:
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
            color=ink_on(shown.to_rgba(number)),
        )
