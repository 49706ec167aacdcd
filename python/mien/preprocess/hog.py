"""Histograms of oriented gradients of an image, computed in the core."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["hog"]


def hog(
    image: NDArray[np.uint8],
    orientations: int = 8,
    cell: int = 8,
    block: int = 2,
    *,
    feature_vector: bool = True,
) -> NDArray[np.float32]:
    """Histogram of oriented gradients of an image (Dalal & Triggs 2005, CVPR).

    It says which way the image's edges run, cell by cell.

    The same numbers as scikit-image's ``hog`` with ``block_norm="L2-Hys"``. To compare faces, cut
    them out at the same size and place, as an aligned crop does.

    Parameters
    ----------
    image : numpy.ndarray
        (height, width, 3) RGB or (height, width) grey, uint8, any strides. In colour, each pixel
        counts with the channel that changes most.
    orientations : int, optional
        Bins of the half circle.
    cell : int, optional
        Side of a cell in pixels; what is left over at the right and the bottom is not looked at.
    block : int, optional
        Side of a block in cells, whose histograms are scaled together.
    feature_vector : bool, optional
        Flat, rather than by block and cell.

    Returns
    -------
    numpy.ndarray
        float32, 0-1: (features,), or (blocks_y, blocks_x, block, block, orientations).

    Raises
    ------
    InputError
        Not such an array, or an image smaller than a block.
    OptionError
        An option below 1.

    Examples
    --------
    >>> hog(np.zeros((112, 112), np.uint8)).shape
    (5408,)
    """
    from mien import _core

    features = _core.hog(np.asarray(image), orientations, cell, block)
    return features.ravel() if feature_vector else features
