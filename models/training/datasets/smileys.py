"""Smileys as drawings have them: round heads with dots for eyes and a curve for a mouth."""

from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator
YELLOW = (255, 214, 40)


def _colour(rng: Rng) -> tuple[int, int, int]:
    if rng.random() < 0.5:
        return tuple(int(v) for v in np.clip(np.array(YELLOW) + rng.normal(0, 25, 3), 0, 255))
    return tuple(int(v) for v in rng.integers(0, 256, 3))


def draw(rng: Rng, canvas: np.ndarray, x: float, y: float, radius: float) -> None:
    """Paint one smiley into ``canvas`` (H, W, 3) uint8 with its middle at ``x``, ``y``."""
    line = max(int(radius * rng.uniform(0.04, 0.14)), 1)
    ink = (20, 20, 20) if rng.random() < 0.7 else _colour(rng)
    round_ = max(int(radius), 2)
    centre = (int(x), int(y))
    if rng.random() < 0.85:
        cv2.circle(canvas, centre, round_, _colour(rng), -1, cv2.LINE_AA)
    if rng.random() < 0.6:
        cv2.circle(canvas, centre, round_, ink, line, cv2.LINE_AA)
    _eyes(rng, canvas, centre, radius, ink)
    if rng.random() < 0.3:
        nose = (centre[0], int(y + radius * rng.uniform(-0.05, 0.2)))
        cv2.circle(canvas, nose, line, ink, -1, cv2.LINE_AA)
    _mouth(rng, canvas, centre, radius, (ink, line))


def _eyes(
    rng: Rng, canvas: np.ndarray, centre: tuple[int, int], radius: float, ink: tuple[int, ...]
) -> None:
    apart, up = rng.uniform(0.25, 0.45) * radius, rng.uniform(0.15, 0.4) * radius
    axes = np.maximum(radius * rng.uniform(0.06, 0.2, 2) * (1, 1.4), 1).astype(int)
    for side in (-1, 1):
        eye = (int(centre[0] + side * apart), int(centre[1] - up))
        if rng.random() < 0.3:
            cv2.ellipse(canvas, eye, axes * 2, 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.ellipse(canvas, eye, axes, 0, 0, 360, ink, -1, cv2.LINE_AA)


def _mouth(
    rng: Rng,
    canvas: np.ndarray,
    centre: tuple[int, int],
    radius: float,
    pen: tuple[tuple[int, ...], int],
) -> None:
    ink, line = pen
    sad = rng.random() < 0.3
    axes = np.maximum(radius * rng.uniform(0.2, 0.6, 2), 2).astype(int)
    low = radius * rng.uniform(0.0, 0.25) + (axes[1] if sad else 0)
    place = (centre[0], int(centre[1] + low))
    start, end = (200, 340) if sad else (15, 165)
    filled = -1 if rng.random() < 0.3 else line
    cv2.ellipse(canvas, place, axes, 0, start, end, ink, filled, cv2.LINE_AA)


def page(rng: Rng, height: int, width: int) -> np.ndarray:
    """A plain page (H, W, 3) uint8 RGB with one to four smileys."""
    ground = 255 if rng.random() < 0.5 else int(rng.integers(0, 256))
    canvas = np.full((height, width, 3), ground, np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        radius = min(height, width) * rng.uniform(0.06, 0.4)
        x, y = rng.uniform(radius / 2, (width - radius / 2, height - radius / 2))
        draw(rng, canvas, x, y, radius)
    return canvas
