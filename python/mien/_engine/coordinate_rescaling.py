"""Rows of a photograph that was decoded smaller than it is, in the photograph's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.schema import BOX_COLUMNS, LANDMARK_COUNT

if TYPE_CHECKING:
    from mien.media.images import Original

__all__ = ["MIN_IMAGE_SIDE", "enlarged"]


MIN_IMAGE_SIDE = 320
"""Pixels: below, no face would be found that a table should have."""

_LANDMARKS = [f"{axis}_{i}" for axis in "xy" for i in range(LANDMARK_COUNT)]
_POSITIONS = frozenset((*BOX_COLUMNS[:2], *_LANDMARKS))
_LENGTHS = frozenset(BOX_COLUMNS[2:4])


def enlarged(
    values: NDArray[np.float32], columns: Sequence[str], original: Original
) -> NDArray[np.float32]:
    """The same rows with positions, lengths and the frame's size of the original.

    Parameters
    ----------
    values : ndarray of float32, shape (rows, columns)
    columns : sequence of str
        Their names.
    original : Original

    Returns
    -------
    ndarray of float32, shape (rows, columns)
    """
    values = values.copy()
    for i, name in enumerate(columns):
        if name in _POSITIONS:  # the centre of the first pixel is 0
            values[:, i] = (values[:, i] + 0.5) * original.factor - 0.5
        elif name in _LENGTHS:
            values[:, i] *= original.factor
        elif name == "FrameWidth":
            values[:, i] = original.width
        elif name == "FrameHeight":
            values[:, i] = original.height
    return values
