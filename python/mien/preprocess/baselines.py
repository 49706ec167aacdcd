"""Baselines: a face's usual or neutral values, and other rows measured against them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess.columns import (
    Columns,
    as_table,
    matrix,
    record,
    value_columns,
    with_values,
)
from mien.preprocess.sessions import Sessions, sessions_of
from mien.table import FaceSeries, FaceTable

__all__ = ["Baseline", "baseline"]


Statistic = Literal["median", "mean", "begin"]
Normalize = Literal["pct", "db"]


def relative_to(
    values: NDArray[Any], reference: NDArray[Any], normalize: Normalize | None
) -> NDArray[Any]:
    """Values against their reference; both broadcast.

    ``None``: x - b. ``"pct"``: 100 (x - b) / |b|, NaN where b is 0. ``"db"``: 10 log10(x / b), NaN
    unless x and b are both above 0.
    """
    if normalize is None:
        difference: NDArray[Any] = values - reference
        return difference
    # A reference outside the domain becomes NaN first, so that nothing below divides by zero.
    if normalize == "pct":
        scale = np.where(reference != 0, np.abs(reference), np.nan)
        percent: NDArray[Any] = (values - reference) * (100 / scale)
        return percent
    if normalize == "db":
        ratio = np.where(values > 0, values, np.nan) / np.where(reference > 0, reference, np.nan)
        decibel: NDArray[Any] = 10 * np.log10(ratio)
        return decibel
    raise OptionError(f"normalize: wanted None, 'pct' or 'db', got {normalize!r}")


def baseline(
    table: FaceTable,
    baseline: Statistic | pd.Series[Any] | Baseline = "median",
    normalize: Normalize | None = None,
    ignore_sessions: bool = False,
    *,
    columns: Columns = None,
) -> FaceTable:
    """Values measured against a baseline, each session against its own.

    Parameters
    ----------
    table : FaceTable
    baseline : {"median", "mean", "begin"}, Series or Baseline
        The session's median or mean, or its first known value of each column; or given values by
        column, the same for all sessions; or a `Baseline`, see `Baseline.apply`.
    normalize : {None, "pct", "db"}, optional
        None subtracts: x - b. ``"pct"`` is 100 (x - b) / abs(b), and NaN where b is 0. ``"db"`` is
        10 log10(x / b), and NaN where x or b is 0 or less: decibels know only positive quantities.
    ignore_sessions : bool, optional
        One baseline for all rows.
    columns : str or sequence of str, optional
        Columns or groups to change, all values by default.

    Returns
    -------
    FaceTable
        The same rows and columns. What is missing stays NaN, and so does a column that has no value
        in a session.

    Raises
    ------
    OptionError
        Another name of a baseline or of a normalization.
    InputError
        A Series or `Baseline` that lacks a column; see also `value_columns`.

    Examples
    --------
    >>> table = FaceTable({"AU12": [0.1, 0.2, 0.6]})
    >>> baseline(table, "begin", normalize="pct")["AU12"].round(3).tolist()
    [0.0, 100.0, 500.0]
    """
    table = as_table(table)
    if isinstance(baseline, Baseline):
        applied: FaceTable = baseline.apply(table, normalize, columns=columns)
        return applied
    names = value_columns(table, columns)
    values = matrix(table, names)
    sessions = sessions_of(table, ignore_sessions)
    if isinstance(baseline, pd.Series):
        reference = _of_series(baseline, names).astype(values.dtype)[np.newaxis]
        sessions = sessions_of(table, ignore=True)
    else:
        reference = _by_session(values, sessions, baseline).astype(values.dtype)
    done = relative_to(values, _spread(reference, sessions.codes), normalize)
    kind = "given values" if isinstance(baseline, pd.Series) else baseline
    return record(with_values(table, names, done), "baseline", baseline=kind, normalize=normalize)


def _spread(reference: NDArray[Any], codes: NDArray[np.intp]) -> NDArray[Any]:
    """Reference (sessions, columns) for each row; NaN for rows of no session."""
    if len(reference) == 1 and codes.min(initial=0) == 0:
        return reference
    nothing = np.full((1, reference.shape[1]), np.nan, reference.dtype)
    return np.concatenate([reference, nothing])[codes]  # -1 is the last


def _by_session(values: NDArray[Any], sessions: Sessions, statistic: str) -> NDArray[Any]:
    """Statistic (sessions, columns) of the known values."""
    if statistic not in ("median", "mean", "begin"):
        raise OptionError(
            f"baseline: wanted 'median', 'mean', 'begin', a Series or a Baseline, got {statistic!r}"
        )
    frame = pd.DataFrame(values)
    if sessions.one:
        if statistic == "begin":
            known = ~np.isnan(values)
            first = known.argmax(axis=0) if len(values) else np.zeros(0, np.intp)
            row = values[first, np.arange(values.shape[1])] if len(values) else np.full(0, np.nan)
            return np.asarray(row)[np.newaxis]
        return np.asarray(getattr(frame, statistic)())[np.newaxis]
    grouped = frame.groupby(sessions.keys)
    how = {"median": "median", "mean": "mean", "begin": "first"}[statistic]
    return np.asarray(getattr(grouped, how)())


def _of_series(series: pd.Series[Any], names: list[Any]) -> NDArray[Any]:
    missing = [name for name in names if name not in series.index]
    if missing:
        raise InputError(
            f"baseline: has no value for {len(missing)} columns such as {missing[0]!r}; "
            "choose others with columns="
        )
    try:
        return series.loc[names].to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"baseline: wanted numbers, got {series.dtype}") from error


@dataclass(frozen=True, eq=False)
class Baseline:
    """Usual or neutral values of one face or of several people, to measure any other rows against.

    Fit it on clips that show them (`fit`), keep it (`save`, `load`), and apply it to tables, or to
    single frames as they come from a camera.

    Attributes
    ----------
    values : pandas.DataFrame
        A row for each person (one row where they are not distinguished), a column for each column
        of the table, float64.
    statistic : str
        How it was made: ``"median"``, ``"mean"`` or ``"begin"``.
    by : str or None
        Column that names the person, where they are distinguished.

    Examples
    --------
    >>> neutral = FaceTable({"subject": ["ann", "bob"], "AU12": [0.1, 0.3]})
    >>> usual = Baseline.fit(neutral, by="subject")
    >>> usual.apply(FaceTable({"subject": ["bob", "ann"], "AU12": [0.5, 0.5]}))["AU12"].tolist()
    [0.2, 0.4]
    """

    values: pd.DataFrame
    statistic: str = "median"
    by: str | None = None

    @classmethod
    def fit(
        cls,
        table: FaceTable | list[FaceTable],
        statistic: Statistic = "median",
        *,
        by: str | None = None,
        columns: Columns = None,
    ) -> Baseline:
        """Baseline of the rows of one table, or of several together.

        Parameters
        ----------
        table : FaceTable or list of FaceTable
            Rows without a face don't count. Sessions don't either: `by` says who is who.
        statistic : {"median", "mean", "begin"}, optional
        by : str, optional
            Column that names the person; rows where it is missing don't count.
        columns : str or sequence of str, optional
            Columns or groups, all values by default.

        Raises
        ------
        InputError
            No rows, no column `by`; see also `value_columns`.
        OptionError
            Another statistic.
        """
        whole = as_table(pd.concat(table) if isinstance(table, list) else table)
        if by is not None and by not in whole.columns:
            raise InputError(f"baseline: the table has no column {by!r} that says who is who")
        names = value_columns(whole, columns)
        if by is None:
            sessions = sessions_of(whole, ignore=True)
        else:
            codes, people = pd.factorize(whole[by])
            sessions = Sessions([by], codes.astype(np.intp, copy=False), list(people))
        if not len(whole) or not sessions.labels:
            raise InputError("baseline: wanted rows to fit it on, got none")
        found = _by_session(matrix(whole, names, np.float64), sessions, statistic)
        index = pd.Index(sessions.labels if by is not None else [0], name=by)
        return cls(pd.DataFrame(found, index=index, columns=pd.Index(names)), statistic, by)

    def apply(
        self,
        rows: Any,
        normalize: Normalize | None = None,
        *,
        columns: Columns = None,
        person: Hashable | None = None,
    ) -> Any:
        """Rows measured against the baseline.

        Parameters
        ----------
        rows : FaceTable or FaceSeries
            A table, the faces of one frame, or one row.
        normalize : {None, "pct", "db"}, optional
            As for `baseline`.
        columns : str or sequence of str, optional
            Columns or groups to change, all values by default; the baseline must have them all.
        person : optional
            Whose baseline to take for all rows, instead of what the column `by` says.

        Returns
        -------
        FaceTable or FaceSeries
            As `rows`. Rows whose person is missing become NaN.

        Raises
        ------
        InputError
            A column or a person the baseline lacks, or no column that says who is who.
        """
        if isinstance(rows, pd.Series):
            frame = FaceTable(rows.to_frame().T.infer_objects())
            done = self.apply(frame, normalize, columns=columns, person=person)
            return FaceSeries(done.iloc[0].reindex(rows.index))
        table = as_table(rows)
        names = value_columns(table, columns)
        missing = [name for name in names if name not in self.values.columns]
        if missing:
            raise InputError(
                f"baseline: has no value for {len(missing)} columns such as {missing[0]!r}; "
                "choose others with columns="
            )
        values = matrix(table, names)
        reference = self.values[names].to_numpy(values.dtype)
        against = _spread(reference, self._codes(table, person))
        done = with_values(table, names, relative_to(values, against, normalize))
        return record(
            done, "baseline", baseline=self.statistic, by=self.by, fitted=True, normalize=normalize
        )

    def _codes(self, table: FaceTable, person: Hashable | None) -> NDArray[np.intp]:
        if self.by is None:
            return np.zeros(len(table), np.intp)
        if person is not None:
            who: pd.Series[Any] | NDArray[Any] = np.full(len(table), person, dtype=object)
        elif self.by in table.columns:
            who = table[self.by]
        else:
            raise InputError(
                f"baseline: it tells people apart by the column {self.by!r}, "
                "which the table lacks; give person="
            )
        codes = self.values.index.get_indexer(pd.Index(who))
        known = pd.notna(np.asarray(who, dtype=object))
        unknown = np.flatnonzero((codes < 0) & known)
        if unknown.size:
            stranger = np.asarray(who, dtype=object)[unknown[0]]
            raise InputError(
                f"baseline: has no person {stranger!r}; "
                f"it has {', '.join(map(str, self.values.index[:8]))}"
            )
        return codes.astype(np.intp, copy=False)

    def save(self, path: str | Path) -> Path:
        """Write it as ``.json`` or ``.parquet``.

        Raises
        ------
        OptionError
            Another suffix.
        OutputError
            It can't be written.
        """
        from mien.preprocess._baseline_files import save_baseline

        return save_baseline(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> Baseline:
        """Read what `save` wrote.

        Raises
        ------
        InputError
            Missing, damaged, or not a baseline.
        OptionError
            Another suffix.
        """
        from mien.preprocess._baseline_files import load_baseline

        return load_baseline(Path(path))
