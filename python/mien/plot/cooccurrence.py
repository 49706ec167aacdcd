"""Co-occurrence of action units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.plot._matrices import draw_matrix
from mien.plot._style import DIVERGING, SEQUENTIAL, new_axes
from mien.preprocess.columns import Columns, as_table, matrix, value_columns
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cooccurrence", "plot_cooccurrence"]


Measure = Literal["jaccard", "conditional", "correlation"]
LABELS = {
    "jaccard": "Jaccard index: rows with both / rows with either (0-1)",
    "conditional": "P(column | row), share of rows (0-1)",
    "correlation": "Pearson correlation over rows (-1-1)",
}


def cooccurrence(
    table: FaceTable,
    columns: Columns = None,
    *,
    measure: Measure = "jaccard",
    threshold: float = 0.5,
) -> pd.DataFrame:
    """Share of rows in which two action units are both active, for all pairs.

    Parameters
    ----------
    table : FaceTable
    columns : str or sequence of str, optional
        Columns or groups; by default the action units without sides, or those with sides where
        there are no others.
    measure : {"jaccard", "conditional", "correlation"}
        ``jaccard``: rows with both over rows with either; ``conditional``: rows with both over rows
        with the row's unit; ``correlation``: Pearson's, of the intensities.
    threshold : float
        A unit is active above it.

    Returns
    -------
    pandas.DataFrame
        (units, units), over the rows that have both; NaN where neither is ever active, or one never
        varies.

    Raises
    ------
    InputError
        No such columns.
    OptionError
        Another measure.

    Examples
    --------
    >>> table = FaceTable({"AU06": [0.9, 0.8, 0.1], "AU12": [0.9, 0.1, 0.2]})
    >>> cooccurrence(table).loc["AU06", "AU12"].item()
    0.5
    """
    if measure not in LABELS:
        raise OptionError(f"measure: wanted one of {', '.join(LABELS)}, got {measure!r}")
    table = as_table(table)
    names = value_columns(table, _units(table) if columns is None else columns)
    values = matrix(table, names, np.float64)
    if measure == "correlation":
        correlations: pd.DataFrame = pd.DataFrame(values, columns=names).corr(min_periods=3)
        return correlations
    square = _shares(values, threshold, measure)
    shares: pd.DataFrame = pd.DataFrame(square, index=names, columns=names)
    return shares


def _units(table: FaceTable) -> list[str]:
    units = list(table.aus)
    if not units:
        raise InputError("table: no action units; name columns= to compare")
    return [name for name in units if "_" not in name] or units


def _shares(values: NDArray[np.float64], threshold: float, measure: str) -> NDArray[np.float64]:
    known = np.isfinite(values).astype(float)
    active = (np.nan_to_num(values, nan=-np.inf) > threshold).astype(float)
    both = active.T @ active
    row = active.T @ known  # the row's unit active, the column's known
    either = row + row.T - both if measure == "jaccard" else row
    out: NDArray[np.float64] = np.full_like(both, np.nan)
    np.divide(both, either, out=out, where=either > 0)
    return out


def plot_cooccurrence(
    table: FaceTable,
    columns: Columns = None,
    *,
    measure: Measure = "jaccard",
    threshold: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Draw what `cooccurrence` computes as a heat map.

    Parameters
    ----------
    table, columns, measure, threshold
        See `cooccurrence`.
    ax : matplotlib Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError, OptionError
        As for `cooccurrence`.
    """
    square = cooccurrence(table, columns, measure=measure, threshold=threshold)
    side = max(4.0, 0.3 * len(square) + 1.5)
    ax = new_axes(ax, (side + 1, side))
    if measure == "correlation":
        draw_matrix(ax, square, -1, 1, DIVERGING, LABELS[measure])
    else:
        draw_matrix(ax, square, 0, 1, SEQUENTIAL, LABELS[measure])
        ax.set_title(f"active: above {threshold:g}", fontsize=8, loc="left")
    return ax
