"""Coordinates of a photograph that was decoded smaller than it is, in its own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien import _core
from mien.schema import BOX_COLUMNS, LANDMARK_COUNT

if TYPE_CHECKING:
    from mien.media.images import Original

__all__ = ["rescaled"]


_LANDMARKS = [f"{axis}_{i}" for axis in "xy" for i in range(LANDMARK_COUNT)]
_POSITIONS = frozenset((*BOX_COLUMNS[:2], *_LANDMARKS))
_LENGTHS = frozenset(BOX_COLUMNS[2:4])


def rescaled(
    values: NDArray[np.float32], columns: Sequence[str], original: Original, sar: float = 1.0
) -> NDArray[np.float32]:
    """The same rows with positions, lengths and the frame's size of the original.

    Parameters
    ----------
    values : ndarray of float32, shape (rows, columns)
        Of the smaller image.
    columns : sequence of str
        Their names.
    original : Original
        The photograph.
    sar : float
        Its sample aspect ratio; values are in square pixels.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        A copy.
    """
    values = values.copy()
    width, height = _core.shown_size(original.width, original.height, sar)
    for i, name in enumerate(columns):
        if name in _POSITIONS:  # the centre of the first pixel is 0
            values[:, i] = (values[:, i] + 0.5) * original.factor - 0.5
        elif name in _LENGTHS:
            values[:, i] *= original.factor
        elif name == "FrameWidth":
            values[:, i] = width
        elif name == "FrameHeight":
            values[:, i] = height
    return values
