"""t-tests over many columns at once.

Each column is tested on its own known values: one that is missing or infinite is left out for that
column alone, and the result's ``n`` says how many there were. A column without spread, or with
fewer than two values (three in two groups), has no test: NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.preprocess.columns import Columns, as_table, blocks, value_columns
from mien.preprocess.sessions import Grouping
from mien.stats._checks import Alternative, check_test
from mien.stats._moments import Moments, moments_of, over, paired_moments, root_over
from mien.stats._two_groups import label_columns, paired_rows, two_groups
from mien.stats.corrections import Correction, correct
from mien.table import FaceTable

__all__ = ["Alternative", "ttest_1samp", "ttest_ind", "ttest_rel"]


Floats = NDArray[np.float64]


def ttest_1samp(
    table: FaceTable,
    popmean: float = 0.0,
    columns: Columns = None,
    *,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
) -> pd.DataFrame:
    """Whether the mean of each column differs from a number (Student 1908).

    The rows are taken for independent, which frames of a video are not: average clips or people
    first with `mien.preprocess.extract_mean`.

    Parameters
    ----------
    table : FaceTable
    popmean : float, optional
        The mean to test against.
    columns : str or sequence of str, optional
        Columns or groups, all values by default. They are the family of tests that `correction` is
        about.
    alternative : {"two-sided", "less", "greater"}, optional
        How the mean is expected to lie to `popmean`.
    confidence : float, optional
        Coverage of the interval, between 0 and 1. It is open to one side where `alternative` is.
    correction : {"fdr_bh", "fdr_by", "holm", "bonferroni"} or None, optional
        See `mien.stats.correct`.

    Returns
    -------
    pandas.DataFrame
        A row for each column: `column`, `statistic` (t), `df`, `p`, `p_corrected`, `mean`,
        `difference` (mean less `popmean`), `ci_low` and `ci_high` (of the difference), `cohen_d`
        (difference over standard deviation), `n`.

    Raises
    ------
    OptionError
        An option out of range.
    InputError
        A column that isn't there or isn't of numbers.

    Examples
    --------
    >>> table = FaceTable({"AU12": [0.1, 0.3, 0.2, 0.4]})
    >>> ttest_1samp(table).loc[0, ["statistic", "df", "p"]].astype(float).round(3).tolist()
    [3.873, 3.0, 0.03]
    """
    check_test(alternative, confidence, correction)
    table = as_table(table)
    names = value_columns(table, columns)
    (sample,) = moments_of(table, names, [slice(None)])
    difference = sample.mean - popmean
    spread = np.sqrt(sample.var)
    test = _test(difference, root_over(sample.var, sample.n), sample.n - 1, alternative, confidence)
    return _tidy(
        {"column": names},
        test,
        correction,
        {"mean": sample.mean, "difference": difference},
        {"cohen_d": over(difference, spread), "n": sample.n.astype(np.int64)},
    )


def ttest_ind(
    table: FaceTable,
    columns: Columns = None,
    sessions: Sequence[Hashable] | None = None,
    *,
    by: Grouping = None,
    equal_var: bool = True,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
) -> pd.DataFrame:
    """Whether the means of each column differ between two groups of rows.

    Student (1908); Welch (1947) for unequal variances. A group of one row is a single case, tested
    against the other group with its variance and df = n - 1 (Crawford and Howell 1998); Welch's
    test needs two rows in each.

    The rows are taken for independent, which frames of a video are not: average clips or people
    first with `mien.preprocess.extract_mean`.

    Parameters
    ----------
    table : FaceTable
    columns : str or sequence of str, optional
        Columns or groups, all values by default. They are the family of tests that `correction` is
        about.
    sessions : pair of labels, optional
        The two groups, the first less the second being the difference. By default the only two
        there are, in the order of their first rows.
    by : str, list of str or array, optional
        What makes the groups: a column, several, or a label for each row. By default the sessions
        of the table.
    equal_var : bool, optional
        Pool the variances of the two groups, df = n - 2; False for Welch's test, whose df is
        Satterthwaite's.
    alternative : {"two-sided", "less", "greater"}, optional
        How the first mean is expected to lie to the second.
    confidence, correction
        As for `ttest_1samp`.

    Returns
    -------
    pandas.DataFrame
        A row for each column: `column`, `first` and `second` (the groups), `statistic` (t), `df`,
        `p`, `p_corrected`, `mean_first`, `mean_second`, `difference`, `ci_low` and `ci_high` (of
        the difference), `cohen_d` (difference over the pooled standard deviation; Cohen 1988),
        `n_first`, `n_second`.

    Raises
    ------
    OptionError
        An option out of range.
    InputError
        Not two groups, a group of no rows, a column that isn't there or isn't of numbers.

    Examples
    --------
    >>> table = FaceTable({"news": ["good", "good", "bad", "bad"], "AU12": [0.8, 0.6, 0.1, 0.3]})
    >>> found = ttest_ind(table, "AU12", by="news")
    >>> found.loc[0, ["statistic", "df", "p"]].astype(float).round(3).tolist()
    [3.536, 2.0, 0.072]
    """
    check_test(alternative, confidence, correction)
    table = as_table(table)
    names = value_columns(table, columns)
    labels, rows = two_groups(table, by, sessions)
    a, b = moments_of(table, names, rows)
    difference = a.mean - b.mean
    pooled = _pooled(a, b)
    error, df = _student(a, b, pooled) if equal_var else _welch(a, b)
    test = _test(difference, error, df, alternative, confidence)
    counts = {"n_first": a.n.astype(np.int64), "n_second": b.n.astype(np.int64)}
    return _tidy(
        {"column": names, **label_columns(labels, len(names))},
        test,
        correction,
        {"mean_first": a.mean, "mean_second": b.mean, "difference": difference},
        {"cohen_d": over(difference, np.sqrt(pooled)), **counts},
    )


def ttest_rel(
    table: FaceTable,
    columns: Columns = None,
    sessions: Sequence[Hashable] | None = None,
    *,
    pair: Hashable,
    by: Grouping = None,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
) -> pd.DataFrame:
    """Whether each column differs between two measurements of the same people (paired t-test).

    Pairs of which a row is missing are left out; where only a value is missing, for that column
    alone.

    Parameters
    ----------
    table : FaceTable
        One row for each of the two measurements of each person; average frames first with
        `mien.preprocess.extract_mean`.
    columns : str or sequence of str, optional
        Columns or groups, all values by default. They are the family of tests that `correction` is
        about.
    sessions : pair of labels, optional
        The two measurements, the first less the second being the difference; as for `ttest_ind`.
    pair : str
        Column that says which rows belong together, such as a person's name.
    by : str, list of str or array, optional
        What tells the two measurements apart; as for `ttest_ind`.
    alternative, confidence, correction
        As for `ttest_1samp`.

    Returns
    -------
    pandas.DataFrame
        As of `ttest_ind`, with the means over complete pairs, `cohen_d` the difference over the
        standard deviation of the differences (Cohen's d_z), and `n` the number of pairs.

    Raises
    ------
    OptionError
        An option out of range.
    InputError
        No column `pair`, not two measurements, or a pair with several rows for one of them.

    Examples
    --------
    >>> table = FaceTable({"who": list("abab"), "when": [1, 1, 2, 2], "AU12": [0.5, 0.7, 0.2, 0.1]})
    >>> found = ttest_rel(table, "AU12", by="when", pair="who")
    >>> found.loc[0, ["difference", "statistic"]].astype(float).round(3).tolist()
    [0.45, 3.0]
    """
    check_test(alternative, confidence, correction)
    table = as_table(table)
    if pair not in table.columns:
        raise InputError(f"pair: the table has no column {pair!r}")
    names = value_columns(table, columns)
    labels, rows = two_groups(table, by, sessions)
    first, second = paired_rows(table, pair, rows, labels)
    parts = [paired_moments(table, part, first, second) for part in blocks(names)]
    a, b, d, n, var = (np.concatenate(pieces) for pieces in zip(*parts, strict=True))
    test = _test(d, root_over(var, n), n - 1, alternative, confidence)
    return _tidy(
        {"column": names, **label_columns(labels, len(names))},
        test,
        correction,
        {"mean_first": a, "mean_second": b, "difference": d},
        {"cohen_d": over(d, np.sqrt(var)), "n": n.astype(np.int64)},
    )


def _pooled(a: Moments, b: Moments) -> Floats:
    """Variance of both groups together; NaN where one has no value.

    A single value adds none, which is the test of one case against a sample (Crawford and Howell
    1998).
    """
    pooled = over(a.squares + b.squares, a.n + b.n - 2)
    return np.where((a.n > 0) & (b.n > 0), pooled, np.nan)


def _student(a: Moments, b: Moments, pooled: Floats) -> tuple[Floats, Floats]:
    """Standard error of the difference and degrees of freedom (Student 1908)."""
    return np.sqrt(pooled * (over(1.0, a.n) + over(1.0, b.n))), a.n + b.n - 2


def _welch(a: Moments, b: Moments) -> tuple[Floats, Floats]:
    """The same for unequal variances (Welch 1947, eq. 28), with Satterthwaite's df."""
    of_a, of_b = over(a.var, a.n), over(b.var, b.n)
    df = over((of_a + of_b) ** 2, over(of_a**2, a.n - 1) + over(of_b**2, b.n - 1))
    return np.sqrt(of_a + of_b), df


def _test(
    difference: Floats, error: Floats, df: Floats, alternative: str, confidence: float
) -> dict[str, Floats]:
    from scipy import stats

    t = over(difference, error)
    df = np.where(np.isfinite(t), df, np.nan)
    if alternative == "two-sided":
        p, margin = 2 * stats.t.sf(np.abs(t), df), stats.t.ppf((1 + confidence) / 2, df) * error
    else:
        p = stats.t.cdf(t, df) if alternative == "less" else stats.t.sf(t, df)
        margin = stats.t.ppf(confidence, df) * error
    low, high = difference - margin, difference + margin
    if alternative == "less":
        low = np.where(np.isnan(high), np.nan, -np.inf)
    elif alternative == "greater":
        high = np.where(np.isnan(low), np.nan, np.inf)
    return {"statistic": t, "df": df, "p": p, "ci_low": low, "ci_high": high}


def _tidy(
    head: Mapping[str, Sequence[Any]],
    test: Mapping[str, Floats],
    correction: Correction,
    means: Mapping[str, Floats],
    tail: Mapping[str, NDArray[Any]],
) -> pd.DataFrame:
    result: pd.DataFrame = pd.DataFrame(
        {
            **head,
            **{name: test[name] for name in ("statistic", "df", "p")},
            "p_corrected": correct(test["p"], correction),
            **means,
            **{name: test[name] for name in ("ci_low", "ci_high")},
            **tail,
        }
    )
    return result
