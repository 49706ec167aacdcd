"""Aligned, near-frontal faces with their units: what the face shape model learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.training.datasets.head_angles import pose_angles
from models.training.datasets.mesh_geometry import head_frame, landmarks_68
from models.training.datasets.paths import cache_dir, require
from models.training.networks.behaviour import MIRROR_LANDMARKS

DATASETS = ("lfw", "utkface")
# Eye corners, bridge and foot of the nose.
FIXED = (36, 39, 42, 45, 27, 28, 29, 30, 33)
# Farther turned heads hide a side of the face, and the teacher guesses it.
NEAR_FRONTAL = np.deg2rad(15)


@dataclass(frozen=True)
class Faces:
    """Aligned faces.

    Attributes
    ----------
    landmarks : (N, 68, 2) float64
        In interocular distances of the mean face, from the middle between its eyes; x to the
        viewer's right, y down.
    units : (N, U) float64
        In the order of ACTION_UNITS, 0-1.
    people : (N,) int64
        A number for each person.
    """

    landmarks: np.ndarray
    units: np.ndarray
    people: np.ndarray


def align(points: np.ndarray, rounds: int = 5) -> np.ndarray:
    """Align faces (N, 68, 2) with their mean (Procrustes), by the fixed points alone.

    The mean is laid so that its eye centres are at (-0.5, 0) and (0.5, 0).
    """
    faces = points[..., 0] + 1j * points[..., 1]
    fixed = list(FIXED)
    mean = _between_eyes(faces.mean(0))
    for _ in range(rounds):
        here = faces[:, fixed]
        centre, goal = here.mean(1, keepdims=True), mean[fixed].mean()
        away = here - centre
        turn = (away.conj() * (mean[fixed] - goal)).sum(1) / (np.abs(away) ** 2).sum(1)
        laid = (faces - centre) * turn[:, None] + goal
        mean = _between_eyes(laid.mean(0))
    return np.stack([laid.real, laid.imag], 2)


def _between_eyes(face: np.ndarray) -> np.ndarray:
    right, left = face[36:42].mean(), face[42:48].mean()
    return (face - (right + left) / 2) / (left - right)


def mirror(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (N, 68, 2) of the mirrored faces."""
    return landmarks[:, MIRROR_LANDMARKS] * np.array([-1.0, 1.0])


def load(datasets: tuple[str, ...] = DATASETS) -> Faces:
    """Near-frontal faces of the datasets, frontalized and aligned."""
    shapes, units, people = [], [], []
    for dataset in datasets:
        folder = cache_dir() / "behaviour"
        hint = "run python -m models.training.datasets.crops"
        with np.load(require(folder / f"labels-{dataset}.npz", f"labels; {hint}")) as labels:
            rotation, names = labels["rotation"], labels["names"]
            pose = np.abs(pose_angles(rotation))
            use = labels["found"] & ~labels["drop"] & (pose[:, [0, 2]] < NEAR_FRONTAL).all(1)
            units.append(labels["units"][use].astype(np.float64))
        with np.load(require(folder / f"teacher-{dataset}.npz", f"meshes; {hint}")) as teacher:
            mesh = teacher["points"][use]
        upright = head_frame(mesh, rotation[use]) * np.array([1, -1, 1])  # y down again
        shapes.append(landmarks_68(upright))
        people += [_person(dataset, name) for name in names[use]]
    numbers = np.unique(people, return_inverse=True)[1]
    return Faces(align(np.concatenate(shapes).astype(np.float64)), np.concatenate(units), numbers)


def _person(dataset: str, name: str) -> str:
    """LFW's folders are people; UTKFace names nobody: each image stands for a person."""
    return f"{dataset}/{name.rpartition('/')[0] if dataset == 'lfw' else name}"
