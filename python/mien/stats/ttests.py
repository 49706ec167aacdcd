"""t-tests over many columns at once.

Each column is tested on its own known values: one that is missing or infinite is left out for that
column alone, and the result's ``n`` says how many there were. A column without spread, or with
fewer than two values, has no test: NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess.columns import Columns, as_table, blocks, matrix, value_columns
from mien.stats.corrections import Correction, check_correction, correct
from mien.stats.grouping import groups_of, some
from mien.table import FaceTable

__all__ = ["Alternative", "ttest_1samp", "ttest_ind", "ttest_rel"]


Floats = NDArray[np.float64]
Alternative = Literal["two-sided", "less", "greater"]


@dataclass(frozen=True)
class _Moments:
    """Count, mean and variance (over n - 1) of the known values of each column, (columns,) each."""

    n: Floats
    mean: Floats
    var: Floats


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
    _check(alternative, confidence, correction)
    table = as_table(table)
    names = value_columns(table, columns)
    (sample,) = _moments(table, names, [slice(None)])
    difference = sample.mean - popmean
    spread = np.sqrt(sample.var)
    test = _test(
        difference, _root_over(sample.var, sample.n), sample.n - 1, alternative, confidence
    )
    return _tidy(
        {"column": names},
        test,
        correction,
        {"mean": sample.mean, "difference": difference},
        {"cohen_d": _over(difference, spread), "n": sample.n.astype(np.int64)},
    )


def ttest_ind(
    table: FaceTable,
    columns: Columns = None,
    sessions: Sequence[Hashable] | None = None,
    *,
    by: Any = None,
    equal_var: bool = True,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
) -> pd.DataFrame:
    """Whether the means of each column differ between two groups of rows (Student 1908; Welch
    1947).

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
    _check(alternative, confidence, correction)
    table = as_table(table)
    names = value_columns(table, columns)
    labels, rows = _two_groups(table, by, sessions)
    a, b = _moments(table, names, rows)
    difference = a.mean - b.mean
    pooled = _over((a.n - 1) * a.var + (b.n - 1) * b.var, a.n + b.n - 2)
    pooled = np.where((a.n > 0) & (b.n > 0), pooled, np.nan)
    if equal_var:
        error = np.sqrt(pooled * (_over(1.0, a.n) + _over(1.0, b.n)))
        df = a.n + b.n - 2
    else:
        of_a, of_b = _over(a.var, a.n), _over(b.var, b.n)
        error = np.sqrt(of_a + of_b)
        # Welch 1947, eq. 28, with Satterthwaite's degrees of freedom.
        df = _over((of_a + of_b) ** 2, _over(of_a**2, a.n - 1) + _over(of_b**2, b.n - 1))
    test = _test(difference, error, df, alternative, confidence)
    counts = {"n_first": a.n.astype(np.int64), "n_second": b.n.astype(np.int64)}
    return _tidy(
        {"column": names, **_labels(labels, len(names))},
        test,
        correction,
        {"mean_first": a.mean, "mean_second": b.mean, "difference": difference},
        {"cohen_d": _over(difference, np.sqrt(pooled)), **counts},
    )


def ttest_rel(
    table: FaceTable,
    columns: Columns = None,
    sessions: Sequence[Hashable] | None = None,
    *,
    pair: Hashable,
    by: Any = None,
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
    _check(alternative, confidence, correction)
    table = as_table(table)
    if pair not in table.columns:
        raise InputError(f"pair: the table has no column {pair!r}")
    names = value_columns(table, columns)
    labels, rows = _two_groups(table, by, sessions)
    first, second = _paired(table, pair, rows, labels)
    parts = [_paired_moments(table, part, first, second) for part in blocks(names)]
    a, b, d = (np.concatenate([part[i] for part in parts]) for i in range(3))
    n, var = (np.concatenate([part[i] for part in parts]) for i in (3, 4))
    test = _test(d, _root_over(var, n), n - 1, alternative, confidence)
    return _tidy(
        {"column": names, **_labels(labels, len(names))},
        test,
        correction,
        {"mean_first": a, "mean_second": b, "difference": d},
        {"cohen_d": _over(d, np.sqrt(var)), "n": n.astype(np.int64)},
    )


def _check(alternative: str, confidence: float, correction: object) -> None:
    if alternative not in ("two-sided", "less", "greater"):
        raise OptionError(
            f"alternative: wanted 'two-sided', 'less' or 'greater', got {alternative!r}"
        )
    check_confidence(confidence)
    check_correction(correction)


def check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise OptionError(f"confidence: wanted between 0 and 1, got {confidence!r}")


def _over(a: Any, b: Any) -> Floats:
    """a / b, NaN where b is not above 0."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    out: Floats = np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0)
    return out


def _root_over(var: Floats, n: Floats) -> Floats:
    return np.sqrt(_over(var, n))


def _describe(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, mean and variance of the known values (signals, rows). A constant signal's variance is
    exactly 0.
    """
    known = np.isfinite(values)
    n = known.sum(axis=1).astype(np.float64)
    # Measured from a value of its own, a constant is zeros throughout, and large numbers lose no
    # digits.
    first = known.argmax(axis=1)[:, None] if values.shape[1] else np.empty((len(values), 0), int)
    origin = np.take_along_axis(values, first, axis=1).sum(axis=1)
    origin = np.where(n > 0, origin, 0.0)
    shifted = values - origin[:, None]
    if not known.all():
        shifted[~known] = 0.0
    offset = _over(shifted.sum(axis=1), n)
    shifted -= offset[:, None]
    if not known.all():
        shifted[~known] = 0.0
    var = _over(np.einsum("ij,ij->i", shifted, shifted), n - 1)
    return n, origin + offset, var


def _moments(table: FaceTable, names: Sequence[Any], groups: Sequence[Any]) -> list[_Moments]:
    """Moments of each column in each group of rows."""
    found: list[list[tuple[Floats, Floats, Floats]]] = [[] for _ in groups]
    for part in blocks(names):
        values = matrix(table, part)
        for rows, parts in zip(groups, found, strict=True):
            parts.append(_describe(np.array(values[rows].T, np.float64, order="C")))
    return [
        _Moments(*(np.concatenate([part[i] for part in parts]) for i in range(3)))
        for parts in found
    ]


def _paired_moments(
    table: FaceTable, names: Sequence[Any], first: NDArray[np.intp], second: NDArray[np.intp]
) -> tuple[Floats, ...]:
    """Means of both sides and of the difference, count and variance of the difference."""
    values = matrix(table, names, np.float64)
    a, b = values[first].T.copy(), values[second].T.copy()
    gone = ~(np.isfinite(a) & np.isfinite(b))
    a[gone] = b[gone] = np.nan
    n, mean, var = _describe(a - b)
    return _describe(a)[1], _describe(b)[1], mean, n, var


def _test(
    difference: Floats, error: Floats, df: Floats, alternative: str, confidence: float
) -> dict[str, Floats]:
    from scipy import stats

    t = _over(difference, error)
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
    head: dict[str, Any],
    test: dict[str, Floats],
    correction: Correction,
    means: dict[str, Any],
    tail: dict[str, Any],
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


def _labels(labels: Sequence[Any], count: int) -> dict[str, list[Any]]:
    return {name: [label] * count for name, label in zip(("first", "second"), labels, strict=True)}


def _two_groups(
    table: FaceTable, by: Any, wanted: Sequence[Hashable] | None
) -> tuple[list[Any], list[NDArray[np.intp]]]:
    """Labels of the two groups and the numbers of their rows."""
    sessions = groups_of(table, by, "by")
    if not sessions.columns:
        raise InputError(
            "table: no sessions to tell two groups apart; give by=, or call set_sessions"
        )
    labels = sessions.labels
    if wanted is not None:
        labels = list(wanted)
        unknown = [label for label in labels if label not in sessions.labels]
        if unknown:
            raise InputError(
                f"sessions: no group {unknown[0]!r}; there are {some(sessions.labels)}"
            )
    if len(labels) != 2 or labels[0] == labels[1]:
        raise InputError(
            f"sessions: wanted two groups, got {len(labels)} ({some(labels)}); name two with sessions=, or group with by="
        )
    numbers = [sessions.labels.index(label) for label in labels]
    return labels, [np.flatnonzero(sessions.codes == number) for number in numbers]


def _paired(
    table: FaceTable, pair: Hashable, rows: Sequence[NDArray[np.intp]], labels: Sequence[Any]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of the rows of each pair, first and second measurement."""
    codes, who = pd.factorize(pd.DataFrame(table)[pair])
    place = np.full((2, len(who)), -1, np.intp)
    for side, (members, label) in enumerate(zip(rows, labels, strict=True)):
        members = members[codes[members] >= 0]
        counts = np.bincount(codes[members], minlength=len(who))
        if counts.max(initial=0) > 1:
            raise InputError(
                f"pair {who[int(counts.argmax())]!r}: wanted one row in {label!r}, got {counts.max()}; "
                "average them first: set_sessions([...]).extract_mean()"
            )
        place[side, codes[members]] = members
    whole = (place >= 0).all(axis=0)
    return place[0, whole], place[1, whole]
