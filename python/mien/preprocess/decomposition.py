"""Decomposition: many signals as mixtures of few."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import numpy as np
import pandas as pd

from mien.errors import InputError, OptionError
from mien.preprocess.columns import Columns, as_table, matrix, record, value_columns, values_of
from mien.preprocess.extras import extra
from mien.table import FaceTable

__all__ = ["Decomposition", "decompose", "distance"]


Algorithm = Literal["pca", "ica", "nnmf", "fa"]
_ESTIMATORS = {"pca": "PCA", "ica": "FastICA", "nnmf": "NMF", "fa": "FactorAnalysis"}


class Decomposition(TypedDict):
    """What `decompose` returns.

    Attributes
    ----------
    decomposition_object
        The fitted estimator of scikit-learn.
    components : FaceTable
        How much of each component each sample has; columns ``c1``, ``c2`` ...
    weights : FaceTable
        How much of each signal each component has; columns ``c1``, ``c2`` ...
    """

    decomposition_object: Any
    components: FaceTable
    weights: FaceTable


def decompose(
    table: FaceTable,
    algorithm: Algorithm = "pca",
    axis: Literal[0, 1] = 1,
    n_components: int | None = None,
    *,
    columns: Columns = None,
    **options: Any,
) -> Decomposition:
    """Decompose the values by scikit-learn. Rows that miss a value are left out, and are NaN in the
    result.

    Parameters
    ----------
    table : FaceTable
    algorithm : {"pca", "ica", "nnmf", "fa"}, optional
        ``PCA``, ``FastICA``, ``NMF`` (no negative values) or ``FactorAnalysis``.
    axis : {1, 0}, optional
        1: rows are samples of the columns; `components` is (rows, components) beside all other
        columns of the table, and `weights` is (columns, components). 0: columns are samples over
        the rows; `components` is (columns, components), and `weights` is (rows, components) beside
        the other columns.
    n_components : int, optional
        How many; by default as many as there can be: the smaller of samples and signals.
    columns : str or sequence of str, optional
        Columns or groups, all values by default.
    **options
        For the estimator of scikit-learn, e.g. ``random_state=0``.

    Returns
    -------
    Decomposition

    Raises
    ------
    OptionError
        Another algorithm or axis, or more components than there can be.
    InputError
        No complete row, or negative values for ``"nnmf"``.
    MissingExtraError
        scikit-learn isn't installed.
    """
    if algorithm not in _ESTIMATORS:
        raise OptionError(
            f"algorithm: wanted {', '.join(map(repr, _ESTIMATORS))}, got {algorithm!r}"
        )
    if axis not in (0, 1):
        raise OptionError(f"axis: wanted 0 or 1, got {axis!r}")
    estimators: Any = extra("sklearn.decomposition", "scikit-learn")
    table = as_table(table)
    names = value_columns(table, columns)
    values = matrix(table, names, np.float64)
    complete = np.isfinite(values).all(axis=1)
    data = values[complete] if axis == 1 else values[complete].T
    if not complete.any():
        raise InputError("table: no row has all values; choose columns= or fill_gaps first")
    if algorithm == "nnmf" and data.min() < 0:
        below = [name for name in names if np.nanmin(values[complete][:, names.index(name)]) < 0]
        raise InputError(
            f"nnmf: wanted no negative values, but column {below[0]!r} has; choose columns='aus'"
        )
    most = min(data.shape)
    count = most if n_components is None else n_components
    if not 1 <= count <= most:
        raise OptionError(f"n_components: wanted 1 to {most}, got {n_components}")
    estimator = getattr(estimators, _ESTIMATORS[algorithm])(n_components=count, **options)
    scores = estimator.fit_transform(data)
    labels = [f"c{i + 1}" for i in range(count)]
    by_signal = np.asarray(estimator.components_).T
    per_row, per_column = (scores, by_signal) if axis == 1 else (by_signal, scores)
    rows = record(
        _beside(table, complete, per_row, labels), "decompose", algorithm=algorithm, axis=axis
    )
    signals = FaceTable(
        pd.DataFrame(per_column, index=pd.Index(names), columns=labels),
        provenance=rows.provenance,
    )
    components, weights = (rows, signals) if axis == 1 else (signals, rows)
    return {"decomposition_object": estimator, "components": components, "weights": weights}


def _beside(table: FaceTable, complete: Any, numbers: Any, labels: list[str]) -> FaceTable:
    """Numbers of the complete rows beside the columns of the table that aren't values."""
    spread = np.full((len(table), len(labels)), np.nan)
    spread[complete] = numbers
    values = set(values_of(table))
    kept = [name for name in table.columns if name not in values]
    made = pd.DataFrame(spread, index=table.index, columns=labels)
    return FaceTable(pd.concat([pd.DataFrame(table)[kept], made], axis=1)).__finalize__(table)


def distance(
    table: FaceTable, method: str = "euclidean", *, columns: Columns = None, **options: Any
) -> pd.DataFrame:
    """Distances between all pairs of rows.

    Parameters
    ----------
    table : FaceTable
    method : str, optional
        A metric of `scipy.spatial.distance.cdist`.
    columns : str or sequence of str, optional
        Columns or groups, all values by default.
    **options
        For the metric.

    Returns
    -------
    pandas.DataFrame
        (rows, rows); NaN where a row misses a value.

    Raises
    ------
    OptionError
        Another metric.
    """
    from scipy.spatial.distance import cdist

    table = as_table(table)
    values = matrix(table, value_columns(table, columns), np.float64)
    try:
        found = cdist(values, values, method, **options)
    except ValueError as error:
        raise OptionError(f"method: SciPy can't take {method!r}: {error}") from error
    incomplete = np.isnan(values).any(axis=1)
    found[incomplete] = np.nan
    found[:, incomplete] = np.nan
    square: pd.DataFrame = pd.DataFrame(found, index=table.index, columns=table.index)
    return square
