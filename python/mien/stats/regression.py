"""Ordinary least squares of several targets at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess._timing import same_gaps
from mien.preprocess.columns import as_table
from mien.preprocess.sessions import Grouping
from mien.stats._checks import check_confidence
from mien.stats._design import Matrix, Variables, variables
from mien.stats._grouping import groups_of
from mien.stats._least_squares import Errors, Fit, least_squares
from mien.stats.corrections import Correction, check_correction, correct
from mien.table import FaceTable

__all__ = ["Regression", "regress"]


@dataclass(frozen=True)
class Regression:
    """What `regress` returns.

    It unpacks as py-feat's: ``b, se, t, p, df, residuals = table.regress(X, y)``.

    Attributes
    ----------
    coefficients : pandas.DataFrame
        A row for each target and term: `target`, `term`, `b`, `se`, `t`, `p`, `p_corrected`,
        `ci_low`, `ci_high`, `df`. All terms but the intercepts are one family of tests; the
        intercepts' `p_corrected` is NaN.
    fit : pandas.DataFrame
        A row for each target: `target`, `n` rows, `r2`, `r2_adjusted`, `f`, `f_p` (that all terms
        but the intercept are 0, by the errors chosen), `df_model`, `df_residual`, `sigma` (standard
        deviation of the residuals over `df_residual`).
    residuals : pandas.DataFrame
        (rows, targets), as the table's rows; NaN for rows that were left out.
    """

    coefficients: pd.DataFrame
    fit: pd.DataFrame
    residuals: pd.DataFrame

    def wide(self, name: str) -> pd.DataFrame:
        """A column of `coefficients` as a table of terms by targets."""
        if name not in self.coefficients.columns:
            raise OptionError(f"name: wanted a column of `coefficients`, got {name!r}")
        table = self.coefficients.pivot(index="term", columns="target", values=name)
        terms, targets = (pd.unique(self.coefficients[c]) for c in ("term", "target"))
        square: pd.DataFrame = table.loc[terms, targets].rename_axis(index=None, columns=None)
        return square

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for name in ("b", "se", "t", "p", "df"):
            yield self.wide(name)
        yield self.residuals


def regress(
    table: FaceTable,
    X: Variables,
    y: Variables,
    fit_intercept: bool = True,
    *,
    errors: Literal["ols", "HC0", "HC1", "HC2", "HC3", "cluster"] = "ols",
    clusters: Grouping = None,
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
) -> Regression:
    """Ordinary least squares of each target on the same terms.

    Rows that miss any term (or cluster) are left out; rows that miss a target, for that target
    alone. `fit` has each target's n.

    Parameters
    ----------
    table : FaceTable
    X : str, list of str, DataFrame, Series or array
        Terms: columns and groups by name (``"aus,poses"`` or a list), or numbers with a row for
        each row of the table, taken by position. Text, categories and truth values become
        indicators of their levels but the first: ``news[good]``.
    y : as `X`
        Targets.
    fit_intercept : bool, optional
        Add the term ``intercept``, to a copy.
    errors : {"ols", "HC0", "HC1", "HC2", "HC3", "cluster"}, optional
        Standard errors: for equal variances; for unequal ones (MacKinnon & White 1985), ``HC3``
        being the one for few rows; or for rows that depend on each other within clusters (Liang &
        Zeger 1986, with the factor G / (G - 1) (n - 1) / (n - k)), which wants some 30 clusters or
        more.
    clusters : str, list of str or array, optional
        Whose rows depend on each other, e.g. the column of a person's name; with
        ``errors="cluster"``. By default the table's sessions.
    confidence : float, optional
        Coverage of the intervals, between 0 and 1.
    correction : {"fdr_bh", "fdr_by", "holm", "bonferroni"} or None, optional
        See `mien.stats.correct`.

    Returns
    -------
    Regression
        p-values are of Student's t with n - k degrees of freedom, or clusters less one.

    Raises
    ------
    OptionError
        An option out of range.
    InputError
        A name that isn't there, a wrong number of rows, too few rows, or a term that is constant or
        follows from the others.

    Examples
    --------
    >>> table = FaceTable({"AU06": [0.0, 0.2, 0.4, 0.9], "AU12": [0.1, 0.4, 0.4, 1.0]})
    >>> table.regress("AU06", "AU12").wide("b").round(3)["AU12"].to_dict()
    {'intercept': 0.117, 'AU06': 0.955}
    """
    if errors not in ("ols", "HC0", "HC1", "HC2", "HC3", "cluster"):
        raise OptionError(f"errors: wanted ols, HC0, HC1, HC2, HC3 or cluster, got {errors!r}")
    if clusters is not None and errors != "cluster":
        raise OptionError(f"clusters: only with errors='cluster', got {errors!r}")
    check_confidence(confidence)
    check_correction(correction)
    table = as_table(table)
    terms, targets = variables(table, X, "X"), variables(table, y, "y")
    groups = _clusters(table, clusters) if errors == "cluster" else None
    usable = np.all(np.isfinite(terms.values), axis=1)
    if groups is not None:
        usable = usable & (groups >= 0)
    if not usable.any():
        raise InputError("X: no row has all of the terms")
    return _regress(
        table, terms, targets, usable, groups, fit_intercept, errors, confidence, correction
    )


def _clusters(table: FaceTable, clusters: Grouping) -> NDArray[np.intp]:
    found = groups_of(table, clusters, "clusters")
    if not found.columns:
        raise OptionError("clusters: wanted what the clusters are, as the table has no sessions")
    return found.codes


def _regress(
    table: FaceTable,
    terms: Matrix,
    targets: Matrix,
    usable: NDArray[np.bool_],
    groups: NDArray[np.intp] | None,
    fit_intercept: bool,
    errors: Errors,
    confidence: float,
    correction: Correction,
) -> Regression:
    fits, residuals = _fits(terms, targets, usable, groups, fit_intercept, errors)
    shown = ["intercept", *terms.names] if fit_intercept else list(terms.names)
    return Regression(
        _coefficients(fits, targets.names, shown, fit_intercept, confidence, correction),
        pd.DataFrame(
            [{"target": n, **f.summary(i)} for n, (f, i) in zip(targets.names, fits, strict=True)]
        ),
        pd.DataFrame(residuals, index=table.index, columns=pd.Index(targets.names), copy=False),
    )


def _fits(
    terms: Matrix,
    targets: Matrix,
    usable: NDArray[np.bool_],
    groups: NDArray[np.intp] | None,
    fit_intercept: bool,
    errors: Errors,
) -> tuple[list[tuple[Fit, int]], NDArray[np.float64]]:
    """Each target's fit and its place in it, and the residuals (rows, targets), NaN where missing.

    Targets that miss the same rows are fitted together.
    """
    residuals = np.empty((0, 0))
    fits: dict[int, tuple[Fit, int]] = {}
    every = np.arange(len(usable))
    rows = slice(None) if usable.all() else np.flatnonzero(usable)
    for members, present in same_gaps(targets.values[rows].T):
        numbers = np.arange(len(targets.names))[members]
        kept = rows if present is None else every[rows][present]
        fit = least_squares(
            terms.values[kept],
            targets.values[kept][:, members],
            terms=terms.names,
            targets=[targets.names[i] for i in numbers],
            fit_intercept=fit_intercept,
            errors=errors,
            clusters=None if groups is None else groups[kept],
        )
        if fit.residuals.shape == targets.values.shape:
            residuals = fit.residuals
        else:
            if not residuals.size:
                residuals = np.full(targets.values.shape, np.nan)
            residuals[np.ix_(every[kept], numbers)] = fit.residuals
        fits.update({int(number): (fit, place) for place, number in enumerate(numbers)})
    return [fits[i] for i in range(len(targets.names))], residuals


def _coefficients(
    fits: list[tuple[Fit, int]],
    targets: list[Hashable],
    terms: list[Hashable],
    fit_intercept: bool,
    confidence: float,
    correction: Correction,
) -> pd.DataFrame:
    from scipy import stats

    b = np.concatenate([fit.b[:, i] for fit, i in fits])
    se = np.concatenate([np.sqrt(np.diag(fit.covariance[i])) for fit, i in fits])
    df = np.repeat([float(fit.df_inference) for fit, _ in fits], len(terms))
    t = np.divide(b, se, out=np.full(b.shape, np.nan), where=se > 0)
    p = 2 * stats.t.sf(np.abs(t), df)
    margin = stats.t.ppf((1 + confidence) / 2, df) * se
    table: pd.DataFrame = pd.DataFrame(
        {
            "target": [target for target in targets for _ in terms],
            "term": terms * len(targets),
            "b": b,
            "se": se,
            "t": t,
            "p": p,
            "p_corrected": np.nan,
            "ci_low": b - margin,
            "ci_high": b + margin,
            "df": df,
        }
    )
    tested = np.tile(
        np.arange(len(terms)) > 0 if fit_intercept else np.ones(len(terms), bool), len(targets)
    )
    table.loc[tested, "p_corrected"] = correct(p[tested], correction)
    return table
