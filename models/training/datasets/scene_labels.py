"""Faces to learn from in a photograph of a scene: drawn boxes and what the teachers see, together.

A face drawn and seen lies midway between both boxes and has the teachers' points; one that nobody
sees has no points (NaN). What the teachers are sure of and nobody drew is a face too, and what they
are less sure of is doubtful: neither a face nor background.
"""

from __future__ import annotations

import zlib

import numpy as np

from models.training.datasets.detection_scenes import Scene
from models.training.datasets.teacher_faces import overlap

SAME = 0.35  # IoU from which a drawn and a seen box are one face
HEADS = ("cym567",)  # sets whose boxes are heads: the teachers' boxes count
SAME_HEAD = 0.15
SURE = 0.6  # the teachers' score from which what nobody drew is a face
DOUBT = 0.15  # and below which it is nothing
NOWHERE = np.full(10, np.nan)


def is_held_out(file: str) -> bool:
    """Whether a photograph belongs to the tenth that training never sees (by its name's CRC-32)."""
    return zlib.crc32(file.encode()) % 10 == 0


def in_training(file: str) -> bool:
    """Whether a photograph of ``negatives.zip`` is in the half that training may see."""
    return zlib.crc32(file.encode()) % 2 == 1


def faces_of(scene: Scene, seen: np.ndarray) -> np.ndarray:
    """Faces of one photograph.

    Parameters
    ----------
    scene : Scene
    seen : ndarray (T, 15)
        The teachers' faces, best first.

    Returns
    -------
    ndarray (K, 16) float32
        State (1 face, 0 doubtful), box, five points, visible part (1).
    """
    if scene.use in ("negative", "animal"):
        return np.zeros((0, 16), np.float32)
    heads = scene.source in HEADS
    pairs = pair(scene.boxes, seen[:, 1:5], SAME_HEAD if heads else SAME)
    rows = []
    for box, other in zip(scene.boxes, pairs, strict=True):
        if other >= 0:
            near = seen[other, 1:5]
            rows.append(np.r_[1, near if heads else (near + box) / 2, seen[other, 5:15], 1])
        else:
            rows.append(np.r_[float(not heads), box, NOWHERE, 1])
    for row in sorted(set(range(len(seen))) - set(pairs.tolist())):
        score, box = seen[row, 0], seen[row, 1:5]
        touches = len(scene.boxes) and overlap(box[None], scene.boxes).max() > SAME
        if score >= DOUBT and not touches:
            rows.append(np.r_[float(score >= SURE), box, seen[row, 5:15], 1])
    return np.array(rows, np.float32).reshape(-1, 16)


def pair(drawn: np.ndarray, seen: np.ndarray, least: float) -> np.ndarray:
    """For each drawn box (M, 4) the seen one (T, 4) that is the same face, or -1; each once.

    Pairs of the largest IoU come first.
    """
    which = np.full(len(drawn), -1)
    if not len(drawn) or not len(seen):
        return which
    shared = overlap(drawn, seen)
    while shared.max() >= least:
        row, column = np.unravel_index(int(shared.argmax()), shared.shape)
        which[row] = column
        shared[row], shared[:, column] = -1, -1
    return which
