"""Intersubject correlation as a heat map."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from mien.errors import InputError
from mien.plot._matrices import draw_matrix
from mien.plot._style import DIVERGING, named, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PairwiseCorrelations", "plot_isc"]


class PairwiseCorrelations(Protocol):
    """What is drawn here of `mien.stats.ISC`, a module above this one."""

    @property
    def table(self) -> pd.DataFrame:
        """A row for each column or moment: its name, then `isc`, `p_corrected` and others."""

    def matrix(self, row: Hashable | None = None) -> pd.DataFrame:
        """Correlations of one row of `table`, (subjects, subjects)."""


def plot_isc(
    found: PairwiseCorrelations | pd.DataFrame,
    row: Hashable | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the correlations of all pairs of subjects.

    Parameters
    ----------
    found : ISC or DataFrame
        Result of `mien.stats.isc`, or a square table of correlations.
    row : optional
        Which column (or moment) of the ISC; may be left out if there is one.
    ax : matplotlib Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        Its title says the summary over pairs and, if tested, its corrected p.

    Raises
    ------
    InputError
        No such row, or a table that isn't square.
    OptionError
        ISC by leave-one-out, which has no pairs.
    """
    square, title = isc_square(found, row)
    side = max(4.0, 0.25 * len(square) + 1.5)
    ax = new_axes(ax, (side + 1, side))
    draw_matrix(ax, square, -1, 1, DIVERGING, "Pearson correlation (-1-1)")
    ax.set_title(title, fontsize=9, loc="left")
    return ax


def isc_square(
    found: PairwiseCorrelations | pd.DataFrame, row: Hashable | None
) -> tuple[pd.DataFrame, str]:
    """The correlations of all pairs, and a title."""
    if isinstance(found, pd.DataFrame):
        if found.shape[0] != found.shape[1]:
            raise InputError(f"found: wanted a square table of correlations, got {found.shape}")
        return found, ""
    square = found.matrix(row)
    names = found.table.iloc[:, 0].tolist()
    entry = found.table.iloc[0 if row is None else names.index(row)]
    tested = "" if pd.isna(entry["p_corrected"]) else f", corrected p = {entry['p_corrected']:.3g}"
    return square, f"{named(entry.iloc[0])}: ISC {entry['isc']:.2f}{tested}"
