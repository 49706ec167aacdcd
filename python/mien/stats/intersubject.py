"""Intersubject correlation: how alike faces behave at the same moments (Hasson 2004)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess.columns import Columns, as_table, value_columns
from mien.preprocess.sessions import Grouping
from mien.stats._aligned import align
from mien.stats._checks import check_confidence
from mien.stats._coupling import patterns, time_courses
from mien.stats._resampling import Summary, bootstrap, interval, p_value, summarize
from mien.stats.corrections import Correction, check_correction, correct
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ISC", "isc"]


@dataclass(frozen=True)
class ISC:
    """What `isc` returns.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each column, or for each moment with ``axis="features"``: `column` (or the index's
        name), `isc`, `ci_low`, `ci_high` (bootstrap only), `p`, `p_corrected`, `n` pairs or
        subjects that have a correlation.
    values : numpy.ndarray
        (rows of `table`, pairs or subjects) correlations; NaN where two share fewer than three
        moments or one is constant.
    subjects : list
        Their labels.
    pairs : numpy.ndarray or None
        (pairs, 2) numbers of the subjects of each pair; None with ``method="leave_one_out"``.
    null : numpy.ndarray or None
        (samples, rows of `table`) of the circular shifts, or of the bootstrap less the observed
        value.
    """

    table: pd.DataFrame
    values: NDArray[np.float64]
    subjects: list[Hashable]
    pairs: NDArray[np.intp] | None
    null: NDArray[np.float64] | None

    def matrix(self, row: Hashable | None = None) -> pd.DataFrame:
        """Correlations (subjects, subjects) for one row of `table`.

        The row may be left out if there is one.

        Raises
        ------
        OptionError
            Leave-one-out has no pairs.
        InputError
            No such row, or several to choose from.
        """
        if self.pairs is None:
            raise OptionError("matrix: leave-one-out has no pairs; use method='pairwise'")
        names = self.table.iloc[:, 0].tolist()
        if row is None and len(names) == 1:
            row = names[0]
        if row not in names:
            raise InputError(f"matrix: wanted one of {', '.join(map(str, names[:8]))}, got {row!r}")
        found = self.values[names.index(row)]
        square = np.full((len(self.subjects),) * 2, np.nan)
        np.fill_diagonal(square, 1.0)
        square[self.pairs[:, 0], self.pairs[:, 1]] = square[self.pairs[:, 1], self.pairs[:, 0]] = (
            found
        )
        tuples = any(isinstance(label, tuple) for label in self.subjects)
        labels = pd.Index([str(s) for s in self.subjects] if tuples else self.subjects)
        table: pd.DataFrame = pd.DataFrame(square, index=labels, columns=labels)
        return table

    def plot(self, row: Hashable | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw `matrix`; see `mien.plot.plot_isc`.

        Parameters
        ----------
        row : optional
            Which row of `table`; may be left out if there is one.
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        OptionError, InputError
            As for `matrix`.
        """
        from mien.plot import plot_isc

        return plot_isc(self, row, ax=ax)


def isc(
    table: FaceTable,
    columns: Columns = None,
    index: Hashable = "frame",
    subjects: Grouping = None,
    *,
    method: Literal["pairwise", "leave_one_out"] = "pairwise",
    axis: Literal["time", "features"] = "time",
    summary: Summary = "median",
    test: Literal["bootstrap", "circular_shift"] | None = None,
    samples: int = 1000,
    alternative: Literal["two-sided", "greater"] = "two-sided",
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
    seed: int = 0,
) -> ISC:
    """Intersubject correlation (Pearson's), over the moments that both subjects have.

    Parameters
    ----------
    table : FaceTable
        One row for each subject and moment. Subjects may have different lengths and gaps.
    columns : str or sequence of str, optional
        Columns or groups, all values by default.
    index : str, optional
        Column whose equal values are the same moment: ``frame``, or ``time`` after `resample` to
        one rate.
    subjects : str, list of str, mapping or array, optional
        What makes a subject. By default the table's sessions, or else `input`.
    method : {"pairwise", "leave_one_out"}, optional
        Each pair of subjects, or each subject with the mean of all others.
    axis : {"time", "features"}, optional
        ``time``: for each column, correlate over moments. ``features``: for each moment, correlate
        over columns, as they are: standardize them first (``clean(standardize=True)``) where their
        usual levels should not count. A row that misses a column is then missing as a whole.
    summary : {"median", "mean"}, optional
        Of the correlations of all pairs or subjects; ``mean`` by Fisher's z.
    test : {"bootstrap", "circular_shift"}, optional
        ``bootstrap``: draw subjects with replacement, pairs of one subject with itself left out;
        the null distribution is theirs, moved to 0 (Chen et al. 2016). About other subjects.
        ``circular_shift``: turn each subject's series by a random number of moments, all columns
        alike, each in its own frequency content (with leave-one-out, the one against the others as
        they were). About these subjects.
    samples : int, optional
        How many times.
    alternative : {"two-sided", "greater"}, optional
        p-values count the observed value as one of the samples (Phipson & Smyth 2010), so the least
        is 1 / (samples + 1).
    confidence : float, optional
        Coverage of the bootstrap's percentile interval, between 0 and 1.
    correction : {"fdr_bh", "fdr_by", "holm", "bonferroni"} or None, optional
        Over the rows of the result, see `mien.stats.correct`.
    seed : int, optional
        The same seed gives the same numbers.

    Returns
    -------
    ISC

    Raises
    ------
    OptionError
        An option out of range.
    InputError
        Fewer than two subjects (three to test or leave one out), several rows of a subject at one
        moment, no shared moments.

    Examples
    --------
    >>> table = FaceTable({"input": list("aaaabbbb"), "frame": [0, 1, 2, 3] * 2,
    ...                    "AU12": [0.1, 0.5, 0.9, 0.4, 0.2, 0.4, 0.8, 0.5]})
    >>> isc(table, "AU12").table.round(3).loc[0, "isc"].item()
    0.958
    """
    _check(method, axis, summary, test, samples, alternative)
    check_confidence(confidence)
    check_correction(correction)
    table = as_table(table)
    names = value_columns(table, columns)
    aligned = align(table, index, subjects)
    if len(aligned.subjects) < 3 and (test == "bootstrap" or method == "leave_one_out"):
        raise InputError(f"subjects: wanted three or more, got {len(aligned.subjects)}")
    leave_one_out = method == "leave_one_out"
    rng = np.random.default_rng(seed)
    shifts = None
    if test == "circular_shift":
        shifts = rng.integers(0, len(aligned.moments), (samples, len(aligned.subjects)))
    measure = time_courses if axis == "time" else patterns
    values, null = measure(table, names, aligned, leave_one_out, summary, shifts)
    observed = summarize(values, summary)
    low = high = np.full(len(observed), np.nan)
    if test == "bootstrap":
        draws = rng.integers(0, len(aligned.subjects), (samples, len(aligned.subjects)))
        drawn = bootstrap(values, draws, leave_one_out, summary)
        null = drawn - observed
        low, high = interval(drawn, confidence)
    p = np.full(len(observed), np.nan) if null is None else p_value(observed, null, alternative)
    rest = {"p": p, "p_corrected": correct(p, correction), "n": np.isfinite(values).sum(axis=1)}
    of = {"column": names} if axis == "time" else {str(index): aligned.moments}
    result = pd.DataFrame({**of, "isc": observed, "ci_low": low, "ci_high": high, **rest})
    pairs = None if leave_one_out else np.column_stack(np.triu_indices(len(aligned.subjects), 1))
    return ISC(result, values, list(aligned.subjects), pairs, null)


def _check(
    method: str, axis: str, summary: str, test: str | None, samples: int, alternative: str
) -> None:
    choices = {
        "method": (method, ("pairwise", "leave_one_out")),
        "axis": (axis, ("time", "features")),
        "summary": (summary, ("median", "mean")),
        "test": (test, ("bootstrap", "circular_shift", None)),
        "alternative": (alternative, ("two-sided", "greater")),
    }
    for name, (got, wanted) in choices.items():
        if got not in wanted:
            raise OptionError(f"{name}: wanted {' or '.join(map(repr, wanted))}, got {got!r}")
    if samples < 1:
        raise OptionError(f"samples: wanted 1 or more, got {samples}")
