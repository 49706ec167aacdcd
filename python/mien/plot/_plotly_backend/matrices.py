"""Square tables of numbers as heat maps: co-occurrence and intersubject correlation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mien.plot._plotly_backend.figure import new_figure, plotly_graphs
from mien.plot.cooccurrence import LABELS, Measure, cooccurrence
from mien.plot.intersubject import PairwiseCorrelations, isc_square
from mien.preprocess.columns import Columns
from mien.table import FaceTable

__all__ = ["plot_cooccurrence", "plot_isc"]


def plot_cooccurrence(
    table: FaceTable,
    columns: Columns = None,
    *,
    measure: Measure = "jaccard",
    threshold: float = 0.5,
    figure: Any = None,
) -> Any:
    """Draw which action units are active together.

    Parameters
    ----------
    table, columns, measure, threshold
        As for `mien.plot.cooccurrence`.
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError, OptionError
        As for `mien.plot.cooccurrence`.
    MissingExtraError
        plotly is not installed.
    """
    square = cooccurrence(table, columns, measure=measure, threshold=threshold)
    low, colors = (-1.0, "PuOr_r") if measure == "correlation" else (0.0, "Cividis")
    return _heat_map(new_figure(figure), square, low, colors, LABELS[measure])


def plot_isc(
    found: PairwiseCorrelations | pd.DataFrame, row: Any = None, *, figure: Any = None
) -> Any:
    """Draw the correlations of all pairs of subjects.

    Parameters
    ----------
    found, row
        As for `mien.plot.plot_isc`.
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError, OptionError
        As for `mien.plot.plot_isc`.
    MissingExtraError
        plotly is not installed.
    """
    square, title = isc_square(found, row)
    drawing = new_figure(figure)
    _heat_map(drawing, square, -1.0, "PuOr_r", "Pearson correlation (-1-1)")
    drawing.update_layout(title=title)
    return drawing


def _heat_map(figure: Any, square: pd.DataFrame, low: float, colors: str, label: str) -> Any:
    """Add fields coloured by value, `low` to 1; missing numbers are grey."""
    figure.add_trace(
        plotly_graphs().Heatmap(
            z=square.to_numpy(float),
            x=[str(name) for name in square.columns],
            y=[str(name) for name in square.index],
            zmin=low,
            zmax=1.0,
            colorscale=colors,
            colorbar={"title": {"text": label, "side": "right"}},
            hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", scaleanchor="x", constrain="domain")
    figure.update_xaxes(constrain="domain")
    figure.update_layout(plot_bgcolor="#d9d9d9")  # visible where a number is missing
    return figure
