"""Decomposition: many signals as mixtures of few."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

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
    estimator_options: Mapping[str, object] | None = None,
) -> Decomposition:
    """Decompose the values by scikit-learn's estimators.

    Rows that miss a value are left out, and are NaN in the result.

    Parameters
    ----------
    table : FaceTable
    algorithm : {"pca", "ica", "nnmf", "fa"}, optional
        ``PCA``, ``FastICA``, ``NMF`` (no negative values) or ``FactorAnalysis``.
    axis : {1, 0}, optional
        1: rows are samples of the columns; `components` is (rows, components) beside the columns
        of the table that are neither values nor decomposed, and `weights` is (columns,
        components). 0: columns are samples over the rows; `components` is (columns, components),
        and `weights` is (rows, components) beside the other columns.
    n_components : int, optional
        How many; by default as many as there can be: the smaller of samples and signals.
    columns : str or sequence of str, optional
        Columns or groups, all values by default.
    estimator_options : mapping, optional
        Further options of scikit-learn's estimator, e.g. ``{"random_state": 0}``; not
        ``n_components``, which has a parameter of its own.

    Returns
    -------
    Decomposition

    Raises
    ------
    OptionError
        Another algorithm or axis, more components than there can be, or ``n_components`` among
        `estimator_options`.
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
    if "n_components" in (estimator_options or {}):
        raise OptionError("estimator_options: n_components is a parameter of decompose itself")
    estimators: Any = extra("sklearn.decomposition", "scikit-learn")
    table = as_table(table)
    names = value_columns(table, columns)
    complete, data = _samples(table, names, algorithm, axis)
    count = _component_count(n_components, data)
    options = {"n_components": count, **(estimator_options or {})}
    estimator = getattr(estimators, _ESTIMATORS[algorithm])(**options)
    scores = estimator.fit_transform(data)
    labels = [f"c{i + 1}" for i in range(count)]
    by_signal = np.asarray(estimator.components_).T
    per_row, per_column = (scores, by_signal) if axis == 1 else (by_signal, scores)
    rows = record(
        _beside(table, names, complete, per_row, labels),
        "decompose",
        algorithm=algorithm,
        axis=axis,
    )
    signals = FaceTable(
        pd.DataFrame(per_column, index=pd.Index(names), columns=labels),
        provenance=rows.provenance,
    )
    components, weights = (rows, signals) if axis == 1 else (signals, rows)
    return {"decomposition_object": estimator, "components": components, "weights": weights}


def _samples(
    table: FaceTable, names: Sequence[Hashable], algorithm: Algorithm, axis: Literal[0, 1]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which rows miss nothing, and their values as (samples, signals)."""
    values = matrix(table, names, np.float64)
    complete = np.isfinite(values).all(axis=1)
    if not complete.any():
        raise InputError("table: no row has all values; choose columns= or fill_gaps first")
    known = values[complete]
    if algorithm == "nnmf" and known.min() < 0:
        below = names[int(np.flatnonzero(known.min(axis=0) < 0)[0])]
        raise InputError(
            f"nnmf: wanted no negative values, but column {below!r} has; choose columns='aus'"
        )
    return complete, known if axis == 1 else known.T


def _component_count(wanted: int | None, data: NDArray[np.float64]) -> int:
    most = min(data.shape)
    count = most if wanted is None else wanted
    if not 1 <= count <= most:
        raise OptionError(f"n_components: wanted 1 to {most}, got {wanted}")
    return count


def _beside(
    table: FaceTable,
    names: Sequence[Hashable],
    complete: NDArray[np.bool_],
    numbers: NDArray[Any],
    labels: list[str],
) -> FaceTable:
    """Numbers of the complete rows beside columns that aren't values, nor were decomposed."""
    spread = np.full((len(table), len(labels)), np.nan)
    spread[complete] = numbers
    values = {*values_of(table), *names}
    kept = [name for name in table.columns if name not in values]
    made = pd.DataFrame(spread, index=table.index, columns=labels)
    return FaceTable(pd.concat([pd.DataFrame(table)[kept], made], axis=1)).__finalize__(table)


def distance(
    table: FaceTable,
    method: str = "euclidean",
    *,
    columns: Columns = None,
    p: float | None = None,
    w: ArrayLike | None = None,
    V: ArrayLike | None = None,
    VI: ArrayLike | None = None,
) -> pd.DataFrame:
    """Distances between all pairs of rows.

    Parameters
    ----------
    table : FaceTable
    method : str, optional
        A metric of `scipy.spatial.distance.cdist`.
    columns : str or sequence of str, optional
        Columns or groups, all values by default.
    p : float, optional
        Exponent of ``"minkowski"``, 2 by default.
    w : array_like, optional
        (columns,) weights, of metrics that take any.
    V : array_like, optional
        (columns,) variances for ``"seuclidean"``, by default those of the rows.
    VI : array_like, optional
        (columns, columns) inverse of the covariance for ``"mahalanobis"``, by default that of the
        rows.

    Returns
    -------
    pandas.DataFrame
        (rows, rows); NaN where a row misses a value.

    Raises
    ------
    OptionError
        Another metric, or an option that the metric doesn't take.
    """
    from scipy.spatial.distance import cdist

    table = as_table(table)
    values = matrix(table, value_columns(table, columns), np.float64)
    given = {"p": p, "w": w, "V": V, "VI": VI}
    options = {name: value for name, value in given.items() if value is not None}
    try:
        found = cdist(values, values, method, **options)
    except (TypeError, ValueError) as error:
        raise OptionError(f"method: SciPy can't take {method!r}: {error}") from error
    incomplete = np.isnan(values).any(axis=1)
    found[incomplete] = np.nan
    found[:, incomplete] = np.nan
    square: pd.DataFrame = pd.DataFrame(found, index=table.index, columns=table.index)
    return square
