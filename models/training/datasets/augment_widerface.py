"""Composites from WIDER FACE, as RetinaFace was trained on them (Deng et al. 2020).

A part of an image with the composite's shape, 0.3 to 1 times as large as what fits in it, is
resized to the composite; it is mirrored half of the time and degraded as the other composites are.
Faces whose middle lies outside are gone.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from models.training.datasets import readers
from models.training.datasets.camera_effects import degrade
from models.training.datasets.composite_faces import SMALLEST, turn_faces
from models.training.datasets.paths import require

Rng = np.random.Generator
PARTS = (0.3, 0.45, 0.6, 0.8, 1.0)
SEEN = 0.3  # a face of which less lies on the composite is doubtful


class WiderComposer:
    """Makes composites of one split; each is a function of the generator's state.

    Parameters
    ----------
    root : Path
        Folder of WIDER FACE, with the authors' lists of five points
        (`models.training.datasets.readers.widerface`).
    split : {"train", "validation"}
    """

    def __init__(self, root: Path, split: str) -> None:
        table = readers.read("widerface", root, lists="retinaface")
        rows = table[table["split"] == split]
        self._paths = [Path(root) / name for name in rows["image"]]
        columns = zip(rows["boxes"], rows["points"], rows["ignored"], strict=True)
        self._faces = [as_faces(*values) for values in columns]

    def compose(self, rng: Rng, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """One composite (H, W, 3) uint8 RGB and its faces (K, 16)."""
        row = int(rng.integers(len(self._paths)))
        read = cv2.imread(str(require(self._paths[row], "WIDER FACE")), cv2.IMREAD_COLOR)
        if read is None:
            raise ValueError(f"not a readable image: {self._paths[row]}")
        image = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
        image, faces = cut(rng, image, self._faces[row], height, width)
        return degrade(rng, image), faces


def as_faces(boxes: np.ndarray, points: np.ndarray, ignored: np.ndarray) -> np.ndarray:
    """Boxes (K, 4), points (K, 5, 2) and flags (K,) of the reader as faces (K, 16)."""
    count = len(boxes)
    state = np.where(ignored, 0.0, 1.0)[:, None]
    five = np.asarray(points, float).reshape(count, 10)
    return np.concatenate([state, boxes, five, np.ones((count, 1))], 1).astype(np.float32)


def cut(
    rng: Rng, image: np.ndarray, faces: np.ndarray, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """A random part of an image as a composite, and the faces (K, 16) on it."""
    rows, columns = image.shape[:2]
    scale = PARTS[rng.integers(len(PARTS))] * min(rows / height, columns / width)
    h, w = max(int(height * scale), 1), max(int(width * scale), 1)
    top, left = int(rng.integers(0, rows - h + 1)), int(rng.integers(0, columns - w + 1))
    how = cv2.INTER_AREA if scale > 1 and rng.random() < 0.7 else cv2.INTER_LINEAR
    canvas = cv2.resize(image[top : top + h, left : left + w], (width, height), interpolation=how)
    x, y = width / w, height / h
    matrix = np.array([[x, 0, -left * x], [0, y, -top * y]])
    if rng.random() < 0.5:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
        matrix[0] = -matrix[0] + (0, 0, width)
    return canvas, _kept(turn_faces(faces, matrix), height, width)


def _kept(faces: np.ndarray, height: int, width: int) -> np.ndarray:
    limit = np.array([width, height], np.float32)
    middle = (faces[:, 1:3] + faces[:, 3:5]) / 2
    faces = faces[((middle > 0) & (middle < limit)).all(1)]
    before = np.maximum(np.prod(faces[:, 3:5] - faces[:, 1:3], 1), 1e-6)
    faces[:, 1:5] = np.clip(faces[:, 1:5], 0, np.tile(limit, 2))
    size = faces[:, 3:5] - faces[:, 1:3]
    faces[:, 15] = np.prod(size, 1) / before
    faces[:, 0] *= (faces[:, 15] > SEEN) & (size.max(1, initial=0) >= SMALLEST)
    return faces
