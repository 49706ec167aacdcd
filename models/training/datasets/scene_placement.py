"""Where a photograph of a scene lies in a composite, and how it is drawn there."""

from __future__ import annotations

import cv2
import numpy as np

from models.training.datasets.composer import BORDER, Rng

SIDES = (9.0, 300.0)  # a face's longer side in network pixels
SCALES = (0.1, 4.0)


def placement(
    rng: Rng, shape: tuple[int, int], faces: np.ndarray, composite: tuple[int, int]
) -> np.ndarray:
    """A similarity (2, 3) from a photograph to the composite, from edges to edges.

    One of the faces gets a side drawn evenly in octaves from `SIDES` and lies anywhere on the
    composite; a photograph without any is scaled to anything from half the composite to four times.
    """
    sure = faces[faces[:, 0] == 1]
    if len(sure):
        box = sure[rng.integers(len(sure)), 1:5]
        side = float(max(box[2:] - box[:2]))
        largest = min(SIDES[1], 0.95 * min(composite))
        scale = np.exp(rng.uniform(np.log(SIDES[0]), np.log(largest))) / max(side, 1.0)
        anchor = (box[:2] + box[2:]) / 2
    else:
        scale = max(composite) / max(shape) * np.exp(rng.uniform(np.log(0.5), np.log(4)))
        anchor = rng.uniform(0, (shape[1], shape[0]))
    scale = float(np.clip(scale, *SCALES))
    spread = rng.normal(0, 6) if rng.random() < 0.7 else rng.uniform(-35, 35)
    angle = np.deg2rad(spread if rng.random() < 0.98 else rng.uniform(-180, 180))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if rng.random() < 0.5:
        turn = turn @ np.diag([-1.0, 1.0])
    place = rng.uniform(0.05, 0.95, 2) * (composite[1], composite[0])
    matrix = np.concatenate([turn, (place - turn @ anchor)[:, None]], 1)
    return filling(matrix, shape, composite) if rng.random() < 0.8 else matrix


def filling(matrix: np.ndarray, shape: tuple[int, int], composite: tuple[int, int]) -> np.ndarray:
    """A similarity (2, 3) moved so that as much of the photograph is on the composite as may be."""
    height, width = shape
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ matrix[:, :2].T
    low, high = (corners + matrix[:, 2]).min(0), (corners + matrix[:, 2]).max(0)
    over = np.array(composite[::-1]) - high
    # Larger than the composite: no rim; smaller: whole.
    bounds = np.sort(np.stack([-low, over]), 0)
    moved = matrix.copy()
    moved[:, 2] += np.clip(0, bounds[0], bounds[1])
    return moved


def centred(matrix: np.ndarray) -> np.ndarray:
    """A similarity between pixels' edges as `cv2.warpAffine` counts, between their centres."""
    inner = matrix.copy()
    inner[:, 2] += inner[:, :2] @ (0.5, 0.5) - 0.5
    return inner


def warp(
    rng: Rng, photo: np.ndarray, matrix: np.ndarray, composite: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The photograph on the composite (H, W, 3), and where it lies (H, W) bool.

    Averaged when it is made much smaller, or not, as the engine's letterbox does.
    """
    height, width = photo.shape[:2]
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    inner = matrix.copy()
    if scale < 0.7 and rng.random() < 0.6:
        small = (max(round(width * scale), 4), max(round(height * scale), 4))
        photo = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
        inner[:, :2] = inner[:, :2] @ np.diag([width / small[0], height / small[1]])
    inner = centred(inner)
    grey = (BORDER, BORDER, BORDER)
    size = composite[::-1]
    warped = cv2.warpAffine(photo, inner, size, flags=cv2.INTER_LINEAR, borderValue=grey)
    whole = np.full(photo.shape[:2], 255, np.uint8)
    covered = cv2.warpAffine(whole, inner, size, flags=cv2.INTER_NEAREST) > 0
    return warped, covered
