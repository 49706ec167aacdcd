"""Correction for multiple comparisons."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError, OptionError

__all__ = ["Correction", "correct"]


Correction = Literal["fdr_bh", "fdr_by", "holm", "bonferroni"] | None
"""How p-values are corrected; None leaves them as they are."""

METHODS = ("fdr_bh", "fdr_by", "holm", "bonferroni")


def correct(p: ArrayLike, method: Correction = "fdr_bh") -> NDArray[np.float64]:
    """Corrected p-values: at a threshold q the tests below it keep the error rate below q.

    Parameters
    ----------
    p : array-like
        p-values of one family of tests, any shape. NaN stays NaN and does not count as a test.
    method : {"fdr_bh", "fdr_by", "holm", "bonferroni"} or None, optional
        ``fdr_bh``: false discovery rate, for tests that are independent or go together (Benjamini &
        Hochberg 1995); ``fdr_by``: the same under any dependence (Benjamini & Yekutieli 2001);
        ``holm``: family-wise error rate by steps (Holm 1979), never weaker than ``bonferroni``;
        None: no correction.

    Returns
    -------
    numpy.ndarray
        As `p`, at most 1.

    Raises
    ------
    OptionError
        Another method.
    InputError
        A value outside 0 to 1.

    Examples
    --------
    >>> correct([0.01, 0.02, 0.2, float("nan")], "bonferroni").round(3).tolist()
    [0.03, 0.06, 0.6, nan]
    """
    check_correction(method)
    values = np.asarray(p, np.float64)
    known = np.isfinite(values)
    family = values[known]
    if family.size and (family.min() < 0 or family.max() > 1):
        raise InputError(f"p: wanted 0 to 1, got {family.min():g} to {family.max():g}")
    out = np.full(values.shape, np.nan)
    out[known] = _corrected(family, method)
    return out


def check_correction(method: object) -> None:
    """Raises OptionError for a correction that is neither known nor None."""
    if method is not None and method not in METHODS:
        raise OptionError(f"correction: wanted {', '.join(METHODS)} or None, got {method!r}")


def _corrected(p: NDArray[np.float64], method: str | None) -> NDArray[np.float64]:
    if method is None or not p.size:
        return p
    if method == "bonferroni":
        return np.minimum(p * p.size, 1.0)
    if method == "holm":
        order = np.argsort(p)
        stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
        out = np.empty_like(p)
        out[order] = np.minimum(stepped, 1.0)
        return out
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p, method=method.removeprefix("fdr_")), np.float64)
