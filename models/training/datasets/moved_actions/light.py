"""The change of shading that a movement brings: an expression ratio image (Liu et al. 2001).

Light is a constant and one direction, fitted to the photograph's skin through the normals of the
average head; the ratio of the light on the turned normals to that on the ones at rest is what the
pixels are multiplied by.
"""

from __future__ import annotations

import cv2
import numpy as np

LUMA = np.array([0.299, 0.587, 0.114])
RIDGE = 0.02
RANGE = (0.65, 1.35)
DARKEST = 0.15


def fitted_light(luma: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Constant and direction (4,) of the light, relative to the skin's mean brightness.

    Parameters
    ----------
    luma : (N,) float
        Brightness of some of the skin's pixels.
    normals : (N, 3) float
        The average head's normals there.
    """
    known = np.concatenate([np.ones((len(normals), 1)), normals], 1)
    wanted = luma / max(float(luma.mean()), 1e-6)
    weights = np.exp(-((wanted - np.median(wanted)) ** 2) / 0.3)  # brows, nostrils, highlights
    square = (known * weights[:, None]).T @ known / len(luma)
    right = (known * weights[:, None]).T @ wanted / len(luma)
    return np.linalg.solve(square + RIDGE * np.diag([0, 1, 1, 1]), right)


def shading_ratio(
    light: np.ndarray, normals: np.ndarray, turns: np.ndarray, blur: float
) -> np.ndarray:
    """Factors (H, W) of brightness, 1 where nothing turns.

    Parameters
    ----------
    light : (4,) float
        As `fitted_light` gives it.
    normals, turns : (H, W, 3) float
        Normals at rest, 0 off the head, and what the movement adds.
    blur : float
        Standard deviation of the smoothing, in pixels.
    """
    turned = normals + turns
    turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-6)
    before = np.maximum(light[0] + normals @ light[1:], DARKEST)
    after = np.maximum(light[0] + turned @ light[1:], DARKEST)
    known = (np.linalg.norm(normals, axis=2) > 0.3) & (np.abs(turns).max(2) > 1e-3)
    ratio = np.where(known, np.clip(after / before, *RANGE), 1.0).astype(np.float32)
    return cv2.GaussianBlur(ratio, (0, 0), max(blur, 0.3))
