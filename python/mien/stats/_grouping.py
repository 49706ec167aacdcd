"""Which group each row is in: a person, a clip, a condition."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import pandas as pd

from mien.errors import InputError
from mien.preprocess.sessions import Grouping, Sessions, session_columns, sessions_of, set_sessions
from mien.table import FaceTable

__all__: list[str] = []


def groups_of(table: FaceTable, by: Grouping, role: str) -> Sessions:
    """Groups of rows, given as `set_sessions` takes them; the sessions for None.

    Raises
    ------
    InputError
        A column that isn't there, or labels of another length than the table.
    """
    if by is None:
        return sessions_of(table)
    if isinstance(by, str) and by not in table.columns:
        raise InputError(f"{role}: the table has no column {by!r}")
    wanted = [by] if isinstance(by, Hashable) else by if isinstance(by, list) else []
    names = [name for name in wanted if isinstance(name, Hashable) and name in table.columns]
    if not names:  # a mapping goes by the present sessions
        names = [name for name in ("input", *session_columns(table)) if name in table.columns]
    # Only these columns: copying a wide table to group it would take longer than the test.
    slim = FaceTable(pd.DataFrame(table)[list(dict.fromkeys(names))])
    slim.provenance = dict(table.provenance)
    return sessions_of(set_sessions(slim, by, "group of each row"))


def some(labels: Sequence[Hashable]) -> str:
    """Labels as a message shows them."""
    return ", ".join(map(repr, labels[:6])) + (", ..." if len(labels) > 6 else "")
