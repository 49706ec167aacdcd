"""Reliability of several judges of the same subjects."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from mien.errors import InputError, OptionError
from mien.metrics.rows import Floats, as_floats

__all__ = ["icc"]


KINDS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")


def icc(*judges: ArrayLike, kind: str = "3,1") -> float:
    """Intraclass correlation of Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428; at most
    1.

    Parameters
    ----------
    *judges : array-like
        One vector (N,) of N subjects (frames, images) for each of k >= 2 judges, or one matrix (N,
        k). Subjects that any judge misses (NaN) are left out.
    kind : str
        ``1,1``: each subject has judges of its own; ``2,1``: judges are a sample, their offsets
        count as disagreement; ``3,1``: these judges and no others, their offsets don't count (the
        field's choice for action units). With ``k`` instead of 1: reliability of the mean of the k
        judges.

    Returns
    -------
    float
        NaN for fewer than two subjects, or ratings that are all the same.

    Raises
    ------
    InputError
        Fewer than two judges, unequal lengths, or no numbers.
    OptionError
        Another kind.

    Examples
    --------
    >>> icc([1, 2, 3, 4], [2, 3, 4, 5])  # 3,1: an offset doesn't matter
    1.0
    >>> round(icc([1, 2, 3, 4], [2, 3, 4, 5], kind="2,1"), 6)
    0.769231
    """
    if kind not in KINDS:
        raise OptionError(f"kind: wanted one of {'; '.join(KINDS)}, got {kind!r}")
    x = _matrix(judges)
    n, k = x.shape
    if n < 2:
        return math.nan
    x = x - x[0, 0]  # the same everywhere becomes exactly zero
    subject, judge = x.mean(1, keepdims=True), x.mean(0, keepdims=True)
    between = k * float(((subject - x.mean()) ** 2).sum()) / (n - 1)
    within = float(((x - subject) ** 2).sum()) / (n * (k - 1))
    judges_square = n * float(((judge - x.mean()) ** 2).sum()) / (k - 1)
    error = float(((x - subject - judge + x.mean()) ** 2).sum()) / ((n - 1) * (k - 1))
    noise = within if kind[0] == "1" else error
    bias = (judges_square - error) / n if kind[0] == "2" else 0.0
    below = between + (k - 1) * noise + k * bias if kind[2] == "1" else between + bias
    return (between - noise) / below if below > 0 else math.nan


def _matrix(judges: tuple[ArrayLike, ...]) -> Floats:
    """Ratings (N, k) of the subjects that every judge rated."""
    columns = [np.asarray(j) for j in judges]
    if len(columns) == 1 and columns[0].ndim == 2:
        columns = list(columns[0].T)
    if len(columns) < 2 or any(c.ndim != 1 for c in columns):
        shapes = ", ".join(str(np.shape(j)) for j in judges) or "nothing"
        raise InputError(f"judges: wanted two vectors or more, or one matrix (N, k), got {shapes}")
    if len({len(c) for c in columns}) > 1:
        raise InputError(f"judges differ in length: {', '.join(str(len(c)) for c in columns)} rows")
    matrix = np.stack([as_floats(c, "judges") for c in columns], axis=1)
    return matrix[~np.isnan(matrix).any(1)]
