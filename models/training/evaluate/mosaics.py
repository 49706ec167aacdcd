"""Composites of many small faces of one size: held-out photographs, shrunk, side by side."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from models.training.datasets.composite_faces import turn_faces
from models.training.datasets.faces import Dataset

SIDE = 320


def mosaics(
    dataset: Dataset, size: int = 24, rounds: int = 2, seed: int = 11
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Composites (320, 320, 3) uint8 RGB and their faces (K, 16), as `match` takes them.

    Each photograph is shrunk (area averaging) so that its main face is ``size`` pixels tall, cut
    to a cell around that face, off its middle by up to a sixth of the cell, and laid on the
    canvas. Every main face is used ``rounds`` times, in another order and place. Other faces of
    a photograph are doubtful.
    """
    rng = np.random.default_rng(seed)
    cell = round(2.2 * size)
    a_row = SIDE // cell
    usable = [row for row, faces in enumerate(dataset.faces) if (faces[:, 0] == 1).any()]
    for _ in range(rounds):
        order = rng.permutation(usable)
        for start in range(0, len(order) - a_row**2 + 1, a_row**2):
            canvas, every = np.full((SIDE, SIDE, 3), 114, np.uint8), []
            for place, row in enumerate(order[start : start + a_row**2]):
                corner = cell * np.array([place % a_row, place // a_row])
                tile, faces = _tile(dataset.images[row], dataset.faces[row], size, cell, rng)
                canvas[corner[1] : corner[1] + cell, corner[0] : corner[0] + cell] = tile
                faces[:, 1:15] += np.tile(corner, 7)
                every.append(faces)
            yield canvas, np.concatenate(every)


def main_face(faces: np.ndarray) -> int:
    """Row of the largest sure face of (K, 16)."""
    area = np.prod(faces[:, 3:5] - faces[:, 1:3], 1)
    return int(np.argmax(np.where(faces[:, 0] == 1, area, -1)))


def _tile(
    photo: np.ndarray, faces: np.ndarray, size: int, cell: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    main = main_face(faces)
    rows, columns = (
        max(round(side * size / float(faces[main, 4] - faces[main, 2])), 1)
        for side in photo.shape[:2]
    )
    small = cv2.resize(photo, (columns, rows), interpolation=cv2.INTER_AREA)
    scale = np.array([columns / photo.shape[1], rows / photo.shape[0]])
    moved = turn_faces(faces, np.array([[scale[0], 0, 0], [0, scale[1], 0]]))
    middle = (moved[main, 1:3] + moved[main, 3:5]) / 2
    corner = np.round(middle - cell / 2 + rng.uniform(-cell / 6, cell / 6, 2)).astype(int)
    grey = cv2.copyMakeBorder(small, *[cell] * 4, cv2.BORDER_CONSTANT, value=(114, 114, 114))
    x, y = np.clip(corner + cell, 0, [columns + cell, rows + cell])
    moved[:, 1:15] -= np.tile([x - cell, y - cell], 7)
    moved[:, 0] = np.arange(len(moved)) == main
    seen = (moved[:, 3:5] > 0).all(1) & (moved[:, 1:3] < cell).all(1)
    moved[~(moved[:, 0] == 1), 1:5] = np.clip(moved[~(moved[:, 0] == 1), 1:5], 0, cell)
    return grey[y : y + cell, x : x + cell], moved[seen]
