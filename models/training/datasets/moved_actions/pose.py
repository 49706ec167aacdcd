"""Where a unit's movement carries the points of a face in a photograph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.training.datasets.moved_actions.mesh_points import LEFT_LIDS, RIGHT_LIDS
from models.training.datasets.moved_actions.unit_shapes import UnitShapes, eye_distance
from models.training.datasets.moved_actions.units import SIDES, UNITS

# Half width of the strip in which a one-sided movement fades out, in distances between the eyes.
FADE = 0.06
# Openings of the eyes that a movement is fitted to, against the average head's.
OPENINGS = (0.5, 2.5)


@dataclass(frozen=True)
class Face:
    """A face in a photograph.

    Attributes
    ----------
    image : (H, W, 3) uint8 RGB
    points : (478, 3) float
        The teacher's mesh in pixels of the image, z too (smaller is nearer).
    rotation : (3, 3) float
        The head's, as `mesh_geometry.rotations` gives it.
    """

    image: np.ndarray
    points: np.ndarray
    rotation: np.ndarray


@dataclass(frozen=True)
class Action:
    """A unit, ``both`` sides or the subject's ``left`` or ``right``, and its strength, 0 to 1.

    Raises
    ------
    ValueError
        No such unit or side, a unit without sides on one side, or a strength out of range.
    """

    unit: str
    side: str
    strength: float

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unit: wanted one of {sorted(UNITS)}, got {self.unit!r}")
        if self.side not in SIDES:
            raise ValueError(f"side: wanted one of {SIDES}, got {self.side!r}")
        if self.side != "both" and not UNITS[self.unit].sided:
            raise ValueError(f"side: {self.unit} moves on both sides only, got {self.side!r}")
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength: wanted 0 to 1, got {self.strength}")


def amounts(x: np.ndarray, side: str) -> np.ndarray:
    """The share of a movement at places ``x`` (viewer's right of the middle), 0 to 1."""
    if side == "both":
        return np.ones_like(x)
    toward = x if side == "left" else -x
    return 1 / (1 + np.exp(-toward / FADE * 2))


def moved_points(face: Face, action: Action, shapes: UnitShapes) -> np.ndarray:
    """The face's points (478, 3) with the action."""
    move = shapes.moves[action.unit] * amounts(shapes.rest[:, 0], action.side)[:, None]
    if UNITS[action.unit].eye:
        move = move * _eye_openings(face.points, shapes.rest)[:, None]
    scale = eye_distance(face.points) * action.strength
    turned = move @ np.asarray(face.rotation, np.float64).T
    moved = face.points + turned * (scale, -scale, -scale)
    return _lids_apart(moved, face.points)


def _eye_openings(points: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """How wide the eye on each point's side stands open, against the average head's, (478,)."""
    scale = np.ones(len(points))
    for lids, left in ((RIGHT_LIDS, False), (LEFT_LIDS, True)):
        upper, lower = (list(rim) for rim in lids)
        opening = np.linalg.norm(points[upper] - points[lower], axis=1).max()
        average = np.linalg.norm(rest[upper] - rest[lower], axis=1).max()
        ratio = opening / eye_distance(points) / average
        scale[(rest[:, 0] > 0) == left] = np.clip(ratio, *OPENINGS)
    return scale


def _lids_apart(moved: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Points whose upper lids end at the lower ones where they would have gone past them."""
    moved = moved.copy()
    for upper, lower in (RIGHT_LIDS, LEFT_LIDS):
        for high, low in zip(upper[1:-1], lower[1:-1], strict=True):
            axis = still[low, :2] - still[high, :2]
            length = np.linalg.norm(axis)
            if length < 1e-6:
                continue
            past = (moved[high, :2] - moved[low, :2]) @ axis / length
            if past > 0:
                moved[high, :2] -= past * axis / length
    return moved
