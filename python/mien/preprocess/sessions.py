"""Sessions: which rows belong together, such as one clip, one person, or one face of a clip.

The labels are columns of the table and their names lie in its provenance, so slicing, sorting,
concatenating and saving keep both. Rows whose label is missing belong to no session: what is
computed by session is NaN for them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.preprocess.columns import as_table, edit_sources
from mien.table import FaceSeries, FaceTable, Provenance

__all__ = [
    "append",
    "itersessions",
    "session_columns",
    "session_labels",
    "set_sessions",
]


Rows = slice | NDArray[np.intp]
Grouping: TypeAlias = (
    "Hashable | Sequence[Any] | Mapping[Any, Any] | NDArray[Any] | pd.Series[Any] | None"
)
"""What makes sessions: columns, a mapping, or a label for each row; see `set_sessions`."""


@dataclass(frozen=True)
class Sessions:
    """Which session each row belongs to.

    Attributes
    ----------
    columns : list of str
        Columns that hold the labels; empty where the table is one session.
    codes : numpy.ndarray
        (rows,) number of the session, -1 for rows of none.
    labels : list
        Label of each session in the order of their first rows: a value, or a tuple where there are
        several columns.
    """

    columns: list[Hashable]
    codes: NDArray[np.intp]
    labels: list[Hashable]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def one(self) -> bool:
        """Whether all rows are one session."""
        return len(self.labels) == 1 and self.codes.min(initial=0) == 0

    @property
    def keys(self) -> NDArray[Any]:
        """Numbers to group by in pandas, which leaves out the NaN of rows of no session."""
        outside = self.codes < 0
        return np.where(outside, np.nan, self.codes) if outside.any() else self.codes

    def rows(self) -> Iterator[Rows]:
        """Rows of each session, in their order; a slice where they are neighbours."""
        if self.one:
            yield slice(0, len(self.codes))
            return
        order = np.argsort(self.codes, kind="stable")
        edges = np.searchsorted(self.codes[order], np.arange(len(self.labels) + 1))
        for start, stop in pairwise(edges):
            rows = order[start:stop]
            if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
                yield slice(int(rows[0]), int(rows[-1]) + 1)
            else:
                yield rows

    def name(self, number: int) -> str:
        """How a message calls a session."""
        return f"session {self.labels[number]!r}" if self.columns else "table"


def session_columns(table: FaceTable) -> list[Hashable]:
    """Names of the columns that hold the sessions' labels; empty where none were set.

    Raises
    ------
    InputError
        The table was put together of tables with different sessions, or a column has gone.
    """
    provenance = table.provenance
    found: list[list[Hashable]] = []
    for source in [provenance, *provenance.get("sources", [])]:
        names = source.get("sessions")
        if names and names not in found:
            found.append(names)
    if len(found) > 1:
        shown = " and ".join(", ".join(map(str, names)) for names in found)
        raise InputError(
            f"table: put together of tables with different sessions ({shown}); "
            "choose with set_sessions"
        )
    if not found:
        return []
    gone = [name for name in found[0] if name not in table.columns]
    if gone:
        raise InputError(
            f"table: its sessions are in the column {gone[0]!r}, which it has no more; "
            "call set_sessions again"
        )
    return list(found[0])


def sessions_of(table: FaceTable, ignore: bool = False) -> Sessions:
    """The sessions of a table.

    One of all rows where none were set, or where they are to be ignored.
    """
    names = [] if ignore else session_columns(table)
    if not names:
        return Sessions([], np.zeros(len(table), np.intp), [None])
    keys = pd.DataFrame(table)[names].reset_index(drop=True)
    if len(names) == 1:
        codes, values = pd.factorize(keys[names[0]])
        return Sessions(names, codes.astype(np.intp, copy=False), list(values))
    numbers = keys.groupby(names, sort=False, dropna=True, observed=True).ngroup()
    codes = numbers.fillna(-1).to_numpy(np.intp)
    known = np.flatnonzero(codes >= 0)
    _, first = np.unique(codes[known], return_index=True)
    labels = list(keys.iloc[known[first]].itertuples(index=False, name=None))
    return Sessions(names, codes, labels)


def set_sessions(
    table: FaceTable,
    sessions: Grouping,
    name: str = "session",
) -> FaceTable:
    """Group the rows into sessions, which all that works over rows respects.

    Time series need sessions that hold one face each: ``["input", "track"]`` where a clip shows
    several.

    Parameters
    ----------
    table : FaceTable
    sessions : str, list of str, mapping, array or None
        A column; several columns, whose combinations are the sessions; a mapping from the labels of
        the present sessions (of `input` where there are none) to new ones; an array or Series with
        a label for each row; None for no sessions. A list or tuple of column names is taken for
        columns, any other for labels. A Series goes by position, not by index.
    name : str, optional
        Column that takes the labels of a mapping or an array.

    Returns
    -------
    FaceTable
        A new table.

    Raises
    ------
    InputError
        A column that isn't there, labels of another length than the table, a label that the mapping
        lacks, or a column `name` that holds something else.

    Examples
    --------
    >>> table = FaceTable({"input": ["a", "a", "b"], "AU12": [0.1, 0.3, 0.2]})
    >>> set_sessions(table, "input").extract_mean()["mean_AU12"].tolist()
    [0.2, 0.2]
    """
    table = as_table(table)
    if sessions is None:
        return _stored(table.copy(), [])
    if isinstance(sessions, Mapping):
        return _stored(*_labelled(table, _mapped(table, sessions), name))
    if isinstance(sessions, str) or not hasattr(sessions, "__len__"):
        if sessions not in table.columns:
            raise InputError(
                f"sessions: the table has no column {sessions!r}; give a column, several, "
                "or a label for each row"
            )
        return _stored(table.copy(), [sessions])
    if isinstance(sessions, list | tuple) and sessions and _all_columns(table, sessions):
        return _stored(table.copy(), list(sessions))
    return _stored(*_labelled(table, sessions, name))


def _all_columns(table: FaceTable, names: Sequence[Hashable]) -> bool:
    return all(isinstance(name, Hashable) and name in table.columns for name in names)


def _mapped(table: FaceTable, mapping: Mapping[Any, Any]) -> list[Hashable]:
    if not session_columns(table):
        table = set_sessions(table, "input")
    found = sessions_of(table)
    missing = [label for label in found.labels if label not in mapping]
    if missing:
        raise InputError(f"sessions: the mapping has no entry for {missing[0]!r}")
    labels = [mapping[label] for label in found.labels]
    return [labels[code] if code >= 0 else None for code in found.codes]


def _labelled(table: FaceTable, labels: Any, name: str) -> tuple[FaceTable, list[Hashable]]:
    if len(labels) != len(table):
        raise InputError(f"sessions: wanted {len(table)} labels, one a row, got {len(labels)}")
    if name in table.columns and name not in session_columns(table):
        raise InputError(
            f"sessions: the table has a column {name!r} already; choose another with name="
        )
    column = labels.to_numpy() if isinstance(labels, pd.Series) else labels
    if isinstance(column, np.ndarray) and column.ndim != 1:
        raise InputError(f"sessions: wanted one label a row, got an array of shape {column.shape}")
    labelled = table.copy()
    labelled[name] = pd.Series(list(column), index=table.index)
    return labelled, [name]


def _stored(table: FaceTable, names: Sequence[Hashable]) -> FaceTable:
    def edit(source: Provenance) -> Provenance:
        rest = {k: v for k, v in source.items() if k != "sessions"}
        return {**rest, "sessions": names} if names else rest

    edit_sources(table, edit)
    return table


def session_labels(table: FaceTable) -> FaceSeries | None:
    """Label of each row, a tuple of several columns; None where no sessions are set."""
    found = sessions_of(table)
    if not found.columns:
        return None
    if len(found.columns) == 1:
        return cast("FaceSeries", table[found.columns[0]])
    labels = [found.labels[code] if code >= 0 else None for code in found.codes]
    return FaceSeries(labels, index=table.index, dtype=object, provenance=table.provenance)


def itersessions(table: FaceTable) -> Iterator[tuple[Hashable, FaceTable]]:
    """Pairs of a session's label and its rows, in the order of their first rows.

    One pair of None and the table where no sessions are set.

    Examples
    --------
    >>> table = set_sessions(FaceTable({"input": ["b", "a"], "AU12": [0.1, 0.2]}), "input")
    >>> [label for label, part in itersessions(table)]
    ['b', 'a']
    """
    table = as_table(table)
    found = sessions_of(table)
    for label, rows in zip(found.labels, found.rows(), strict=True):
        yield label, table.iloc[rows]


def append(table: FaceTable, other: FaceTable, session_id: Hashable | None = None) -> FaceTable:
    """Rows of one table, then those of another.

    Parameters
    ----------
    table, other : FaceTable
    session_id : optional
        Label of the session that the rows of `other` become. `table` must have sessions by one
        column, or no rows.

    Raises
    ------
    InputError
        `session_id` where the rows of `table` have no session, or where sessions are in several
        columns.
    """
    table, other = as_table(table), as_table(other)
    if session_id is None:
        return FaceTable(pd.concat([table, other], ignore_index=True))
    names = session_columns(table)
    if not names and len(table):
        raise InputError("session_id: the rows already there are in no session; call set_sessions")
    if len(names) > 1:
        raise InputError(
            f"session_id: the sessions are in several columns ({', '.join(map(str, names))}); "
            "fill them in `other`"
        )
    names = names or ["session"]
    marked = other.copy()
    marked[names[0]] = session_id
    marked = _stored(marked, names)
    return marked if not len(table) else FaceTable(pd.concat([table, marked], ignore_index=True))
