"""Values of one frame as bars, one colour a face."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.plot._style import unit_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mien.table import FaceTable

__all__ = ["draw_bars"]


def draw_bars(ax: Axes, values: FaceTable, colors: Sequence[Any], title: str) -> None:
    """Draw a horizontal bar for each column of `values` and face, 0 to 1, first column on top."""
    positions = np.arange(values.shape[1], dtype=float)
    thickness = 0.8 / max(len(values), 1)
    for index, color in enumerate(colors):
        shift = (index - (len(values) - 1) / 2) * thickness
        widths = values.iloc[index].to_numpy(float)
        ax.barh(positions + shift, widths, height=thickness, color=color)
    ax.set_yticks(positions, [str(name) for name in values.columns], fontsize=8)
    ax.set_ylim(values.shape[1] - 0.5, -0.5)
    ax.set_xlim(0, 1)
    ax.set_title(title, fontsize=9, loc="left")
    unit = unit_label(values.columns[0])
    ax.set_xlabel(unit, fontsize=8)
    ax.tick_params(axis="x", labelsize=7)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
