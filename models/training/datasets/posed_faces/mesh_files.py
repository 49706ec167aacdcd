"""Readers of the mesh formats of MakeHuman and its web port: .obj, .mhclo, .target and JSON."""

from __future__ import annotations

import json

import numpy as np

from models.training.datasets.posed_faces.mesh import Mesh, Proxy, triangulate


def read_obj(text: str) -> Mesh:
    """A Wavefront mesh with texture coordinates and groups of faces."""
    vertices, coordinates, faces, corners, names = [], [], [], [], []
    group = ""
    for line in text.splitlines():
        kind, *values = line.split() or ("",)
        if kind == "v":
            vertices.append([float(v) for v in values[:3]])
        elif kind == "vt":
            coordinates.append([float(v) for v in values[:2]])
        elif kind == "g":
            group = values[0]
        elif kind == "f":
            pairs = [value.split("/") for value in values]
            faces.append([int(p[0]) - 1 for p in pairs])
            corners.append([int(p[1]) - 1 for p in pairs])
            names.append(group)
    triangles, of = triangulate(faces)
    named = np.array(names)[of]
    groups = {str(n): named == n for n in np.unique(named)}
    return Mesh(
        np.array(vertices), triangles, triangulate(corners)[0], np.array(coordinates), groups
    )


def read_mhclo(text: str, mesh: Mesh) -> Proxy:
    """The fitting of ``mesh`` to the base mesh, as MakeHuman's clothes files say it."""
    references, lengths = np.zeros((3, 2), np.int64), np.zeros(3)
    rows: list[list[float]] = []
    for line in text.splitlines():
        values = line.split()
        if values and values[0] in ("x_scale", "y_scale", "z_scale"):
            axis = "xyz".index(values[0][0])
            references[axis], lengths[axis] = [int(v) for v in values[1:3]], float(values[3])
        elif values and values[0].isdigit():
            rows.append(_fitting([float(v) for v in values]))
    if len(rows) != len(mesh.vertices):
        raise ValueError(f"clothes file: {len(rows)} fittings of {len(mesh.vertices)} vertices")
    table = np.array(rows)
    parts = table[:, :3].astype(np.int64), table[:, 3:6], table[:, 6:9]
    return Proxy(mesh, *parts, references, lengths)


def _fitting(values: list[float]) -> list[float]:
    """Three parents, three weights, three offsets; a vertex alone follows with weight 1."""
    if len(values) == 1:
        return [values[0], 0, 0, 1, 0, 0, 0, 0, 0]
    return values[:9]


def read_json(text: str) -> Proxy:
    """A fitted mesh of MakeHuman's web port (three.js, format 3.1, triangles or quads)."""
    data = json.loads(text)
    faces, corners, rest = [], [], data["faces"]
    position = 0
    while position < len(rest):
        kind = rest[position]
        if kind & ~0b1011 or not kind & 0b1000:
            raise ValueError(f"three.js face: wanted texture coordinates alone, got kind {kind}")
        sides, material = 3 + (kind & 1), kind >> 1 & 1
        start = position + 1 + sides + material
        faces.append(rest[position + 1 : position + 1 + sides])
        corners.append(rest[start : start + sides])
        position = start + sides
    triangles, _ = triangulate(faces)
    mesh = Mesh(
        np.array(data["vertices"]).reshape(-1, 3),
        triangles,
        triangulate(corners)[0],
        np.array(data["uvs"][0]).reshape(-1, 2),
        {},
    )
    parts = np.array(data["ref_vIdxs"]), np.array(data["weights"]), np.array(data["offsets"])
    return Proxy(mesh, *parts, np.zeros((3, 2), np.int64), np.zeros(3))


def read_target(text: str) -> tuple[np.ndarray, np.ndarray]:
    """A shape's vertices (K,) int and their displacements (K, 3), in decimetres."""
    rows = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    indices = np.array([int(row[0]) for row in rows], np.int64)
    moves = np.array([[float(v) for v in row[1:4]] for row in rows], np.float64).reshape(-1, 3)
    kept = np.abs(moves).max(1, initial=0) > 0
    return indices[kept], moves[kept]
