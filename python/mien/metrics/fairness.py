"""Fairness: how evenly a network serves groups of people.

Every value comes with the number of rows of its group and an interval, which is wide where rows are
few. None of these numbers says that a use is fair; they show where it is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError
from mien.metrics.classification import label_pairs
from mien.metrics.intervals import bootstrap_interval
from mien.metrics.regression import ccc
from mien.metrics.rows import Metric, Rows, check_rows, vector

__all__ = [
    "equal_opportunity_difference",
    "equality_of_opportunity",
    "fairness_ccc",
    "group_table",
    "recall_by_group",
]


def recall_by_group(truth: ArrayLike, guess: ArrayLike, groups: ArrayLike) -> pd.DataFrame:
    """Recall P(guess = c | truth = c, group): one row a group, one column a class.

    Parameters
    ----------
    truth, guess : array-like (N,)
        Labels.
    groups : array-like (N,)
        The group of each row. Rows that miss any of the three are left out.

    Returns
    -------
    pandas.DataFrame
        NaN where a group has no row of a class. Its columns are the classes of the truth.

    Raises
    ------
    InputError
        Unequal lengths, or labels of two kinds.

    Examples
    --------
    >>> recall_by_group([1, 1, 1, 1], [1, 1, 1, 0], ["a", "a", "b", "b"])[1].tolist()
    [1.0, 0.5]
    """
    a, b, who = _grouped(truth, guess, groups)
    rows = {
        group: {c: float((b[here & (a == c)] == c).mean()) for c in np.unique(a[here]).tolist()}
        for group, here in _members(who)
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    ordered: pd.DataFrame = table.reindex(columns=sorted(table.columns))
    return ordered


def equality_of_opportunity(
    truth: ArrayLike,
    guess: ArrayLike,
    groups: ArrayLike,
    *,
    classes: Sequence[Any] | None = None,
) -> float:
    """Equality of opportunity over all classes, 0 to 1 (the same recall for every group).

    ``min over groups s of sum_c P(guess=c | truth=c, s) / sum_c P(guess=c | truth=c, d)``, where d
    is the group served best: the fairness measure of Xu, White, Kalkan & Gunes (2020),
    Investigating Bias and Fairness in Facial Expression Recognition.

    Parameters
    ----------
    truth, guess, groups : array-like (N,)
        As for `recall_by_group`.
    classes : sequence, optional
        The classes to sum over; all by default.

    Returns
    -------
    float
        NaN where a group has no row of a class that is summed over (`recall_by_group` shows which),
        or no class is ever recognised.

    Raises
    ------
    InputError
        Unequal lengths, labels of two kinds, or a class that doesn't occur in the truth.

    Examples
    --------
    >>> equality_of_opportunity([1, 1, 1, 1], [1, 1, 1, 0], ["a", "a", "b", "b"])
    0.5
    """
    recall = recall_by_group(truth, guess, groups)
    if classes is not None:
        if missing := [c for c in classes if c not in recall.columns]:
            raise InputError(f"classes: {missing[0]!r} does not occur in the truth")
        recall = recall.loc[:, recall.columns.isin(list(classes))]
    sums = recall.to_numpy().sum(1)
    if not len(sums) or np.isnan(sums).any() or sums.max() == 0:
        return math.nan
    return float(sums.min() / sums.max())


def equal_opportunity_difference(
    truth: ArrayLike, guess: ArrayLike, groups: ArrayLike, *, positive: Any = None
) -> float:
    """Equal opportunity difference, 0 (fair) to 1: the largest less the smallest recall of a class
    over groups.

    Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning, ask that P(guess=1
    | truth=1, group) be the same in all groups.

    Parameters
    ----------
    truth, guess, groups : array-like (N,)
        As for `recall_by_group`.
    positive : optional
        The class in question, 1 or True for an action unit; by default the mean of the difference
        over all classes, as for expressions.

    Returns
    -------
    float
        A group without rows of a class takes no part in that class's difference. NaN where fewer
        than two groups take part in any.

    Raises
    ------
    InputError
        Unequal lengths, or labels of two kinds.

    Examples
    --------
    >>> equal_opportunity_difference([1, 1, 1, 1, 0], [1, 1, 1, 0, 1], list("aabba"), positive=1)
    0.5
    """
    recall = recall_by_group(truth, guess, groups)
    if positive is not None:
        recall = recall.loc[:, recall.columns == positive]
    comparable = recall.loc[:, recall.notna().sum() > 1]
    return float((comparable.max() - comparable.min()).mean()) if comparable.size else math.nan


def fairness_ccc(truth: ArrayLike, estimate: ArrayLike, groups: ArrayLike) -> float:
    """Fairness CCC, -1 to 1: the plain mean of `mien.metrics.ccc` over groups, so that small groups
    count as much as large ones.

    Hu et al. (2024), Bridging the Gap: Protocol Towards Fair and Consistent Affect Analysis, whose
    published code computes exactly this for valence and for arousal.

    Parameters
    ----------
    truth, estimate : array-like (N,)
        Numbers.
    groups : array-like (N,)
        The group of each row. Rows that miss any of the three are left out.

    Returns
    -------
    float
        NaN where a group's CCC is undefined.

    Raises
    ------
    InputError
        Unequal lengths, or no numbers.

    Examples
    --------
    >>> fairness_ccc([1, 2, 3, 1, 2, 3], [1, 2, 3, 3, 2, 1], list("aaabbb"))
    0.0
    """
    a, b, who = _grouped(truth, estimate, groups)
    each = [ccc(a[here], b[here]) for _, here in _members(who)]
    return float(np.mean(each)) if each else math.nan


def group_table(
    truth: ArrayLike,
    estimate: ArrayLike,
    attributes: pd.DataFrame,
    metrics: Mapping[str, Metric],
    *,
    persons: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Metrics of every group of every attribute, with counts and confidence intervals.

    Parameters
    ----------
    truth, estimate : array-like (N, ...)
        Rows that belong together: labels, numbers, or points for `mien.metrics.nme`.
    attributes : DataFrame of N rows
        A column an attribute, e.g. `age` (bands), `gender`, `race`. Rows without a group take no
        part in that attribute.
    metrics : mapping of str to callable
        Names and functions of (truth, estimate).
    persons : array-like (N,), optional
        Who each row shows; intervals are then over persons.
    level, resamples, seed
        Of `mien.metrics.bootstrap_interval`; ``resamples=0`` leaves intervals out.

    Returns
    -------
    pandas.DataFrame
        `attribute`, `group`, `n` rows of the group, `metric`, `value`, `low`, `high`; groups in the
        order of their categories, or sorted.

    Raises
    ------
    InputError
        Unequal lengths.
    OptionError
        `level` or `resamples` out of range.

    Examples
    --------
    >>> from mien.metrics import accuracy
    >>> people = pd.DataFrame({"gender": ["f", "f", "m", "m"]})
    >>> table = group_table([0, 1, 0, 1], [0, 1, 0, 0], people, {"accuracy": accuracy}, resamples=0)
    >>> table["value"].tolist()
    [1.0, 0.5]
    """
    a, b = np.asarray(truth), np.asarray(estimate)
    who = None if persons is None else np.asarray(persons)
    for other, name in ((b, "estimate"), (attributes, "attributes"), (who, "persons")):
        if other is not None:
            check_rows(a, other, name)  # type: ignore[arg-type]
    rows = []
    for attribute in attributes.columns:
        for group, here in _members(attributes[attribute]):
            for name, metric in metrics.items():
                row = {
                    "attribute": attribute,
                    "group": group,
                    "n": int(here.sum()),
                    "metric": name,
                    "value": metric(a[here], b[here]),
                }
                if resamples:
                    row["low"], row["high"] = bootstrap_interval(
                        metric,
                        a[here],
                        b[here],
                        persons=None if who is None else who[here],
                        level=level,
                        resamples=resamples,
                        seed=seed,
                    )
                rows.append(row)
    table: pd.DataFrame = pd.DataFrame(rows)
    return table


def _grouped(truth: ArrayLike, guess: ArrayLike, groups: ArrayLike) -> tuple[Rows, Rows, Rows]:
    """Rows that miss none of the three."""
    a, b, who = vector(truth, "truth"), vector(guess, "estimate"), vector(groups, "groups")
    check_rows(a, b)
    check_rows(a, who, "groups")
    there = ~(pd.isna(a) | pd.isna(b) | pd.isna(who))
    left, right = label_pairs(a[there], b[there])
    return left, right, who[there]


def _members(groups: Any) -> list[tuple[Any, NDArray[np.bool_]]]:
    """Every group that has rows, in order, with a mask of them."""
    kinds = pd.Categorical(groups)
    masks = [
        (group, np.asarray(kinds.codes == code)) for code, group in enumerate(kinds.categories)
    ]
    return [(group, mask) for group, mask in masks if mask.any()]
