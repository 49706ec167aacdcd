"""Fitting on some folds and predicting the others, with the true targets and with shuffled ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.errors import OptionError
from mien.preprocess.extras import extra

__all__: list[str] = []


Metric = Callable[[NDArray[Any], NDArray[Any]], float]


def r2(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Coefficient of determination; NaN where the truth does not vary."""
    about = truth - truth.mean()
    total = float(about @ about)
    return 1 - float(((truth - predicted) ** 2).sum()) / total if total > 0 else float("nan")


METRICS: dict[str, Metric] = {
    "accuracy": metrics.accuracy,
    "balanced_accuracy": metrics.balanced_accuracy,
    "f1": metrics.f1,
    "roc_auc": metrics.roc_auc,
    "r2": r2,
    "ccc": metrics.ccc,
    "pearson": metrics.pcc,
    "neg_mae": lambda truth, predicted: -metrics.mae(truth, predicted),
}


@dataclass(frozen=True)
class OutOfFold:
    """Predictions for rows by models that had not seen them.

    Attributes
    ----------
    fold : numpy.ndarray
        (rows,) which fold each row was tested in; -1 for none.
    predicted : numpy.ndarray
        (rows,)
    decision : numpy.ndarray or None
        (rows, classes) probabilities, or decision values; None where the estimator has neither.
    trained_on : list of int
        Number of rows that each fold's model was fitted on.
    """

    fold: NDArray[np.intp]
    predicted: NDArray[Any]
    decision: NDArray[np.float64] | None
    trained_on: list[int]


@dataclass(frozen=True)
class Trial:
    """An estimator, complete rows, and how it is judged on them.

    Attributes
    ----------
    x, y : numpy.ndarray
        (rows, terms), (rows,)
    groups : numpy.ndarray or None
        (rows,) number of each row's group.
    splitter
        Of scikit-learn.
    metric : (callable, bool)
        Of truth and prediction, and whether it wants decision values in place of predictions.
    """

    estimator: Any
    x: NDArray[np.float64]
    y: NDArray[Any]
    groups: NDArray[np.intp] | None
    splitter: Any
    metric: tuple[Metric, bool]

    def run(self, y: NDArray[Any]) -> OutOfFold:
        """Cross-validate with these targets."""
        clone = extra("sklearn.base", "scikit-learn").clone
        fold = np.full(len(y), -1, np.intp)
        predicted = np.empty(len(y), y.dtype)
        decision: NDArray[np.float64] | None = None
        trained_on = []
        for number, (train, test) in enumerate(self._splits(y)):
            if (fold[test] >= 0).any():
                raise OptionError("cv: wanted folds in which each row is tested at most once")
            model = clone(self.estimator).fit(self.x[train], y[train])
            fold[test] = number
            trained_on.append(len(train))
            predicted[test] = np.asarray(model.predict(self.x[test])).reshape(len(test))
            values = _decision(model, self.x[test], np.unique(y))
            if values is not None:
                if decision is None:
                    decision = np.full((len(y), values.shape[1]), np.nan)
                decision[test] = values
        return OutOfFold(fold, predicted, decision, trained_on)

    def _splits(self, y: NDArray[Any]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        try:
            yield from list(self.splitter.split(self.x, y, self.groups))
        except ValueError as error:
            units = (
                "rows" if self.groups is None else f"{len(np.unique(self.groups))} groups of rows"
            )
            raise OptionError(f"cv: {len(y)} {units} can't be split: {error}") from error

    def score(self, y: NDArray[Any], found: OutOfFold, rows: Any = None) -> float:
        """The metric over some rows, or all that were tested."""
        rows = np.flatnonzero(found.fold >= 0) if rows is None else rows
        function, by_decision = self.metric
        if not by_decision:
            return float(function(y[rows], found.predicted[rows]))
        classes = np.unique(y)
        if found.decision is None or len(classes) != 2:
            raise OptionError("metric: roc_auc wants two classes and a model with probabilities")
        return float(function((y[rows] == classes[1]).astype(int), found.decision[rows, 1]))

    def fold_scores(self, found: OutOfFold) -> dict[str, list[Any]]:
        """Columns of `mien.stats.Prediction.scores`."""
        tests = [np.flatnonzero(found.fold == number) for number in range(len(found.trained_on))]
        return {
            "fold": list(range(len(tests))),
            "score": [self.score(self.y, found, test) for test in tests],
            "n_train": found.trained_on,
            "n_test": [len(test) for test in tests],
        }

    def null(self, permutations: int, seed: int, n_jobs: int) -> NDArray[np.float64]:
        """Scores with shuffled targets.

        Each shuffle has a generator of its own, so the order of work does not matter.
        """
        joblib: Any = extra("joblib", "scikit-learn")
        seeds = np.random.SeedSequence(seed).spawn(permutations)
        work = (joblib.delayed(self._shuffled_score)(one) for one in seeds)
        return np.asarray(joblib.Parallel(n_jobs=n_jobs)(work), np.float64)

    def _shuffled_score(self, seed: np.random.SeedSequence) -> float:
        y = shuffled(self.y, self.groups, np.random.default_rng(seed))
        return self.score(y, self.run(y))


def _decision(model: Any, x: NDArray[np.float64], classes: NDArray[Any]) -> Any:
    """Probabilities or decision values (rows, classes); None where there are none.

    In the order of all classes.
    """
    if not hasattr(model, "classes_"):
        return None
    if hasattr(model, "predict_proba"):
        values = np.asarray(model.predict_proba(x), np.float64)
    elif hasattr(model, "decision_function"):
        values = np.asarray(model.decision_function(x), np.float64)
        values = np.column_stack([-values, values]) if values.ndim == 1 else values
    else:
        return None
    whole = np.zeros(
        (len(x), len(classes))
    )  # a class that the training rows lack is never expected
    if values.shape[1] == len(model.classes_):
        whole[:, np.searchsorted(classes, model.classes_)] = values
        return whole
    return None


def shuffled(
    y: NDArray[Any], groups: NDArray[np.intp] | None, rng: np.random.Generator
) -> NDArray[Any]:
    """Targets in an order that is as likely as the true one if they mean nothing.

    Rows of a group depend on each other, so they stay together: groups of one target each swap
    theirs, and where targets differ within groups, they swap within them (Winkler et al. 2015,
    exchangeability blocks).
    """
    if groups is None:
        return np.asarray(rng.permutation(y))
    _, first, codes = np.unique(groups, return_index=True, return_inverse=True)
    if (y == y[first][codes]).all():
        return np.asarray(rng.permutation(y[first])[codes])
    order = np.argsort(codes, kind="stable")
    mixed = np.lexsort((rng.random(len(y)), codes))
    out = np.empty_like(y)
    out[order] = y[mixed]
    return out


def splitter_for(cv: Any, classify: bool, grouped: bool, seed: int) -> Any:
    """A splitter of scikit-learn."""
    selection: Any = extra("sklearn.model_selection", "scikit-learn")
    if isinstance(cv, str) and cv == "leave_one_out":
        return selection.LeaveOneGroupOut() if grouped else selection.LeaveOneOut()
    if hasattr(cv, "split") and not isinstance(cv, str):
        return cv
    if not isinstance(cv, int | np.integer) or isinstance(cv, bool) or cv < 2:
        raise OptionError(f"cv: wanted 2 folds or more, 'leave_one_out' or a splitter, got {cv!r}")
    if grouped:
        if not classify:
            return selection.GroupKFold(cv)
        return selection.StratifiedGroupKFold(cv, shuffle=True, random_state=seed)
    kind = selection.StratifiedKFold if classify else selection.KFold
    return kind(cv, shuffle=True, random_state=seed)
