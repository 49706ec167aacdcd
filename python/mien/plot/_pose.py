"""Head pose as three axes on the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["pose_axes"]


def pose_axes(pitch: float, roll: float, yaw: float) -> NDArray[np.float64]:
    """Directions of a head in the image, seen from far away.

    Parameters
    ----------
    pitch, roll, yaw : float
        Radians; up, and towards the subject's right (the viewer's left), are positive. The head
        nods first, then turns, then tilts.

    Returns
    -------
    ndarray
        (3, 2): where the head's left side, its top and its face point, as (x, y) with y down, in
        units of their lengths.

    Examples
    --------
    >>> pose_axes(0.0, 0.0, 0.0).round(3) + 0.0
    array([[ 1.,  0.],
           [ 0., -1.],
           [ 0.,  0.]])
    """
    # Viewer's coordinates: x right, y up, z towards the viewer. Columns are the head's left, top
    # and front.
    nod = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    axes = (tilt @ turn @ nod).T
    flat: NDArray[np.float64] = axes[:, :2] * np.array([1.0, -1.0])
    return flat
