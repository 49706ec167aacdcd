"""The inside of a mouth that was closed in the photograph: darkness and upper teeth."""

from __future__ import annotations

import numpy as np

from models.training.datasets.moved_actions.mesh_points import LOWER_INNER, UPPER_INNER
from models.training.datasets.moved_actions.unit_shapes import eye_distance

# In distances between the eyes: a mouth open this far shows its own inside; length of the teeth.
OPEN = (0.03, 0.08)
TEETH = 0.10
TEETH_WIDTH = 0.36
DARK = np.array([0.30, 0.13, 0.12])
WHITE = np.array([0.95, 0.90, 0.80])


def places(points: np.ndarray) -> np.ndarray:
    """For each point (478, 2): 0 at the upper inner lip to 1 at the lower; x from the middle.

    Other points have 0; x is in distances between the eyes.
    """
    given = np.zeros((len(points), 2))
    given[list(LOWER_INNER), 0] = 1
    given[[UPPER_INNER[0], UPPER_INNER[-1]], 0] = 0.5
    across = points[UPPER_INNER[-1], :2] - points[UPPER_INNER[0], :2]
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    rim = list(UPPER_INNER + LOWER_INNER)
    middle = points[[UPPER_INNER[5], LOWER_INNER[5]], :2].mean(0)
    given[rim, 1] = (points[rim, :2] - middle) @ across / eye_distance(points)
    return given


def gap(points: np.ndarray) -> float:
    """Distance between the inner lips' middles, in distances between the eyes."""
    upper, lower = points[UPPER_INNER[5]], points[LOWER_INNER[5]]
    return float(np.linalg.norm(upper[:2] - lower[:2])) / eye_distance(points)


def inside(
    down: np.ndarray, across: np.ndarray, height: float, skin: np.ndarray, teeth: float
) -> np.ndarray:
    """Colours (..., 3) between the lips.

    Parameters
    ----------
    down, across : (...) float
        As `places` gives them.
    height : float
        The gap between the lips, in distances between the eyes.
    skin : (3,) float
        The skin's mean colour: dark skin and dim light darken the inside as well.
    teeth : float
        How much of the teeth shows, 0 to 1.
    """
    bright = float(skin.max())
    below = down * height
    white_share = teeth / (1 + np.exp((below - TEETH) / 0.008))
    white_share = white_share * np.clip((TEETH_WIDTH - np.abs(across)) / 0.08, 0, 1)
    shade = (0.62 + 0.38 * np.cos(np.clip(across / TEETH_WIDTH, -1, 1) * 1.4)) * 0.9
    shade = shade * np.clip(below / 0.03 * 0.35 + 0.65, 0, 1)
    warm = 0.7 + 0.3 * skin / max(bright, 1e-6)
    white = bright * WHITE * warm * shade[..., None]
    dark = bright * DARK * (0.7 + 0.5 * down[..., None])
    return white_share[..., None] * white + (1 - white_share[..., None]) * dark


def painted(still: float, moved: float) -> float:
    """How much of the inside has to be made, 0 to 1: none where the photograph shows one."""
    low, high = OPEN
    return float(np.clip((high - still) / (high - low), 0, 1)) if moved > still else 0.0
