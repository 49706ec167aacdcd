"""Draws the layers of a head: textures, light and shade, alpha over what lies behind."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.training.datasets.posed_faces.camera import Camera
from models.training.datasets.posed_faces.head import Layer
from models.training.datasets.posed_faces.mesh import vertex_normals
from models.training.datasets.posed_faces.rasterizer import Fragments, nearest, rasterize

Rng = np.random.Generator
NEARER = 1.004  # what lies on the skin (brows, lashes) is drawn this much nearer


@dataclass(frozen=True)
class Light:
    """Ambient light and two lamps far away: directions (2, 3) to them, colours (2, 3)."""

    ambient: np.ndarray
    directions: np.ndarray
    colours: np.ndarray


def draw_light(rng: Rng) -> Light:
    """Light from anywhere in front or beside, of any tint, harsh or even."""
    directions = rng.normal(0, 1, (2, 3)) * (1.2, 0.8, 0.6) + (0, 0.4, 0.8)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    tint = np.exp(rng.normal(0, 0.045, (3, 3)))
    share = rng.uniform(0.35, 0.75)
    level = np.exp(rng.normal(-0.1, 0.2))
    strengths = level * (1 - share) * np.array([1.4, rng.uniform(0, 0.6)])
    return Light(level * share * tint[0], directions, strengths[:, None] * tint[1:])


def render(layers: list[Layer], placed: list[np.ndarray], camera: Camera, light: Light,
           background: np.ndarray) -> np.ndarray:  # fmt: skip
    """Draw layers, their vertices placed in the camera's frame, over a background.

    Returns
    -------
    ndarray (S, S, 3) float32
        Linear to the textures' levels, 0 to 255 and above.
    """
    image = background.astype(np.float32).reshape(-1, 3)
    depth = np.zeros(len(image), np.float32)
    size = camera.size
    drawn = [
        (layer, _shade(layer, vertices, light), *_fragments(layer, vertices, camera))
        for layer, vertices in zip(layers, placed, strict=True)
    ]
    for layer, shade, fragments, opaque in sorted(drawn, key=lambda d: not d[3]):
        seen = fragments[fragments.depths * (1 if opaque else NEARER) > depth[fragments.pixels]]
        if not len(seen.pixels):
            continue
        if not opaque:
            seen = seen[_colour(layer, seen)[:, 3] > 40]
        seen = seen[nearest(seen)]
        colour = _colour(layer, seen)
        lit = colour[:, :3] * layer.colour * _between(shade, layer.triangles, seen)
        alpha = 1.0 if opaque else np.clip(colour[:, 3:] / 255 * layer.cover, 0, 1)
        image[seen.pixels] = image[seen.pixels] * (1 - alpha) + lit * alpha
        depth[seen.pixels] = np.where(np.ravel(alpha) > 0.5, seen.depths, depth[seen.pixels])
    return image.reshape(size, size, 3)


def _fragments(layer: Layer, vertices: np.ndarray, camera: Camera) -> tuple[Fragments, bool]:
    points, depths = camera.project(vertices)
    return rasterize(points, depths, layer.triangles, camera.size, layer.opaque), layer.opaque


def _shade(layer: Layer, vertices: np.ndarray, light: Light) -> np.ndarray:
    """Light (V, 3) that each vertex sends to the camera: Lambert, and Blinn's highlight."""
    normals = vertex_normals(vertices, layer.triangles)
    if not layer.opaque:  # hair and brows are seen from both sides
        normals = normals * np.where(normals[:, 2:] < 0, -1, 1)
    facing = np.clip(normals @ light.directions.T * 0.85 + 0.15, 0, None)
    halfway = light.directions + np.array([0, 0, 1])
    halfway /= np.linalg.norm(halfway, axis=1, keepdims=True)
    glint = layer.shine * np.clip(normals @ halfway.T, 0, 1) ** 20
    above = 0.8 + 0.2 * normals[:, 1:2]
    lit = light.ambient * above + (facing + glint) @ light.colours
    return (lit * layer.dark[:, None]).astype(np.float32)


def _between(values: np.ndarray, triangles: np.ndarray, fragments: Fragments) -> np.ndarray:
    """Values of vertices (V, K) at fragments (F, K)."""
    return np.einsum("fck,fc->fk", values[triangles[fragments.triangles]], fragments.weights)


def _colour(layer: Layer, fragments: Fragments) -> np.ndarray:
    """The texture (F, 4) at fragments, bilinear."""
    at = _between(layer.coordinates.astype(np.float32), layer.corners, fragments)
    height, width = layer.texture.shape[:2]
    x, y = at[:, 0] * width - 0.5, (1 - at[:, 1]) * height - 0.5
    count, side = len(at), 256
    grid = np.zeros((2, -(-count // side) * side), np.float32)
    grid[:, :count] = x, y
    found = cv2.remap(
        layer.texture, grid[0].reshape(-1, side), grid[1].reshape(-1, side),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP,
    )  # fmt: skip
    return found.reshape(-1, 4)[:count].astype(np.float32)
