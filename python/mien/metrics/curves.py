"""Areas under curves: how well a score tells positives from negatives, over all thresholds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.metrics.classification import as_flags
from mien.metrics.rows import Floats, as_floats, complete_pairs

__all__ = ["pr_auc", "roc_auc"]


def roc_auc(truth: ArrayLike, score: ArrayLike) -> float:
    """Area under the ROC curve: the probability that a positive scores higher than a negative, ties
    half; 0 to 1.

    Fawcett (2006), Pattern Recognition Letters 27, 861-874.

    Parameters
    ----------
    truth : array-like (N,)
        0 and 1, or False and True.
    score : array-like (N,)
        Numbers, larger for what is likelier positive. Pairs with NaN are left out.

    Returns
    -------
    float
        NaN where one class is missing.

    Raises
    ------
    InputError
        Unequal lengths, truth other than 0 and 1, or scores that are no numbers.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    positive, values = _pairs(truth, score)
    n, m = len(positive) - int(positive.sum()), int(positive.sum())
    if not n or not m:
        return math.nan
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - m * (m + 1) / 2) / (n * m))


def pr_auc(truth: ArrayLike, score: ArrayLike) -> float:
    """Area under the precision-recall curve, 0 to 1, as a sum of steps (average precision).

    The mean of precision over thresholds, weighted by the gain in recall. Straight lines between
    points of this curve would be too favourable (Davis & Goadrich 2006, ICML). Parameters and
    errors are those of `roc_auc`; a score that says nothing gives the share of positives. NaN where
    there are no positives.

    Examples
    --------
    >>> pr_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.8333333333333333
    """
    positive, values = _pairs(truth, score)
    if not positive.any():
        return math.nan
    order = np.argsort(-values, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.append(np.diff(values[order]) != 0, True)  # of each run of equal scores
    precision = hits[last] / (np.flatnonzero(last) + 1)
    return float((np.diff(hits[last], prepend=0) * precision).sum() / hits[-1])


def _pairs(truth: ArrayLike, score: ArrayLike) -> tuple[NDArray[np.bool_], Floats]:
    a, b, _ = complete_pairs(truth, score)
    return as_flags(a, "truth"), as_floats(b, "score")
