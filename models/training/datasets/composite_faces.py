"""Faces of composites: (K, 16) float32.

State (1 face, 0 doubtful: neither face nor background), box x0 y0 x1 y1, five points x y, visible
part; network pixels from the top-left edge.
"""

from __future__ import annotations

import cv2
import numpy as np

SMALLEST = 9.0  # a face's longer side in network pixels, below which it counts as doubtful


def turn_faces(faces: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Faces (K, 16) carried through a similarity (2, 3); boxes turn as those of ellipses do."""
    moved = faces.copy()
    points = faces[:, 5:15].reshape(-1, 5, 2) @ matrix[:, :2].T + matrix[:, 2]
    middle = (faces[:, 1:3] + faces[:, 3:5]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    size = faces[:, 3:5] - faces[:, 1:3]
    half = np.sqrt((size**2) @ (matrix[:, :2] ** 2).T) / 2
    moved[:, 1:3], moved[:, 3:5] = middle - half, middle + half
    if np.linalg.det(matrix[:, :2]) < 0:
        points = points[:, [1, 0, 2, 4, 3]]
    moved[:, 5:15] = points.reshape(-1, 10)
    return moved


def visible_share(boxes: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Share of each box (K, 4) where ``mask`` (H, W) is set; outside the composite nothing is."""
    total = cv2.integral((mask > 0).astype(np.uint8))
    height, width = mask.shape
    x0, y0, x1, y1 = np.clip(np.round(boxes), 0, [width, height, width, height]).astype(int).T
    area = np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 1.0)
    return (total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]) / area


def hide(faces: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Faces with their visible part made smaller by what ``alpha`` (H, W) covers."""
    faces = faces.copy()
    faces[:, 15] -= visible_share(faces[:, 1:5], alpha > 127)
    return faces


def judge(faces: np.ndarray, height: int, width: int, least: float) -> np.ndarray:
    """Clip boxes to the composite; the hardly seen and tiny become doubtful, the hidden go.

    Hidden are those of which at most ``least`` is visible.
    """
    faces = faces[faces[:, 15] > least]
    side = (faces[:, 3:5] - faces[:, 1:3]).max(1, initial=0)
    faces[:, 0] *= (faces[:, 15] > 0.5) & (side >= SMALLEST)
    faces[:, 1:5] = np.clip(faces[:, 1:5], 0, [width, height, width, height])
    return faces
