"""A photograph changed so that its face shows one action unit at a known strength.

face = Face(image, points, rotation)
changed = move(face, Action("AU12", "left", 0.6))
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from models.training.datasets.moved_actions import creases, mouth
from models.training.datasets.moved_actions.light import LUMA, fitted_light, shading_ratio
from models.training.datasets.moved_actions.pose import Action, Face, amounts, moved_points
from models.training.datasets.moved_actions.unit_shapes import MAP, eye_distance, load, paired
from models.training.datasets.moved_actions.warp import reach, warp


@dataclass(frozen=True)
class Look:
    """How a movement shows in the skin and the mouth; varied in training.

    Attributes
    ----------
    shading : float
        Exponent of the shading ratio; 0: the pixels are moved and no more.
    creases : float
        Depth of the furrows; 0: none.
    teeth : float
        0: the inside of an opened mouth is dark, 1: it shows teeth as well.
    """

    shading: float = 1.0
    creases: float = 1.0
    teeth: float = 1.0


@lru_cache(maxsize=1)
def _pairs() -> np.ndarray:
    return paired(load().rest)


def move(face: Face, action: Action, look: Look | None = None) -> np.ndarray:
    """The photograph (H, W, 3) uint8 with the action; strength 0 gives the very same pixels."""
    changed = face.image.copy()
    if action.strength > 0:
        low, high = reach(face.points, face.image.shape[:2])
        window = np.s_[low[1] : high[1], low[0] : high[0]]
        part = Face(face.image[window], face.points - (*low, 0), face.rotation)
        changed[window] = _moved(part, action, look or Look())
    return changed


def _moved(face: Face, action: Action, look: Look) -> np.ndarray:
    """`move` for a photograph cut to what a movement reaches, and a strength above 0."""
    shapes = load()
    shape = face.image.shape[:2]
    moved = moved_points(face, action, shapes)
    values = np.concatenate([shapes.places, mouth.places(moved)], 1)
    found = warp(face.points, moved, values, shape)
    image = face.image.astype(np.float32)
    apart = eye_distance(face.points)
    changed = cv2.remap(
        image, *_xy(found.source), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    place = found.values[..., :2]
    skin = (place.max(2) > 0) & ~found.mouth
    ratio = _shading(action, place, skin, changed, apart)
    sides = tuple(float(amounts(np.array(x), action.side)) * action.strength for x in (-0.3, 0.3))
    lines = creases.drawn(action.unit, moved, _pairs(), sides, apart, shape)
    factor = ratio**look.shading * (1 - look.creases * (1 - lines))
    changed = np.where(skin[..., None], changed * factor[..., None], changed)
    changed = _mouth(changed, found.values[..., 2:], found.mouth, face.points, moved, skin, look)
    return np.clip(np.round(changed), 0, 255).astype(np.uint8)


def _xy(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])


def _shading(
    action: Action,
    place: np.ndarray,
    skin: np.ndarray,
    changed: np.ndarray,
    apart: float,
) -> np.ndarray:
    """The shading ratio (H, W) under the photograph's own light."""
    shapes = load()
    x, y = _xy(place)
    normals = cv2.remap(shapes.normals.astype(np.float32), x, y, cv2.INTER_LINEAR)
    middle = (shapes.places[10, 0] + shapes.places[152, 0]) / 2
    per_pixel = 1 / np.linalg.norm(shapes.places[33] - shapes.places[263]) * 1.4
    share = amounts((np.arange(MAP) - middle) * per_pixel, action.side)
    turn = shapes.turns[action.unit] * share[None, :, None] * action.strength
    turns = cv2.remap(turn.astype(np.float32), x, y, cv2.INTER_LINEAR)
    known = skin & (np.linalg.norm(normals, axis=2) > 0.3)
    if known.sum() < 50:
        return np.ones(place.shape[:2], np.float32)
    light = fitted_light((changed[known] @ LUMA).astype(np.float64), normals[known])
    return shading_ratio(light, normals.astype(np.float64), turns, 0.02 * apart)


def _mouth(
    image: np.ndarray,
    places: np.ndarray,
    between: np.ndarray,
    still: np.ndarray,
    moved: np.ndarray,
    skin: np.ndarray,
    look: Look,
) -> np.ndarray:
    """The image with an inside in a mouth that was closed."""
    before, after = mouth.gap(still), mouth.gap(moved)
    amount = mouth.painted(before, after)
    if amount == 0 or not between.any():
        return image
    colour = image[skin].mean(0)
    made = mouth.inside(places[..., 0], places[..., 1], after, colour, look.teeth)
    alpha = cv2.GaussianBlur(between.astype(np.float32), (0, 0), 0.6) * amount
    return image * (1 - alpha[..., None]) + made * alpha[..., None]
