"""Series of several subjects side by side: one row a subject, one column a moment."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.preprocess.sessions import Grouping
from mien.stats._grouping import groups_of
from mien.table import FaceTable

__all__: list[str] = []


@dataclass(frozen=True)
class Alignment:
    """Where each row of a table goes.

    Attributes
    ----------
    subjects, moments : list
        Labels of both sides.
    rows : numpy.ndarray
        (subjects, moments) number of the table's row; -1 where a subject has none.
    """

    subjects: list[Hashable]
    moments: list[Hashable]
    rows: NDArray[np.intp]

    def series(self, table: FaceTable, name: Hashable) -> NDArray[np.float64]:
        """A column as (subjects, moments); NaN where it is missing or infinite."""
        values = pd.DataFrame(table)[name].to_numpy(np.float64, na_value=np.nan)
        out: NDArray[np.float64] = values[self.rows]  # what -1 takes is overwritten
        if self.gaps:
            out[self.rows < 0] = np.nan
        out[np.isinf(out)] = np.nan
        return out

    @cached_property
    def gaps(self) -> bool:
        """Whether some subject lacks a moment."""
        return bool((self.rows < 0).any())


def align(table: FaceTable, index: Hashable, subjects: Grouping) -> Alignment:
    """Rows of equal `index` go together.

    Raises
    ------
    InputError
        No such column, one subject, several rows of a subject at one moment, or no moment that two
        subjects share.
    """
    if index not in table.columns:
        raise InputError(
            f"index: the table has no column {index!r}; "
            "wanted one that says which rows belong together"
        )
    if subjects is None and not groups_of(table, None, "subjects").columns:
        subjects = "input"
    found = groups_of(table, subjects, "subjects")
    if len(found) < 2:
        raise InputError(f"subjects: wanted two or more, got {len(found)}")
    when, moments = pd.factorize(pd.DataFrame(table)[index], sort=True)
    known = np.flatnonzero((found.codes >= 0) & (when >= 0))
    shape = (len(found), len(moments))
    cell = np.ravel_multi_index((found.codes[known], when[known]), shape)
    counts = np.bincount(cell, minlength=1)
    if counts.max() > 1:
        who, at = np.unravel_index(int(counts.argmax()), shape)
        raise InputError(
            f"subject {found.labels[int(who)]!r}: {counts.max()} rows at {index} "
            f"{moments[int(at)]}; wanted one face: "
            "subjects=['input', 'track']"
        )
    rows = np.full(shape, -1, np.intp)
    rows.ravel()[cell] = known
    if (rows >= 0).sum(axis=0).max(initial=0) < 2:
        raise InputError(
            f"index: no value of {index!r} is shared by two subjects; use 'frame', "
            "or resample(rate) to the same times"
        )
    return Alignment(found.labels, list(moments), rows)
