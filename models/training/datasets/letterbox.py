"""The letterbox that detectors look at: an image resized and laid top-left on grey."""

from __future__ import annotations

import cv2
import numpy as np

BORDER = 114  # grey level around the image


def letterbox(frame: np.ndarray, side: int, multiple: int = 32) -> tuple[np.ndarray, float]:
    """Resize a frame and lay it top-left on grey, with sides that the network takes.

    Parameters
    ----------
    frame : ndarray
        RGB uint8 (H, W, 3).
    side : int
        Length of the longer side after resizing, pixels.
    multiple : int
        The result's sides are multiples of it.

    Returns
    -------
    tuple
        The letterboxed image (H', W', 3) uint8, and the scale from the frame to it.
    """
    height, width = frame.shape[:2]
    scale = side / max(height, width)
    rows, columns = max(round(height * scale), 1), max(round(width * scale), 1)
    canvas = np.full(
        (-(-rows // multiple) * multiple, -(-columns // multiple) * multiple, 3), BORDER, np.uint8
    )
    canvas[:rows, :columns] = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return canvas, scale
