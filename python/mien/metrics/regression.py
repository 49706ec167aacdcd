"""Agreement of two continuous measurements: intensities, valence and arousal, angles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from mien.metrics.rows import Floats, number_pairs

__all__ = ["ccc", "mae", "pcc", "rmse", "sagr"]


def ccc(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Concordance correlation coefficient, -1 to 1: correlation that also counts a wrong mean or
    spread.

    ``2 cov / (var + var + (mean - mean)^2)`` with moments over N, as Lin (1989), Biometrics 45,
    255-268, estimates it.

    Parameters
    ----------
    truth, estimate : array-like (N,)
        Numbers; pairs with NaN are left out.

    Returns
    -------
    float
        NaN where both sides are one and the same constant, or there are no pairs.

    Raises
    ------
    InputError
        Unequal lengths, or no numbers.

    Examples
    --------
    >>> ccc([1, 2, 3, 4], [2, 3, 4, 5])
    0.7142857142857143
    """
    a, b = number_pairs(truth, estimate)
    if not len(a):
        return math.nan
    da, db = _deviations(a), _deviations(b)
    apart = float(a.mean() - b.mean())
    return _ratio(2 * float(da @ db), float(da @ da + db @ db) + len(a) * apart**2)


def pcc(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Pearson's correlation coefficient, -1 to 1; NaN where a side is constant.

    Parameters, pairs with NaN and errors are those of `ccc`.

    Examples
    --------
    >>> pcc([1, 2, 3, 4], [2, 3, 4, 5])
    1.0
    """
    a, b = number_pairs(truth, estimate)
    if not len(a):
        return math.nan
    da, db = _unit(_deviations(a)), _unit(_deviations(b))
    return _ratio(float(da @ db), math.sqrt(float(da @ da) * float(db @ db)))


def rmse(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Root of the mean squared difference, in the unit of the input.

    Parameters, pairs with NaN and errors are those of `ccc`.

    Examples
    --------
    >>> rmse([0, 0], [3, -3])
    3.0
    """
    a, b = number_pairs(truth, estimate)
    return math.sqrt(((a - b) ** 2).mean()) if len(a) else math.nan


def mae(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Mean absolute difference, in the unit of the input.

    Parameters, pairs with NaN and errors are those of `ccc`.

    Examples
    --------
    >>> mae([0, 0], [1, -3])
    2.0
    """
    a, b = number_pairs(truth, estimate)
    return float(np.abs(a - b).mean()) if len(a) else math.nan


def sagr(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Sign agreement, 0 to 1: the share of pairs with the same sign.

    Nicolaou, Gunes & Pantic (2011), IEEE Trans. Affective Computing 2, 92-105. Zero is a sign of
    its own. Parameters, pairs with NaN and errors are those of `ccc`.

    Examples
    --------
    >>> sagr([-0.2, 0.3, 0.0, 0.1], [-0.9, -0.1, 0.0, 0.5])
    0.75
    """
    a, b = number_pairs(truth, estimate)
    return float((np.sign(a) == np.sign(b)).mean()) if len(a) else math.nan


def _deviations(a: Floats) -> Floats:
    """Differences from the mean, exactly zero for a constant in spite of the mean's rounding."""
    d = a - a[0]
    return np.asarray(d - d.mean(), np.float64)


def _unit(d: Floats) -> Floats:
    """Scaled to at most 1, so that squares of tiny or huge numbers neither vanish nor overflow."""
    largest = np.abs(d).max()
    return d / largest if largest > 0 else d


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.nan
