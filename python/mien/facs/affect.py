"""Valence and arousal as a circle (Russell 1980): quadrants and circular statistics."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from mien.errors import OptionError
from mien.facs._columns import labels, matrix
from mien.facs._timeline import timeline

__all__ = ["QUADRANTS", "circumplex", "quadrants"]


QUADRANTS = ("excited", "distressed", "depressed", "calm")
"""Quadrants of Russell's circumplex, counter-clockwise from pleasant and aroused."""


def quadrants(table: pd.DataFrame, neutral: float = 0.0) -> pd.Series:
    """Quadrant of valence and arousal of each row.

    Parameters
    ----------
    table : FaceTable
        With `valence` and `arousal`, -1 to 1.
    neutral : float
        Rows within this distance of the origin are `neutral`; at 0, only those exactly on it.

    Returns
    -------
    pandas.Series
        Categorical: `excited` (valence and arousal from 0 up), `distressed` (valence below 0,
        arousal from 0 up), `depressed` (both below 0), `calm` (valence from 0 up, arousal below 0)
        or `neutral`; missing where a value is.

    Raises
    ------
    InputError
        No valence or arousal.
    OptionError
        `neutral` is negative.

    Examples
    --------
    >>> quadrants(pd.DataFrame({"valence": [0.5, -0.5, 0.0], "arousal": [0.2, -0.2, 0.0]})).tolist()
    ['excited', 'depressed', 'neutral']
    """
    if not neutral >= 0:
        raise OptionError(f"neutral is a distance from 0, got {neutral}")
    valence, arousal = matrix(table, ["valence", "arousal"], "quadrants").T
    code = np.select([(valence >= 0) & (arousal >= 0), arousal >= 0, valence < 0], [0, 1, 2], 3)
    code[np.hypot(valence, arousal) <= neutral] = len(QUADRANTS)
    code[np.isnan(valence) | np.isnan(arousal)] = -1
    named = labels(code, (*QUADRANTS, "neutral"), table.index)
    named.name = "quadrant"
    return named


def circumplex(
    table: pd.DataFrame,
    *,
    neutral: float = 0.0,
    bridge: float = 0.0,
    by: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Where on the circumplex each face was, how steadily, and for how long.

    Directions are angles counter-clockwise from pleasant, so pi / 2 is aroused; rows on the origin
    have none and are left out of the circular statistics (Fisher 1993, *Statistical Analysis of
    Circular Data*). Each row lasts until the next of its face; before a gap (see
    `mien.facs.events`) or an end nothing is counted.

    Parameters
    ----------
    table : FaceTable
        With time, valence and arousal.
    neutral : float
        As for `quadrants`.
    bridge : float
        Gaps up to this many seconds count for the row before them.
    by : sequence of column names, optional
        What makes one face; `input` and `track` by default.

    Returns
    -------
    pandas.DataFrame
        One row a face: the columns of `by`, then `n` (rows), `valence`, `arousal` and `intensity`
        (means, the last of the distance from the origin), `angle` (circular mean, rad, -pi to pi),
        `resultant` (mean resultant length R, 0 to 1), `variance` (circular, 1 - R), `deviation`
        (circular standard deviation, sqrt(-2 ln R), rad), and `seconds_<quadrant>` for the four
        quadrants and `neutral`.

    Raises
    ------
    InputError
        No time, valence or arousal, or several rows of one face at one time.
    OptionError
        Options that make no sense.
    """
    quadrant = quadrants(table, neutral)
    line = timeline(table, quadrant.notna().to_numpy(), by, bridge)
    valence, arousal = matrix(table, ["valence", "arousal"], "circumplex")[line.rows].T
    radius = np.hypot(valence, arousal)
    aimed = np.where(radius > 0, radius, np.nan)
    each = pd.DataFrame(
        {
            "valence": valence,
            "arousal": arousal,
            "intensity": radius,
            "cosine": valence / aimed,
            "sine": arousal / aimed,
        }
    ).groupby(line.face)
    mean = each.mean()
    out: pd.DataFrame = line.faces.iloc[mean.index].reset_index(drop=True)
    mean, count = mean.reset_index(drop=True), each.size().reset_index(drop=True)
    length = np.minimum(np.hypot(mean["cosine"], mean["sine"]), 1.0)
    out["n"] = count
    out[["valence", "arousal", "intensity"]] = mean[["valence", "arousal", "intensity"]]
    out["angle"] = np.arctan2(mean["sine"], mean["cosine"])
    out["resultant"] = length
    out["variance"] = 1 - length
    out["deviation"] = np.sqrt(-2 * np.log(length.where(length > 0)))
    lasts = line.seconds(bridge)
    here = quadrant.cat.codes.to_numpy()[line.rows]
    for i, name in enumerate([*QUADRANTS, "neutral"]):
        spent = np.bincount(line.face, np.where(here == i, lasts, 0.0), len(line.faces))
        out[f"seconds_{name}"] = spent[np.unique(line.face)]
    return out
