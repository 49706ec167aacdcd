"""Alignment of a face by its five points, as the engine does it."""

from __future__ import annotations

import cv2
import numpy as np

from models.training.networks.behaviour import (
    BORDER,
    SIZE,
    TEMPLATE,
)


def similarity(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Least-squares similarity (2, 3) that carries `points` to `template` (Umeyama 1991)."""
    mean_p, mean_t = points.mean(0), template.mean(0)
    p, t = points - mean_p, template - mean_t
    norm = (p**2).sum()
    a = (p * t).sum() / norm
    b = (p[:, 0] * t[:, 1] - p[:, 1] * t[:, 0]).sum() / norm
    linear = np.array([[a, -b], [b, a]])
    return np.concatenate([linear, (mean_t - linear @ mean_p)[:, None]], 1)


def crop(image: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The engine's crop of an image: (112, 112, 3) uint8 and the (2, 3) transform that made it."""
    matrix = similarity(points.astype(np.float64), np.array(TEMPLATE))
    size = (SIZE, SIZE)
    grey = (BORDER,) * 3
    flags = cv2.INTER_LINEAR
    return cv2.warpAffine(image, matrix, size, flags=flags, borderValue=grey), matrix
