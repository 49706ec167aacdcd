"""Meshes of the posed faces: triangles with texture coordinates, and proxies fitted to a body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mesh:
    """Triangles over vertices, with a texture coordinate at each corner.

    Attributes
    ----------
    vertices : ndarray (V, 3)
        Positions in decimetres: x to the subject's left, y up, z out of the face.
    triangles, corners : ndarray (T, 3) int
        Indices of each triangle's vertices and of its texture coordinates.
    coordinates : ndarray (C, 2)
        Texture coordinates, 0 to 1; v counts from the texture's bottom.
    groups : dict
        Name of a group of faces to its triangles, a mask (T,) bool.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    corners: np.ndarray
    coordinates: np.ndarray
    groups: dict[str, np.ndarray]


@dataclass(frozen=True)
class Proxy:
    """A mesh that follows another's vertices: eyes, teeth, tongue, brows, lashes, hair.

    Attributes
    ----------
    mesh : Mesh
        Its triangles and texture coordinates; its vertices are those on an average body.
    parents : ndarray (V, 3) int
        The base mesh's vertices that each vertex follows.
    weights, offsets : ndarray (V, 3)
        Their weights, and what is added, in decimetres per unit of `scale`.
    references : ndarray (3, 2) int
        Base vertices whose distance along x, y and z, over `lengths`, scales the offsets.
    lengths : ndarray (3,)
        Those distances on the body the proxy was made for; 0 leaves an axis unscaled.
    """

    mesh: Mesh
    parents: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    references: np.ndarray
    lengths: np.ndarray

    def fit(self, body: np.ndarray) -> np.ndarray:
        """Vertices (V, 3) on a body (base vertices, (19158, 3))."""
        ends = body[self.references]
        apart = np.abs(np.einsum("aea->ae", ends) @ np.array([1.0, -1.0]))
        scale = np.where(self.lengths > 0, apart / np.maximum(self.lengths, 1e-9), 1.0)
        placed = (body[self.parents] * self.weights[..., None]).sum(1)
        return placed + self.offsets * scale


def triangulate(polygons: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Fans of polygons: triangles (T, 3), and the polygon that each is of (T,)."""
    fans = [(p[0], p[i], p[i + 1]) for p in polygons for i in range(1, len(p) - 1)]
    of = [index for index, p in enumerate(polygons) for _ in range(len(p) - 2)]
    return np.array(fans, np.int64).reshape(-1, 3), np.array(of, np.int64)


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals (V, 3), of the triangles around by area; they point out of the skin."""
    corners = vertices[triangles]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    spread = np.repeat(flat, 3, 0)
    flat_index = triangles.ravel()
    total = np.stack([np.bincount(flat_index, spread[:, k], len(vertices)) for k in range(3)], 1)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
