"""Action units of one face in a photograph, as a pack's engine and as MediaPipe read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import mien
from models.training.datasets.mesh_geometry import NOSE_TIP, head_frame, rotations
from models.training.datasets.paths import model_dir
from models.training.datasets.teacher_mesh import Teacher
from models.training.datasets.unit_signals import raw_units
from models.training.networks.behaviour import ACTION_UNITS

Reader = Callable[[np.ndarray, np.ndarray], "np.ndarray | None"]
"""Image (H, W, 3) and a point (2,) in the face to values (U,) in the order of `ACTION_UNITS`."""


def engine_reader(pack: str | Path) -> Reader:
    """A pack through `mien.Engine`: detection, alignment and all."""
    engine = mien.Engine(pack, device="cpu", threads=1)

    def read(image: np.ndarray, point: np.ndarray) -> np.ndarray | None:
        table = engine.analyze([image])
        table = table[table["status"] == "ok"]
        left, top = table["FaceRectX"].to_numpy(float), table["FaceRectY"].to_numpy(float)
        width = table["FaceRectWidth"].to_numpy(float)
        height = table["FaceRectHeight"].to_numpy(float)
        within = (point[0] >= left) & (point[0] <= left + width)
        within &= (point[1] >= top) & (point[1] <= top + height)
        if not within.any():
            return None
        row = int(np.argmax(np.where(within, width * height, -1.0)))
        return table.iloc[row][ACTION_UNITS].to_numpy(float)

    return read


def mediapipe_reader() -> Reader:
    """MediaPipe's blendshapes and mesh distances, as `unit_signals` makes units of them."""
    teacher = Teacher(model_dir() / "face_landmarker.task")

    def read(image: np.ndarray, point: np.ndarray) -> np.ndarray | None:
        answer = teacher(image)
        if answer is None or np.linalg.norm(answer[0][NOSE_TIP, :2] - point) > image.shape[1] / 4:
            return None
        mesh, shapes, matrix = (part[None] for part in answer)
        return raw_units(shapes, head_frame(mesh, rotations(matrix)))[0].astype(float)

    return read
