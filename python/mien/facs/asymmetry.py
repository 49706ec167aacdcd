"""Differences between the two sides of a face."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from mien.errors import InputError
from mien.facs._columns import matrix

__all__ = ["asymmetry"]


def asymmetry(table: pd.DataFrame, floor: float = 0.0) -> pd.DataFrame:
    """Asymmetry index of each action unit that has a left and a right column.

    ``(L - R) / (|L| + |R|)``: 1 is all on the subject's left, -1 all on the right, 0 alike. For
    intensities, which aren't negative, that is (L - R) / (L + R); the absolute values keep it
    within -1 and 1 after a baseline has been subtracted.

    Parameters
    ----------
    table : FaceTable
        With pairs of columns such as ``AU12_L`` and ``AU12_R``.
    floor : float
        Where ``|L| + |R|`` is not above this, the index is 0: nothing is shown, so nothing differs.
        The default is 0; raise it to keep the noise of units that are hardly there from looking
        like asymmetry.

    Returns
    -------
    pandas.DataFrame
        One column a unit (``AU12``), index of the table; NaN where a side is missing.

    Raises
    ------
    InputError
        No unit has both sides.

    Examples
    --------
    >>> table = pd.DataFrame({"AU12_L": [0.6, 0.0], "AU12_R": [0.2, 0.0]})
    >>> asymmetry(table)["AU12"].round(3).tolist()
    [0.5, 0.0]
    """
    units = [
        name[:-2]
        for name in map(str, table.columns)
        if re.fullmatch(r"AU\d{2}_L", name) and f"{name[:-2]}_R" in table.columns
    ]
    if not units:
        raise InputError(
            "asymmetry needs units with sides (AU12_L and AU12_R), and the table has none"
        )
    left = matrix(table, [f"{unit}_L" for unit in units], "asymmetry")
    right = matrix(table, [f"{unit}_R" for unit in units], "asymmetry")
    total = np.abs(left) + np.abs(right)
    shown = (total > floor) | np.isnan(total)
    index = np.divide(left - right, total, out=np.zeros_like(total), where=shown)
    out: pd.DataFrame = pd.DataFrame(index, index=table.index, columns=pd.Index(units))
    return out
