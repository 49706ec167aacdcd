"""Error of facial landmarks."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError, OptionError
from mien.metrics.rows import Floats
from mien.schema import LANDMARK_COUNT

__all__ = ["landmark_points", "nme", "point_errors"]


RIGHT_EYE, LEFT_EYE = slice(36, 42), slice(42, 48)
OUTER_CORNERS = (36, 45)


def landmark_points(table: pd.DataFrame) -> Floats:
    """The 68 landmarks of a table's rows as points (N, 68, 2), x and y in its pixels.

    Raises
    ------
    InputError
        A column of `x_0` … `y_67` is missing.
    """
    names = [f"{axis}_{i}" for axis in "xy" for i in range(LANDMARK_COUNT)]
    if missing := [name for name in names if name not in table.columns]:
        raise InputError(
            f"landmarks: wanted columns x_0 to y_67, without {missing[0]} in the table"
        )
    stacked = table[names].to_numpy(np.float64).reshape(len(table), 2, LANDMARK_COUNT)
    return np.asarray(stacked.transpose(0, 2, 1))


def point_errors(
    truth: ArrayLike | pd.DataFrame,
    estimate: ArrayLike | pd.DataFrame,
    *,
    by: Literal["outer_eyes", "pupils"] = "outer_eyes",
) -> NDArray[np.float64]:
    """Error (N,) of each face: the mean distance of its points over the distance of its eyes.

    Parameters
    ----------
    truth, estimate : array-like (N, 68, 2), (68, 2), or table
        Landmarks in iBUG order, in one unit.
    by : str
        What the error is divided by, measured on the truth: ``outer_eyes``, the outer corners of
        the eyes, which 300-W calls interocular; ``pupils``, the middles of the eyes' six points.

    Returns
    -------
    ndarray (N,)
        NaN for a face that misses any coordinate on either side, or whose eyes coincide.

    Raises
    ------
    InputError
        Not 68 points a face, or unequal numbers of faces.
    OptionError
        Another `by`.
    """
    if by not in ("outer_eyes", "pupils"):
        raise OptionError(f"by: wanted outer_eyes or pupils, got {by!r}")
    a, b = _faces(truth, "truth"), _faces(estimate, "estimate")
    if len(a) != len(b):
        raise InputError(f"truth and estimate differ in length: {len(a)} and {len(b)} faces")
    if by == "pupils":
        eyes = a[:, RIGHT_EYE].mean(1) - a[:, LEFT_EYE].mean(1)
    else:
        eyes = a[:, OUTER_CORNERS[0]] - a[:, OUTER_CORNERS[1]]
    apart = np.linalg.norm(eyes, axis=1)
    apart[apart == 0] = np.nan
    return np.asarray(np.linalg.norm(a - b, axis=2).mean(1) / apart)


def nme(
    truth: ArrayLike | pd.DataFrame,
    estimate: ArrayLike | pd.DataFrame,
    *,
    by: Literal["outer_eyes", "pupils"] = "outer_eyes",
) -> float:
    """Normalized mean error of landmarks, as a share of the distance of the eyes: 0.03 is "3 %".

    The mean of `point_errors` over the faces that have one; same parameters and errors. Sagonas et
    al. (2013), 300 Faces in-the-Wild Challenge.

    Examples
    --------
    >>> face = np.random.default_rng(0).uniform(0, 100, (68, 2))
    >>> face[[36, 45]] = (30, 50), (70, 50)
    >>> round(nme(face, face + (0, 2)), 6)  # two pixels off, eyes forty apart
    0.05
    """
    errors = point_errors(truth, estimate, by=by)
    there = ~np.isnan(errors)
    return float(errors[there].mean()) if there.any() else math.nan


def _faces(points: Any, name: str) -> Floats:
    array = landmark_points(points) if isinstance(points, pd.DataFrame) else np.asarray(points)
    array = array[None] if array.ndim == 2 else array
    if array.shape[1:] != (LANDMARK_COUNT, 2):
        raise InputError(f"{name}: wanted (N, 68, 2) points, got the shape {array.shape}")
    return np.asarray(array, np.float64)
