"""Which triangle covers each pixel, and where in it: an orthographic rasterizer in NumPy."""

from __future__ import annotations

import numpy as np


def rasterize(
    points: np.ndarray, triangles: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Triangles nearest to the viewer.

    Parameters
    ----------
    points : (V, 3) float
        x right, y down in pixels (pixel centres at whole numbers); a larger z is nearer.
    triangles : (T, 3) int
    shape : (height, width)

    Returns
    -------
    index : (H, W) int
        The triangle at each pixel, -1 where there is none.
    weights : (H, W, 3) float
        Barycentric weights of its corners.
    """
    height, width = shape
    corners = points[triangles]
    low = np.ceil(corners[:, :, :2].min(1)).clip(0, (width, height)).astype(int)
    high = np.floor(corners[:, :, :2].max(1)).clip(-1, (width - 1, height - 1)).astype(int)
    extent = np.maximum(high - low + 1, 0)
    count = extent.prod(1)
    which = np.repeat(np.arange(len(triangles)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    x = low[which, 0] + place % np.maximum(extent[which, 0], 1)
    y = low[which, 1] + place // np.maximum(extent[which, 0], 1)
    weights = _barycentric(corners[which], x, y)
    inside = (weights >= -1e-6).all(1)
    which, x, y, weights = which[inside], x[inside], y[inside], weights[inside]
    depth = (weights * corners[which, :, 2]).sum(1)
    order = np.argsort(depth, kind="stable")  # the nearest is written last
    index = np.full(shape, -1)
    found = np.zeros((height, width, 3))
    index[y[order], x[order]] = which[order]
    found[y[order], x[order]] = weights[order]
    return index, found


def _barycentric(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights (N, 3) of the points (x, y) in triangles (N, 3, 2 or 3); NaN in flat ones."""
    a, b, c = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
    ab, ac, ap = b - a, c - a, np.stack([x, y], 1) - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        second = (ap[:, 0] * ac[:, 1] - ap[:, 1] * ac[:, 0]) / area
        third = (ab[:, 0] * ap[:, 1] - ab[:, 1] * ap[:, 0]) / area
    return np.stack([1 - second - third, second, third], 1)


def interpolate(
    values: np.ndarray, triangles: np.ndarray, index: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Values (V, K) at each pixel, (H, W, K); 0 where there is no triangle."""
    picked = values[triangles[np.maximum(index, 0)]]
    return np.einsum("hwck,hwc->hwk", picked, weights) * (index >= 0)[..., None]
