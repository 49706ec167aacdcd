"""Prediction with any estimator of scikit-learn, judged on people or clips that it has not seen."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess.columns import as_table
from mien.preprocess.extras import extra
from mien.preprocess.sessions import Grouping
from mien.stats._cross_validation import METRICS, Metric, OutOfFold, Trial, splitter_for
from mien.stats._design import Variables, labels, variables
from mien.stats._grouping import groups_of
from mien.table import FaceTable

__all__ = ["Prediction", "predict"]


@dataclass(frozen=True)
class Prediction:
    """What `predict` returns. Unpacks as py-feat's: ``model, scores = table.predict(X, y)``.

    Attributes
    ----------
    score : float
        The metric over all out-of-fold predictions together.
    scores : pandas.DataFrame
        A row for each fold: `fold`, `score` (NaN where one fold's rows don't define it), `n_train`,
        `n_test`.
    predictions : pandas.DataFrame
        As the table's rows: `truth`, `predicted` by the model that hadn't seen the row's fold,
        `fold`; for classifiers that have probabilities one column for each class (``p[good]``).
        Rows that were left out are NaN, their fold -1.
    model : estimator
        Fitted on all complete rows.
    terms : list
        Names of the columns of X as the model was given them.
    p : float
        Of the permutation test; NaN without one.
    null : numpy.ndarray
        (permutations,) scores by shuffled targets.
    """

    score: float
    scores: pd.DataFrame
    predictions: pd.DataFrame
    model: Any
    terms: list[Hashable]
    p: float
    null: NDArray[np.float64]

    @property
    def coefficients(self) -> pd.DataFrame:
        """The linear model's weights.

        Columns `term`, `b`, and `target` (the class, where there are more than two).

        Of two classes b is towards the second in order, ``model.classes_[1]``.
        In units of what reaches the last step of a pipeline: of standard deviations after a
        ``StandardScaler``.

        Raises
        ------
        InputError
            The model, or the last step of the pipeline, has no ``coef_`` with a number for each
            term.
        """
        last = self.model[-1] if hasattr(self.model, "steps") else self.model
        weights = np.atleast_2d(np.asarray(getattr(last, "coef_", np.empty((0, 0)))))
        if weights.shape[1] != len(self.terms):
            raise InputError(f"model: {type(last).__name__} has no coefficient for each term")
        table: pd.DataFrame = pd.DataFrame(
            {"term": self.terms * len(weights), "b": weights.ravel()}
        )
        if len(weights) > 1:
            table.insert(0, "target", np.repeat(np.asarray(last.classes_, object), len(self.terms)))
        return table

    def __iter__(self) -> Iterator[Any]:
        yield self.model
        yield self.scores["score"].to_numpy()


def predict(
    table: FaceTable,
    X: Variables,
    y: Variables,
    model: Any = None,
    *,
    groups: Grouping = None,
    cv: Any = 5,
    metric: str | Metric | None = None,
    permutations: int = 0,
    seed: int = 0,
    n_jobs: int = 1,
) -> Prediction:
    """Fit an estimator, and judge it by cross-validation that keeps groups of rows together.

    Frames of one clip are nearly the same row: with some in training and others in testing, any
    model looks good. So the rows of a group are in the same fold. Rows that miss a term, the target
    or the group are left out.

    Parameters
    ----------
    table : FaceTable
    X : str, list of str, DataFrame, Series or array
        As for `regress`.
    y : str, Series or array
        What to predict: one column of the table or a value for each row, numbers or labels.
    model : estimator, optional
        An estimator of scikit-learn or its class; ``LinearRegression`` by default. Classifiers take
        labels. It is cloned.
    groups : str, list of str, mapping or array, optional
        Which rows belong together: the person or the clip. By default the table's sessions where it
        has any, else each row stands alone. ``False``: each row stands alone.
    cv : int, "leave_one_out" or splitter, optional
        Number of folds, shuffled by `seed` where rows stand alone, stratified for classifiers;
        ``"leave_one_out"`` leaves one group, or row, out; or a splitter of scikit-learn.
    metric : str or callable, optional
        ``accuracy`` (default of classifiers), ``balanced_accuracy``, ``f1`` (macro), ``roc_auc``
        (two classes, by probability or decision value), ``r2`` (default of others), ``ccc``,
        ``pearson``, ``neg_mae``; or a function of truth and prediction, more being better. r2
        compares with the mean of the true values.
    permutations : int, optional
        How often to shuffle the targets and do all of it again: `p` is the share of scores, the
        true one included, that are as good (Phipson & Smyth 2010). Where each group has one target,
        whole groups swap theirs; else rows swap within their group.
    seed : int, optional
        Of folds and shuffles.
    n_jobs : int, optional
        Processes for the permutations, as joblib counts them. The result is the same.

    Returns
    -------
    Prediction

    Raises
    ------
    OptionError
        An option out of range, or more folds than groups.
    InputError
        A name that isn't there, a wrong number of rows, too few rows.
    MissingExtraError
        scikit-learn isn't installed.

    Examples
    --------
    >>> table = FaceTable({"AU06": [0.1, 0.2, 0.8, 0.9] * 5, "AU12": [0.1, 0.3, 0.7, 0.9] * 5})
    >>> found = table.predict("AU06", "AU12")
    >>> round(found.score, 3), len(found.scores)
    (0.958, 5)
    """
    base: Any = extra("sklearn.base", "scikit-learn")
    table = as_table(table)
    if permutations < 0:
        raise OptionError(f"permutations: wanted 0 or more, got {permutations}")
    estimator = _estimator(model)
    classify = bool(base.is_classifier(estimator))
    terms, target = variables(table, X, "X"), labels(table, y, "y")
    codes = _group_codes(table, groups)
    kept = np.isfinite(terms.values).all(axis=1) & target.notna().to_numpy(bool)
    if codes is not None:
        kept &= codes >= 0
    rows = np.flatnonzero(kept)
    trial = Trial(
        estimator,
        terms.values[rows],
        _truth(target.iloc[rows], classify),
        None if codes is None else codes[rows],
        splitter_for(cv, classify, codes is not None, seed),
        _metric(metric, classify),
    )
    found = trial.run(trial.y)
    score = trial.score(trial.y, found)
    null = trial.null(permutations, seed, n_jobs)
    as_good = np.count_nonzero(null >= score - 1e-12)  # equal ones count, whatever rounding does
    return Prediction(
        score,
        pd.DataFrame(trial.fold_scores(found)),
        _predictions(table, target, rows, found, trial),
        base.clone(estimator).fit(trial.x, trial.y),
        list(terms.names),
        (1 + as_good) / (1 + permutations) if permutations else np.nan,
        null,
    )


def _estimator(model: Any) -> Any:
    if model is None:
        model = extra("sklearn.linear_model", "scikit-learn").LinearRegression
    estimator = model() if isinstance(model, type) else model
    if not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
        raise OptionError(f"model: wanted an estimator of scikit-learn, got {model!r}")
    return estimator


def _group_codes(table: FaceTable, groups: Grouping) -> NDArray[np.intp] | None:
    if groups is False:
        return None
    found = groups_of(table, groups, "groups")
    return found.codes if found.columns else None


def _truth(target: pd.Series[Any], classify: bool) -> NDArray[Any]:
    if classify:
        values = np.asarray(target.tolist())
        if len(np.unique(values)) < 2:
            raise InputError(f"y: wanted two classes or more, got {len(np.unique(values))}")
        return values
    if not pd.api.types.is_numeric_dtype(target.dtype):
        raise InputError(
            f"y: wanted numbers, got {target.dtype}; labels need a classifier as model="
        )
    return target.to_numpy(np.float64)


def _metric(metric: str | Metric | None, classify: bool) -> tuple[Metric, bool]:
    """The function, and whether it wants decision values in place of predictions."""
    if callable(metric):
        return metric, False
    name = metric or ("accuracy" if classify else "r2")
    if name not in METRICS:
        raise OptionError(f"metric: wanted a function or {', '.join(METRICS)}, got {metric!r}")
    return METRICS[name], name == "roc_auc"


def _predictions(
    table: FaceTable,
    target: pd.Series[Any],
    rows: NDArray[np.intp],
    found: OutOfFold,
    trial: Trial,
) -> pd.DataFrame:
    whole: pd.DataFrame = pd.DataFrame({"truth": target.to_numpy(), "fold": -1}, index=table.index)
    tested = rows[found.fold >= 0]
    predicted = pd.Series(found.predicted).iloc[np.flatnonzero(found.fold >= 0)]
    whole.insert(1, "predicted", predicted.set_axis(tested).reindex(range(len(table))).to_numpy())
    fold = np.full(len(table), -1)
    fold[rows] = found.fold
    whole["fold"] = fold
    if found.decision is not None and hasattr(trial.estimator, "predict_proba"):
        for i, label in enumerate(np.unique(trial.y)):
            column = np.full(len(table), np.nan)
            column[rows] = found.decision[:, i]
            whole[f"p[{label}]"] = column
    return whole
