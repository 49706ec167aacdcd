"""Triangles of the teacher's mesh, read from its bundle."""

from __future__ import annotations

import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from models.training.datasets.paths import model_dir, require

BUNDLE = "face_landmarker.task"
MEMBER = "geometry_pipeline_metadata_landmarks.binarypb"
# Fields of mediapipe.face_geometry.GeometryPipelineMetadata and .Mesh3d.
CANONICAL_MESH, INDEX_BUFFER = 1, 4
VARINT, LENGTH = 0, 2


def _varint(data: bytes, start: int) -> tuple[int, int]:
    """A number of 7 bits a byte, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[start]
        value |= (byte & 0x7F) << shift
        start, shift = start + 1, shift + 7
        if byte < 0x80:
            return value, start


def _field(data: bytes, wanted: int) -> list[int | bytes]:
    """Values of a protocol buffer's field: numbers or bytes."""
    found: list[int | bytes] = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value: int | bytes
        if kind == VARINT:
            value, at = _varint(data, at)
        elif kind == LENGTH:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        else:  # a float
            value, at = data[at : at + 4], at + 4
        if key >> 3 == wanted:
            found.append(value)
    return found


@lru_cache(maxsize=1)
def triangles(path: Path | None = None) -> np.ndarray:
    """Triangles (898, 3) over the first 468 of the 478 points; the mouth and the eyes are closed.

    Raises
    ------
    FileNotFoundError
        The teacher's bundle isn't there.
    """
    path = path or require(model_dir() / BUNDLE, "teacher's bundle")
    mesh = _field(zipfile.ZipFile(path).read(MEMBER), CANONICAL_MESH)[0]
    assert isinstance(mesh, bytes)
    return np.array(_field(mesh, INDEX_BUFFER), np.int64).reshape(-1, 3)
