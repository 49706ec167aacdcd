"""The piecewise affine warp between a face's points before and after a movement."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.training.datasets.moved_actions.canonical_mesh import triangles
from models.training.datasets.moved_actions.mesh_points import (
    INNER_LIPS,
    LEFT_LIDS,
    OVAL,
    RIGHT_LIDS,
)
from models.training.datasets.moved_actions.raster import interpolate, rasterize

# The ring around the face that stays in place, as a multiple of the outline's radius.
RING = 1.5
# Over this share of the distance from lid to lid the eyeball gives way to the stretched lid.
EYEBALL_FADE = 0.12
FACE_POINTS = 468


@dataclass(frozen=True)
class Warp:
    """What each pixel of the changed image is made of.

    Attributes
    ----------
    source : (H, W, 2) float32
        The place in the photograph, x and y.
    values : (H, W, K) float32
        Values given at the points, 0 outside the face.
    mouth : (H, W) bool
        Pixels between the lips.
    """

    source: np.ndarray
    values: np.ndarray
    mouth: np.ndarray


def _mesh() -> tuple[np.ndarray, np.ndarray]:
    """Triangles of face and ring, and which of them lie between the lips."""
    face = triangles()
    count = len(OVAL)
    ring = [
        corners
        for i in range(count)
        for a, b in [(OVAL[i], OVAL[(i + 1) % count])]
        for p, q in [(FACE_POINTS + i, FACE_POINTS + (i + 1) % count)]
        for corners in ((a, b, p), (b, q, p))
    ]
    mouth = np.isin(face, INNER_LIPS).all(1)
    return np.concatenate([face, ring]), np.concatenate([mouth, np.zeros(len(ring), bool)])


def _with_ring(points: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Face points (468, 3), nearest the largest z, and the ring's, which stay where they are."""
    middle = still[list(OVAL)].mean(0)
    ring = middle + (still[list(OVAL)] - middle) * (RING, RING, 1.0)
    ring[:, 2] = still[:, 2].max() + 1e3
    return np.concatenate([points[:FACE_POINTS], ring]) * (1.0, 1.0, -1.0)


def reach(still: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """First column and row (2,) that a movement may change, and those after the last."""
    ring = _with_ring(still, still)[FACE_POINTS:, :2]
    low = np.floor(ring.min(0)).astype(int) - 2
    high = np.ceil(ring.max(0)).astype(int) + 3
    return low.clip(0, shape[::-1]), high.clip(0, shape[::-1])


def warp(still: np.ndarray, moved: np.ndarray, values: np.ndarray, shape: tuple[int, int]) -> Warp:
    """The warp that carries the points ``still`` (478, 3) to ``moved``.

    Parameters
    ----------
    values : (478, K) float
        What is to be known at every pixel of the face besides.
    shape : (height, width)
    """
    mesh, between_lips = _mesh()
    before, after = _with_ring(still, still), _with_ring(moved, still)
    index, weights = rasterize(after, mesh, shape)
    own = np.moveaxis(np.indices(shape), 0, -1)[..., ::-1].astype(np.float64)
    source = interpolate(before[:, :2], mesh, index, weights)
    source[index < 0] = own[index < 0]
    given = np.zeros((len(after), values.shape[1]))
    given[:FACE_POINTS] = values[:FACE_POINTS]
    face = (index >= 0) & (index < len(triangles()))
    inside = interpolate(given, mesh, index, weights) * face[..., None]
    _keep_eyeballs(source, own, still, moved)
    mouth = np.zeros(shape, bool)
    mouth[index >= 0] = between_lips[index[index >= 0]]
    return Warp(source.astype(np.float32), inside.astype(np.float32), mouth)


def _keep_eyeballs(
    source: np.ndarray, own: np.ndarray, still: np.ndarray, moved: np.ndarray
) -> None:
    """Between the lids the photograph stays where it is: lids move over the eyeball."""
    shape = source.shape[:2]
    for upper, lower in (RIGHT_LIDS, LEFT_LIDS):
        rim = list(upper) + list(lower[-2:0:-1])
        size = float(np.linalg.norm(still[upper[0], :2] - still[upper[-1], :2]))
        depth = np.minimum(*(_inside(points[rim, :2], shape) for points in (still, moved)))
        share = np.clip(depth / max(EYEBALL_FADE * size, 1e-6), 0, 1)[..., None]
        source[:] = share * own + (1 - share) * source


def _inside(outline: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Distance of each pixel from the rim of a polygon (N, 2), 0 outside."""
    filled = np.zeros(shape, np.uint8)
    fixed = np.round(outline * 16).astype(np.int32)
    cv2.fillPoly(filled, [fixed], 1, shift=4)
    return cv2.distanceTransform(filled, cv2.DIST_L2, 5)
