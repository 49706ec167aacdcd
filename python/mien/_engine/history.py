"""Rows of an earlier run, as the core takes them to go on after them."""

from __future__ import annotations

import numpy as np

from mien import _core
from mien.schema import BOX_COLUMNS
from mien.table import FaceTable

__all__ = ["history_of"]


def history_of(table: FaceTable | None) -> _core.History:
    """The core's struct with the rows of a table; an empty one for None."""
    if table is None:
        return _core.History()
    return _core.History(
        table["frame"].to_numpy(np.int64),
        table["time"].to_numpy(np.float64),
        table["face"].fillna(-1).to_numpy(np.int32),
        table["track"].fillna(-1).to_numpy(np.int32),
        table[list(BOX_COLUMNS[:4])].to_numpy(np.float32),
    )
