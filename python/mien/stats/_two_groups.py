"""The two groups of rows, or the pairs of rows, that a t-test compares."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.preprocess.sessions import Grouping
from mien.stats._grouping import groups_of, some
from mien.table import FaceTable

__all__: list[str] = []


def label_columns(labels: Sequence[Hashable], count: int) -> dict[str, list[Hashable]]:
    """Columns `first` and `second` of a result of so many rows."""
    return {name: [label] * count for name, label in zip(("first", "second"), labels, strict=True)}


def two_groups(
    table: FaceTable, by: Grouping, wanted: Sequence[Hashable] | None
) -> tuple[list[Hashable], list[NDArray[np.intp]]]:
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
            f"sessions: wanted two groups, got {len(labels)} ({some(labels)}); "
            "name two with sessions=, or group with by="
        )
    numbers = [sessions.labels.index(label) for label in labels]
    return labels, [np.flatnonzero(sessions.codes == number) for number in numbers]


def paired_rows(
    table: FaceTable, pair: Hashable, rows: Sequence[NDArray[np.intp]], labels: Sequence[Hashable]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of the rows of each pair, first and second measurement."""
    codes, who = pd.factorize(pd.DataFrame(table)[pair])
    place = np.full((2, len(who)), -1, np.intp)
    for side, (members, label) in enumerate(zip(rows, labels, strict=True)):
        members = members[codes[members] >= 0]
        counts = np.bincount(codes[members], minlength=len(who))
        if counts.max(initial=0) > 1:
            raise InputError(
                f"pair {who[int(counts.argmax())]!r}: wanted one row in {label!r}, "
                f"got {counts.max()}; "
                "average them first: set_sessions([...]).extract_mean()"
            )
        place[side, codes[members]] = members
    whole = (place >= 0).all(axis=0)
    return place[0, whole], place[1, whole]
