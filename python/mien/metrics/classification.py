"""Agreement of two series of labels: expressions, units present or absent."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError, OptionError
from mien.metrics.rows import Rows, complete_pairs

__all__ = [
    "accuracy",
    "balanced_accuracy",
    "class_table",
    "cohen_kappa",
    "confusion",
    "f1",
    "uar",
]


def label_pairs(truth: ArrayLike, guess: ArrayLike) -> tuple[Rows, Rows]:
    """Complete pairs of labels that can be equal at all."""
    a, b, _ = complete_pairs(truth, guess)
    if len(a) and (a.dtype.kind in "US") != (b.dtype.kind in "US"):
        raise InputError(f"labels of two kinds never agree: truth {a[0]!r}, estimate {b[0]!r}")
    return a, b


def _counts(truth: ArrayLike, guess: ArrayLike) -> tuple[Rows, NDArray[np.int64]]:
    """Classes that occur, sorted, and how often each pair of them does; rows are the truth."""
    a, b = label_pairs(truth, guess)
    classes, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    size = len(classes)
    pairs = np.bincount(codes[: len(a)] * size + codes[len(a) :], minlength=size * size)
    return classes, pairs.reshape(size, size).astype(np.int64)


def confusion(truth: ArrayLike, guess: ArrayLike) -> pd.DataFrame:
    """Counts of every pair of labels: rows are the truth, columns the guesses.

    Parameters
    ----------
    truth, guess : array-like (N,)
        Labels; pairs with a missing one are left out.

    Raises
    ------
    InputError
        Unequal lengths, or labels of two kinds (text and numbers).

    Examples
    --------
    >>> confusion(["joy", "joy", "fear"], ["joy", "fear", "fear"]).loc["joy", "fear"].item()
    1
    """
    classes, counts = _counts(truth, guess)
    names = pd.Index(classes)
    table: pd.DataFrame = pd.DataFrame(
        counts, index=names.rename("truth"), columns=names.rename("guess")
    )
    return table


def accuracy(truth: ArrayLike, guess: ArrayLike) -> float:
    """Share of pairs that agree, 0 to 1.

    Parameters, pairs with a missing label and errors are those of `confusion`; NaN where there are
    no pairs.

    Examples
    --------
    >>> accuracy(["joy", "joy", "fear"], ["joy", "fear", "fear"])
    0.6666666666666666
    """
    a, b = label_pairs(truth, guess)
    return float((a == b).mean()) if len(a) else math.nan


def balanced_accuracy(truth: ArrayLike, guess: ArrayLike) -> float:
    """Unweighted average recall (UAR), 0 to 1: the mean, over the classes of the truth, of the
    share found.

    Parameters, pairs with a missing label and errors are those of `confusion`; NaN where there are
    no pairs.

    Examples
    --------
    >>> balanced_accuracy(["joy", "joy", "fear"], ["joy", "fear", "fear"])
    0.75
    """
    _, counts = _counts(truth, guess)
    held = counts.sum(1)
    there = held > 0
    return float((counts.diagonal()[there] / held[there]).mean()) if there.any() else math.nan


uar = balanced_accuracy


def f1(
    truth: ArrayLike,
    guess: ArrayLike,
    *,
    average: Literal["macro", "weighted", "binary"] = "macro",
) -> float:
    """F1, the harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN), 0 to 1.

    Parameters
    ----------
    truth, guess : array-like (N,)
        Labels; pairs with a missing one are left out.
    average : str
        ``macro``: the plain mean over all classes that occur on either side, as for expressions;
        ``weighted``: the mean weighted by each class's share of the truth; ``binary``: F1 of 1 (or
        True) alone, as for an action unit.

    Returns
    -------
    float
        NaN where there are no pairs. As is usual, 0 where ``binary`` finds the unit on neither
        side.

    Raises
    ------
    InputError
        Unequal lengths, labels of two kinds, or ``binary`` of labels other than 0 and 1.
    OptionError
        Another average.

    Examples
    --------
    >>> f1([1, 1, 0, 0], [1, 0, 0, 0], average="binary")
    0.6666666666666666
    """
    if average == "binary":
        return _binary_f1(truth, guess)
    if average not in ("macro", "weighted"):
        raise OptionError(f"average: wanted macro, weighted or binary, got {average!r}")
    _, counts = _counts(truth, guess)
    if not len(counts):
        return math.nan
    each = 2 * counts.diagonal() / (counts.sum(0) + counts.sum(1))
    return float(np.average(each, weights=counts.sum(1) if average == "weighted" else None))


def _binary_f1(truth: ArrayLike, guess: ArrayLike) -> float:
    a, b = label_pairs(truth, guess)
    if not len(a):
        return math.nan
    a, b = as_flags(a, "truth"), as_flags(b, "guess")
    both, either = int((a & b).sum()), int(a.sum() + b.sum())
    return 2 * both / either if either else 0.0


def as_flags(labels: Rows, name: str) -> NDArray[np.bool_]:
    """Labels 0 and 1 as booleans."""
    if labels.dtype.kind not in "fiub" or not np.isin(labels, (0, 1)).all():
        odd = next(label for label in labels.tolist() if label not in (0, 1))
        raise InputError(
            f"{name}: wanted 0 and 1 (or False and True), got {odd!r}; compare first, "
            f"e.g. {name} == 'happiness' or {name} >= 0.5"
        )
    return labels.astype(bool)


def class_table(truth: ArrayLike, guess: ArrayLike) -> pd.DataFrame:
    """One row a class: `class`, `n` of it in the truth, `precision`, `recall`, `f1` (NaN where
    undefined).

    Parameters, pairs with a missing label and errors are those of `confusion`.

    Examples
    --------
    >>> class_table(["joy", "joy", "fear"], ["joy", "fear", "fear"])["recall"].tolist()
    [1.0, 0.5]
    """
    classes, counts = _counts(truth, guess)
    right, held, said = counts.diagonal(), counts.sum(1), counts.sum(0)
    columns: dict[str, Any] = {
        "class": classes,
        "n": held,
        "precision": _share(right, said),
        "recall": _share(right, held),
        "f1": _share(2 * right, held + said),
    }
    table: pd.DataFrame = pd.DataFrame(columns)
    return table


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    shares = np.full(len(part), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def cohen_kappa(
    a: ArrayLike, b: ArrayLike, *, weights: Literal["linear", "quadratic"] | None = None
) -> float:
    """Cohen's kappa: agreement of two coders beyond chance, 1 at its best and 0 by chance.

    Cohen (1960), Educational and Psychological Measurement 20, 37-46; weighted: Cohen (1968),
    Psychological Bulletin 70, 213-220.

    Parameters
    ----------
    a, b : array-like (N,)
        Labels of the two coders; pairs with a missing one are left out.
    weights : str, optional
        How disagreements of ordered classes count: by the distance (``linear``) or squared distance
        (``quadratic``) of the classes' ranks. All alike by default.

    Returns
    -------
    float
        NaN where both coders use one and the same class throughout, or there are no pairs.

    Raises
    ------
    InputError
        Unequal lengths, or labels of two kinds.
    OptionError
        Another weighting.

    Examples
    --------
    >>> cohen_kappa([1, 1, 0, 0], [1, 1, 0, 1])
    0.5
    """
    if weights not in (None, "linear", "quadratic"):
        raise OptionError(f"weights: wanted linear, quadratic or None, got {weights!r}")
    _, counts = _counts(a, b)
    rank = np.arange(len(counts))
    apart = np.abs(rank[:, None] - rank)
    cost = {None: apart > 0, "linear": apart, "quadratic": apart**2}[weights]
    chance = np.outer(counts.sum(1), counts.sum(0)) / max(counts.sum(), 1)
    expected = float((cost * chance).sum())
    return 1 - float((cost * counts).sum()) / expected if expected > 0 else math.nan
