"""Furrows of the skin that are finer than the average head's mesh, drawn along mesh points."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.training.datasets.moved_actions.mesh_points import OVAL


@dataclass(frozen=True)
class Crease:
    """A furrow at strength 1.

    Attributes
    ----------
    points : tuple of int
        Mesh points on the subject's right that it runs through, with fractions between pairs:
        (a, b, t) is t of the way from a to b.
    depth : float
        Share of the light it takes away at its middle.
    width : float
        Standard deviation of its profile, in distances between the eyes.
    """

    points: tuple[tuple[int, int, float], ...]
    depth: float
    width: float


def _on(*points: int) -> tuple[tuple[int, int, float], ...]:
    return tuple((p, p, 0.0) for p in points)


FOREHEAD = tuple(
    Crease(
        tuple((a, b, t) for a, b in ((63, 68), (105, 104), (66, 69), (107, 108), (9, 151))),
        0.16,
        0.014,
    )
    for t in (0.45, 0.75, 1.05)
)
OUTER_FOREHEAD = tuple(
    Crease(tuple((a, b, t) for a, b in ((70, 71), (63, 68), (105, 104), (66, 69))), 0.14, 0.014)
    for t in (0.5, 0.9)
)
NASOLABIAL = Crease(
    ((129, 129, 0.0), (203, 36, 0.3), (206, 205, 0.35), (216, 207, 0.55), (212, 214, 0.5)),
    0.14,
    0.03,
)
UPPER_NASOLABIAL = Crease(
    ((49, 129, 0.3), (129, 129, 0.0), (203, 36, 0.25), (206, 205, 0.3)), 0.15, 0.024
)
CREASES: dict[str, tuple[Crease, ...]] = {
    "AU01": FOREHEAD,
    "AU02": OUTER_FOREHEAD,
    "AU04": (
        Crease(((107, 9, 0.45), (55, 8, 0.45), (193, 168, 0.35)), 0.3, 0.014),
        Crease(_on(55, 65, 52), 0.12, 0.02),
    ),
    "AU06": (Crease(_on(226, 31, 228, 229), 0.14, 0.018), Crease(_on(33, 35, 143), 0.12, 0.012)),
    "AU07": (Crease(_on(31, 228, 229, 230), 0.1, 0.014),),
    "AU09": (
        Crease(((193, 122, 0.2), (168, 6, 0.3)), 0.13, 0.016),
        Crease(((122, 196, 0.3), (6, 197, 0.4)), 0.13, 0.016),
        Crease(((245, 188, 0.6), (188, 174, 0.5), (174, 217, 0.6)), 0.12, 0.016),
        UPPER_NASOLABIAL,
    ),
    "AU10": (UPPER_NASOLABIAL,),
    "AU12": (NASOLABIAL,),
    "AU14": (Crease(((57, 212, 0.0), (186, 212, 0.5)), 0.22, 0.025),),
    "AU15": (Crease(((61, 43, 0.3), (43, 202, 0.5)), 0.22, 0.022),),
    "AU17": (Crease(((194, 32, 0.5), (201, 18, 0.2), (200, 18, 0.5)), 0.16, 0.025),),
    "AU20": (Crease(((57, 212, 0.4), (43, 202, 0.6)), 0.14, 0.025),),
}


def drawn(
    unit: str,
    points: np.ndarray,
    pairs: np.ndarray,
    sides: tuple[float, float],
    apart: float,
    shape: tuple[int, int],
) -> np.ndarray:
    """Factors (H, W) of brightness.

    Parameters
    ----------
    points : (478, 2 or 3) float
        The face's, in pixels.
    pairs : (478,) int
        As `unit_shapes.paired` gives them.
    sides : (float, float)
        Strengths on the subject's right and left.
    apart : float
        Distance between the eyes, in pixels.
    """
    factor = np.ones(shape, np.float32)
    for crease in CREASES.get(unit, ()):
        for other, strength in zip((False, True), sides, strict=True):
            if strength <= 0:
                continue
            ends = np.array(crease.points)
            index = ends[:, :2].astype(int)
            index = pairs[index] if other else index
            t = ends[:, 2:]
            line = points[index[:, 0], :2] * (1 - t) + points[index[:, 1], :2] * t
            factor *= 1 - strength * crease.depth * _profile(line, crease.width * apart, shape)
    return np.where(_face(points, shape), factor, 1.0)


def _profile(line: np.ndarray, width: float, shape: tuple[int, int]) -> np.ndarray:
    """A soft line through points (N, 2): 1 in its middle, with a lighter rim and faint ends."""
    fine = np.stack([_smooth(line[:, k]) for k in range(2)], 1)
    y, x = np.indices(shape)
    out = np.zeros(shape, np.float32)
    low = np.floor(fine.min(0) - 4 * width).astype(int).clip(0)
    high = np.ceil(fine.max(0) + 4 * width).astype(int).clip(-1)
    part = np.s_[low[1] : high[1] + 1, low[0] : high[0] + 1]
    distance = (x[part][..., None] - fine[:, 0]) ** 2 + (y[part][..., None] - fine[:, 1]) ** 2
    if not distance.size:
        return out
    width = max(width, 0.7)
    near = distance.min(-1) / width**2
    along = distance.argmin(-1) / (len(fine) - 1)
    fade = np.minimum(np.minimum(along, 1 - along) / 0.2, 1) * 0.7 + 0.3
    out[part] = (np.exp(-near / 2) - 0.2 * np.exp(-near / 8)) / 0.8 * fade
    return out


def _smooth(values: np.ndarray) -> np.ndarray:
    fine = np.interp(np.linspace(0, len(values) - 1, 33), np.arange(len(values)), values)
    kernel = np.ones(7) / 7
    return np.convolve(np.pad(fine, 3, mode="edge"), kernel, "valid")


def _face(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    filled = np.zeros(shape, np.uint8)
    cv2.fillPoly(filled, [np.round(points[list(OVAL), :2]).astype(np.int32)], 1)
    return filled > 0
