"""Shapes of the units on the teacher's mesh, from FACSHuman's on MakeHuman's head.

The teacher looks at a picture of the average head: each of its points lies on a triangle of the
skin, and moves as that triangle's corners do. The lips' points are taken from a picture with an
open mouth, where upper and lower lip are apart. Rotated upright by the teacher's own reading of
the picture's pose, and over the distance between the eyes, a shape serves any face.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets.mesh_geometry import LEFT_EYE, RIGHT_EYE, rotations
from models.training.datasets.moved_actions import head
from models.training.datasets.moved_actions.mesh_points import LIPS
from models.training.datasets.moved_actions.raster import interpolate, rasterize
from models.training.datasets.moved_actions.units import UNITS
from models.training.datasets.paths import cache_dir, model_dir
from models.training.datasets.posed_faces.mesh import vertex_normals
from models.training.datasets.teacher_mesh import POINTS, Teacher

MAP = 256  # side of the maps of normals
OPEN_MOUTH = {"25": 0.6, "26": 0.6}
NORMALS_BLUR = 1.5
# Rims of lips and lids roll out of sight: their normals say nothing beyond this.
TURN = 0.5
# What moves less than this share of the most in a smile is not lips but the inside of the mouth.
LIPS_SMILE = 0.15
FLIP = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class UnitShapes:
    """What `load` gives.

    Attributes
    ----------
    moves : dict
        Unit to displacements (478, 3) at strength 1, on both sides: x to the viewer's right, y up,
        z outward, in distances between the eyes.
    rest : (478, 3) float
        The mesh at rest in the same frame and unit.
    places : (478, 2) float
        Where the points lie in the maps of normals, in pixels.
    normals : (256, 256, 3) float
        Normals of the head at rest; 0 off the head.
    turns : dict
        Unit to what its movement adds to them, (256, 256, 3).
    """

    moves: dict[str, np.ndarray]
    rest: np.ndarray
    places: np.ndarray
    normals: np.ndarray
    turns: dict[str, np.ndarray]


def eye_distance(points: np.ndarray) -> float:
    """Distance between the middles of the eyes of a mesh (478, 2 or 3)."""
    apart = points[list(RIGHT_EYE)].mean(0) - points[list(LEFT_EYE)].mean(0)
    return float(np.linalg.norm(apart))


def paired(rest: np.ndarray) -> np.ndarray:
    """For each point (478,) the one that takes its place in the mirrored face."""
    return ((rest[:, None] - rest[None] * FLIP) ** 2).sum(2).argmin(1)


def path() -> Path:
    """File of the shapes in the cache, named by the table of units: another table, another file."""
    table = json.dumps({unit: shape.shapes for unit, shape in UNITS.items()})
    return cache_dir() / "moved_actions" / f"shapes-{zlib.crc32(table.encode()):08x}.npz"


@lru_cache(maxsize=1)
def load() -> UnitShapes:
    """The shapes of all units, made where the cache has none."""
    if not path().exists():
        path().parent.mkdir(parents=True, exist_ok=True)
        part = path().with_suffix(".part.npz")
        np.savez_compressed(part, **build())
        part.replace(path())
    with np.load(path()) as stored:
        table = {name: stored[name].astype(np.float64) for name in stored.files}
    return UnitShapes(
        {unit: table[f"move {unit}"] for unit in UNITS},
        table["rest"],
        table["places"],
        table["normals"],
        {unit: table[f"turn {unit}"] for unit in UNITS},
    )


def build() -> dict[str, np.ndarray]:
    """Arrays of `UnitShapes` by name."""
    skin = head.skin_triangles()
    lips = _lips(skin)
    still, opened = head.vertices({}), head.vertices(OPEN_MOUTH)
    with Teacher(model_dir() / "face_landmarker.task") as teacher:
        seen = [teacher(head.picture(v)) for v in (still, opened)]
    if seen[0] is None or seen[1] is None:
        raise RuntimeError("the teacher finds no face in the picture of the average head")
    points, upright = seen[0][0], rotations(seen[0][2][None])[0].astype(np.float64)
    corners, weights = _on_skin(points, still, skin)
    mouth = _on_skin(seen[1][0], opened, lips)
    for own, other in ((corners, mouth[0]), (weights, mouth[1])):
        own[list(LIPS)] = other[list(LIPS)]

    def placed(vertices: np.ndarray) -> np.ndarray:
        return (vertices[corners] * weights[..., None]).sum(1)

    rest = placed(still)
    apart = eye_distance(rest)
    low = head.to_pixels(rest)[:, :2].min(0)
    scale = (MAP - 33) / np.ptp(head.to_pixels(rest)[:, :2], 0).max()

    def in_map(pixels: np.ndarray) -> np.ndarray:
        return np.concatenate([(pixels[:, :2] - low) * scale + 16, pixels[:, 2:] * scale], 1)

    facing = rasterize(in_map(head.to_pixels(still)), skin, (MAP, MAP))
    normals = interpolate(vertex_normals(still, skin), skin, *facing)
    table = {
        "rest": ((rest - rest.mean(0)) @ upright / apart).astype(np.float32),
        "places": in_map(head.to_pixels(rest))[:, :2].astype(np.float32),
        "normals": normals.astype(np.float16),
    }
    pairs = paired(table["rest"])
    for unit, shape in UNITS.items():
        moved = head.vertices(shape.shapes)
        move = (placed(moved) - rest) @ upright / apart
        move = (move + move[pairs] * FLIP) / 2  # the same on both sides
        table[f"move {unit}"] = move.astype(np.float32)
        turned = interpolate(vertex_normals(moved, skin), skin, *facing) - normals
        table[f"turn {unit}"] = cv2.GaussianBlur(
            turned.clip(-TURN, TURN), (0, 0), NORMALS_BLUR
        ).astype(np.float16)
    return table


def _lips(skin: np.ndarray) -> np.ndarray:
    """The triangles (T, 3) about the mouth that smile: all but what lies inside it."""
    moved = np.linalg.norm(head.vertices({"12": 1.0}) - head.vertices({}), axis=1)
    return skin[moved[skin].min(1) > LIPS_SMILE * moved.max()]


def _on_skin(
    points: np.ndarray, vertices: np.ndarray, skin: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Corners (478, 3) and weights of the skin's triangle under each point of the picture."""
    pixels = head.to_pixels(vertices)
    index, weights = rasterize(pixels, skin, (head.SIDE, head.SIDE))
    # What lies deep behind its surroundings is seen through the eyes or the mouth.
    depth = interpolate(pixels[:, 2:], skin, index, weights)[..., 0].astype(np.float32)
    front = (index >= 0) & (cv2.dilate(depth, np.ones((9, 9))) - depth < 12)
    y, x = np.nonzero(front)
    places = np.stack([x, y], 1)
    at = [int(np.argmin(((places - p) ** 2).sum(1))) for p in points[:POINTS, :2]]
    return skin[index[y[at], x[at]]], weights[y[at], x[at]]
