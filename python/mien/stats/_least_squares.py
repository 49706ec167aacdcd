"""Least squares of many targets at once, with the standard errors that are asked for."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.schema import EMOTIONS

__all__: list[str] = []


Errors = Literal["ols", "HC0", "HC1", "HC2", "HC3", "cluster"]
Floats = NDArray[np.float64]

# A term of which less than this part is its own, not a mixture of the terms before it, has no
# coefficient of its own: far below the collinearity of real measurements, above what is left of
# seven float32 expressions that sum to 1.
OWN_PART = 1e-5
ROWS = 65536  # rows at a time where products of rows are needed, so that they stay in the cache
CLUSTERS = 4096  # clusters at a time


@dataclass(frozen=True)
class Fit:
    """Targets fitted on the same rows.

    Attributes
    ----------
    b : numpy.ndarray
        (terms, targets) coefficients, the intercept first.
    covariance : numpy.ndarray
        (targets, terms, terms) of the coefficients.
    residuals : numpy.ndarray
        (rows, targets)
    error, total : numpy.ndarray
        (targets,) sum of squares of the residuals, and sum of squares of the targets, about their
        means where there is an intercept.
    intercept : bool
    df_inference : int
        Degrees of freedom of the tests.
    """

    b: Floats
    covariance: Floats
    residuals: Floats
    error: Floats
    total: Floats
    intercept: bool
    df_inference: int

    def summary(self, target: int) -> dict[str, float]:
        """How well one target is fitted, see `mien.stats.Regression`."""
        from scipy import stats

        rows, terms = len(self.residuals), len(self.b)
        df_model, df_residual = terms - self.intercept, rows - terms
        error, total = float(self.error[target]), float(self.total[target])
        r2 = 1 - error / total if total > 0 else np.nan
        tested = slice(int(self.intercept), None)
        b, covariance = self.b[tested, target], self.covariance[target][tested, tested]
        f = np.nan
        known = total > 0 and error > 0 and np.isfinite(covariance).all()
        if known and 0 < df_model <= self.df_inference:
            f = float(b @ np.linalg.solve(covariance, b)) / df_model
        return {
            "n": rows,
            "r2": r2,
            "r2_adjusted": 1 - (1 - r2) * (rows - self.intercept) / df_residual,
            "f": f,
            "f_p": float(stats.f.sf(f, df_model, self.df_inference)),
            "df_model": df_model,
            "df_residual": df_residual,
            "sigma": float(np.sqrt(error / df_residual)),
        }


def least_squares(
    x: Floats,
    y: Floats,
    *,
    terms: Sequence[Hashable],
    targets: Sequence[Hashable],
    fit_intercept: bool,
    errors: Errors,
    clusters: NDArray[np.intp] | None,
) -> Fit:
    """Fit y (rows, targets) on x (rows, terms); nothing may be missing.

    Raises
    ------
    InputError
        Too few rows or clusters, or a term without a part of its own.
    """
    rows, count = len(x), x.shape[1] + fit_intercept
    if rows <= count:
        raise InputError(
            f"y: {targets[0]!r} has {rows} complete rows; "
            f"wanted more than the {count} terms of the model"
        )
    z, back = _standardized(x, terms, fit_intercept)
    inverse = _inverse_root(z, terms, fit_intercept)
    gamma = inverse @ (inverse.T @ (z.T @ y))
    residuals = z @ gamma
    np.subtract(y, residuals, out=residuals)
    # Squaring z lost digits; a step from the residuals brings them back (Björck 1987), at a
    # fraction of a QR's time.
    step = inverse @ (inverse.T @ (z.T @ residuals))
    gamma += step
    residuals -= z @ step
    error = np.einsum("ij,ij->j", residuals, residuals)
    centre = y.mean(axis=0) if fit_intercept else np.zeros(y.shape[1])
    total = [np.square(column - mean).sum() for column, mean in zip(y.T, centre, strict=True)]
    df = rows - count
    if errors == "ols":
        covariance = (inverse @ inverse.T) * (error / df)[:, None, None]
    elif errors == "cluster":
        assert clusters is not None
        covariance, df = _clustered(z, residuals, inverse, clusters)
    else:
        covariance = _heteroscedastic(z, residuals, inverse, errors)
    return Fit(
        back @ gamma,
        back @ covariance @ back.T,
        residuals,
        error,
        np.array(total),
        fit_intercept,
        df,
    )


def _standardized(
    x: Floats, terms: Sequence[Hashable], fit_intercept: bool
) -> tuple[Floats, Floats]:
    """Columns of like size, centred if an intercept takes their means, and the way back."""
    rows, count = x.shape
    z = np.empty((count + fit_intercept, rows)).T  # columns in one piece of memory
    scaled = z[:, int(fit_intercept) :]
    centre = x.mean(axis=0) if fit_intercept else np.zeros(count)
    np.subtract(x, centre, out=scaled)
    size = np.sqrt(np.einsum("ij,ij->j", scaled, scaled) / rows)
    for i in np.flatnonzero(size <= 1e-8 * np.abs(centre)).tolist():
        if fit_intercept and (x[:, i] == x[0, i]).all():
            raise InputError(
                f"X: {terms[i]!r} is the same in every complete row: it explains nothing"
            )
        if not fit_intercept:
            raise InputError(f"X: {terms[i]!r} is 0 in every complete row: it explains nothing")
    scaled /= size
    back = np.diag(1 / size)
    if fit_intercept:
        z[:, 0] = 1
        back = np.block([[np.ones((1, 1)), -(centre / size)[None]], [np.zeros((count, 1)), back]])
    return z, back


def _inverse_root(z: Floats, terms: Sequence[Hashable], fit_intercept: bool) -> Floats:
    """W with W W' the inverse of z'z: the inverse of its upper Cholesky factor."""
    from scipy import linalg

    square = z.T @ z / len(z)
    root, failed_at = linalg.lapack.dpotrf(square)
    # The square of what a term has of its own, which the terms before it don't explain.
    own = np.diag(root)[: failed_at - 1 if failed_at else None] ** 2
    bad = own < OWN_PART**2
    if failed_at or bad.any():
        at = int(bad.argmax()) if bad.any() else failed_at - 1
        name = terms[at - fit_intercept]
        raise InputError(
            f"X: {name!r} follows from the terms before it, "
            "so their coefficients can't be told apart; leave one out"
            + (" (the seven expressions always sum to 1)" if name in EMOTIONS else "")
        )
    inverse: Floats = linalg.solve_triangular(root, np.eye(len(root))) / np.sqrt(len(z))
    return inverse


def _parts(rows: int) -> Iterator[slice]:
    for start in range(0, rows, ROWS):
        yield slice(start, min(start + ROWS, rows))


def _heteroscedastic(z: Floats, residuals: Floats, inverse: Floats, kind: str) -> Floats:
    """MacKinnon & White 1985: the rows' squared residuals in the middle of the sandwich."""
    rows, terms = z.shape
    meat = np.zeros((residuals.shape[1], terms, terms))
    for part in _parts(rows):
        block, weights = z[part], residuals[part] ** 2
        if kind in ("HC2", "HC3"):
            # 1 - leverage; what rounding leaves of a row that is fitted exactly is no measure of
            # error
            free = 1 - np.einsum("ij,ij->i", block @ inverse, block @ inverse)
            free = np.where(free > 1e-10, free, np.nan)[:, None]
            weights = weights / (free if kind == "HC2" else free**2)
        for target, weight in enumerate(weights.T):
            meat[target] += (block * weight[:, None]).T @ block
    if kind == "HC1":
        meat *= rows / (rows - terms)
    bread = inverse @ inverse.T
    return np.asarray(bread @ meat @ bread)


def _clustered(
    z: Floats, residuals: Floats, inverse: Floats, clusters: NDArray[np.intp]
) -> tuple[Floats, int]:
    """Liang & Zeger 1986: sums over each cluster in the middle of the sandwich."""
    rows, terms = z.shape
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    count = len(starts)
    if count < 2:
        raise InputError("clusters: wanted two or more, got 1")
    z, residuals = z[order], residuals[order]
    meat = np.zeros((residuals.shape[1], terms, terms))
    for first in range(0, count, CLUSTERS):
        ends = [*starts[first : first + CLUSTERS + 1], rows][: CLUSTERS + 1]
        sums = np.stack([residuals[a:b].T @ z[a:b] for a, b in pairwise(ends)], axis=1)
        meat += sums.transpose(0, 2, 1) @ sums  # sums: (targets, clusters, terms)
    meat *= count / (count - 1) * (rows - 1) / (rows - terms)
    bread = inverse @ inverse.T
    return np.asarray(bread @ meat @ bread), count - 1
