"""A z-buffer rasterizer in NumPy for meshes of thousands of triangles of a few pixels each.

Triangles are sorted by the size of their bounding box and each size is tested at once: no loop
over triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)

EDGE = -1e-5  # rounding leaves no gap between triangles
EMPTY = ((0, int), (0, int), ((0, 3), np.float32), (0, np.float32))


@dataclass(frozen=True)
class Fragments:
    """Pixels that triangles cover, some of them several times.

    Attributes
    ----------
    pixels : ndarray (F,) int
        Row times the image's width plus column.
    triangles : ndarray (F,) int
    weights : ndarray (F, 3) float32
        Barycentric coordinates, corrected for perspective.
    depths : ndarray (F,) float32
        Greater is nearer.
    """

    pixels: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray
    depths: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Fragments:
        """Some of them."""
        parts = (self.pixels, self.triangles, self.weights, self.depths)
        return Fragments(*(part[rows] for part in parts))


def rasterize(
    points: np.ndarray, depths: np.ndarray, triangles: np.ndarray, size: int, cull: bool
) -> Fragments:
    """Fragments of triangles in a square image.

    Parameters
    ----------
    points : ndarray (V, 2)
        In pixels, centres at whole numbers, y down.
    depths : ndarray (V,)
        One over the distance from the camera.
    triangles : ndarray (T, 3) int
    size : int
        Side of the image.
    cull : bool
        Leave out triangles that turn their back (clockwise from outside, as seen).
    """
    corners = points[triangles].astype(np.float32)
    low, high = np.ceil(corners.min(1)).astype(int), np.floor(corners.max(1)).astype(int)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    seen = (high >= low).all(1) & (high >= 0).all(1) & (low < size).all(1)
    seen &= (area < -1e-6) if cull else (np.abs(area) > 1e-6)
    rows = np.flatnonzero(seen)
    side = (high - low)[rows].max(1) + 1
    bucket = np.searchsorted(SIDES, side)
    found = [
        _cover(corners[part], low[part], area[part], part, SIDES[index], size)
        for index in range(len(SIDES))
        if len(part := rows[bucket == index])
    ]
    if not found:
        return Fragments(*(np.zeros(s, t) for s, t in EMPTY))
    pixels, owners, weights = (np.concatenate(part) for part in zip(*found, strict=True))
    weights = weights * depths[triangles[owners]]
    depth = weights.sum(1)
    return Fragments(pixels, owners, (weights / depth[:, None]).astype("f4"), depth.astype("f4"))


def _cover(
    corners: np.ndarray, low: np.ndarray, area: np.ndarray, rows: np.ndarray, side: int, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels, triangles and weights of triangles whose bounding boxes fit ``side`` pixels."""
    steps = np.arange(side, dtype=np.float32)
    x, y = (low[:, k, None].astype(np.float32) + steps for k in (0, 1))
    weights = []
    for k in (1, 2):  # twice the area of the sub-triangle opposite of corner k
        a, b = corners[:, (k + 1) % 3], corners[:, (k + 2) % 3]
        edge = b - a
        across = edge[:, 0, None] * (y - a[:, 1, None])
        along = edge[:, 1, None] * (x - a[:, 0, None])
        weights.append((across[:, :, None] - along[:, None, :]) / area[:, None, None])
    zero = 1 - weights[0] - weights[1]
    inside = (zero >= EDGE) & (weights[0] >= EDGE) & (weights[1] >= EDGE)
    inside &= ((y >= 0) & (y < size))[:, :, None] & ((x >= 0) & (x < size))[:, None, :]
    t, r, c = np.nonzero(inside)
    pixels = (low[t, 1] + r) * size + low[t, 0] + c
    return pixels, rows[t], np.stack([w[t, r, c] for w in (zero, *weights)], 1)


def nearest(fragments: Fragments) -> np.ndarray:
    """Indices of the nearest fragment of every covered pixel."""
    order = np.argsort(fragments.depths, kind="stable")
    winner = np.full(int(fragments.pixels.max(initial=-1)) + 1, -1)
    winner[fragments.pixels[order]] = order
    return winner[winner >= 0]
