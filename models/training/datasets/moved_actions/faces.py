"""Faces of the datasets that can be given a unit: frontal, large enough, and without it so far."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass

import numpy as np

from models.training.datasets.crops import held_out
from models.training.datasets.mesh_geometry import rotations
from models.training.datasets.moved_actions import mouth
from models.training.datasets.moved_actions.pose import Face
from models.training.datasets.moved_actions.unit_shapes import eye_distance
from models.training.datasets.moved_actions.units import UNITS
from models.training.datasets.paths import require
from models.training.datasets.teacher_mesh import BLENDSHAPES, decode, label_path, read_members
from models.training.datasets.unit_signals import UNIT_BLENDSHAPES

COLOUR = ("lfw", "utkface")
MOST_YAW, MOST_PITCH = np.radians(30), np.radians(25)
LEAST_EYE_DISTANCE = 28.0  # pixels
# A blendshape over this says that a unit is there already; an eye or a mouth likewise.
SHOWN = 0.35
OPEN_MOUTH = 0.05  # distances between the eyes
SMILING = 0.3
MOUTH_UNITS = tuple(u for u in UNITS if "AU10" <= u <= "AU28")
EYE_UNITS = ("AU05", "AU06", "AU07", "AU43")


@dataclass(frozen=True)
class Faces:
    """Faces of one dataset.

    Attributes
    ----------
    dataset : str
    names : (N,) str
        Members of the dataset's archive.
    points, rotations, shapes : ndarray
        The teacher's mesh (N, 478, 3), the head's rotation (N, 3, 3), the blendshapes (N, 52).
    archive : ZipFile
    """

    dataset: str
    names: np.ndarray
    points: np.ndarray
    rotations: np.ndarray
    shapes: np.ndarray
    archive: zipfile.ZipFile

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Face:
        image = decode(self.archive.read(str(self.names[index])))
        return Face(image, self.points[index].astype(np.float64), self.rotations[index])

    def ready(self, unit: str) -> np.ndarray:
        """(N,) bool: faces that don't show the unit yet, so that it has room to rise."""
        kinds = UNIT_BLENDSHAPES.get(unit, ())
        names = {k.format(side) for k in kinds for side in ("Left", "Right")}
        room = (self._shapes(*sorted(names)) < SHOWN).all(1)
        if unit in MOUTH_UNITS:
            room &= (self._shapes("mouthSmileLeft", "mouthSmileRight") < SMILING).all(1)
            room &= np.array([mouth.gap(p) for p in self.points]) < OPEN_MOUTH
        if unit in EYE_UNITS:
            room &= (self._shapes("eyeBlinkLeft", "eyeBlinkRight") < SHOWN).all(1)
        return room

    def _shapes(self, *names: str) -> np.ndarray:
        return self.shapes[:, [BLENDSHAPES.index(n) for n in names]]


def load(dataset: str, part: str) -> Faces:
    """Faces that are frontal and large enough, of the part ``train`` or ``held_out``.

    The parts are those of `crops`: nobody of the held-out part is in training.

    Raises
    ------
    ValueError
        No such part.
    FileNotFoundError
        The teacher has not labelled the dataset yet.
    """
    if part not in ("train", "held_out"):
        raise ValueError(f"part: wanted 'train' or 'held_out', got {part!r}")
    what = (
        f"teacher labels; run python -m models.training.datasets.teacher_mesh --dataset {dataset}"
    )
    with np.load(require(label_path(dataset), what)) as stored:
        table = {name: stored[name] for name in ("names", "found", "points", "matrices", "shapes")}
    wanted = np.array([held_out(dataset, str(n)) for n in table["names"]]) == (part == "held_out")
    rows = np.flatnonzero(table["found"] & wanted)
    turns = rotations(table["matrices"][rows])
    yaw = np.arcsin(np.clip(turns[:, 0, 2], -1, 1))
    pitch = np.arcsin(np.clip(-turns[:, 1, 2], -1, 1))
    apart = np.array([eye_distance(p[:, :2]) for p in table["points"][rows]])
    kept = (np.abs(yaw) < MOST_YAW) & (np.abs(pitch) < MOST_PITCH) & (apart >= LEAST_EYE_DISTANCE)
    rows, turns = rows[kept], turns[kept]
    archive, _ = read_members(dataset)
    names, points, shapes = (table[name][rows] for name in ("names", "points", "shapes"))
    return Faces(dataset, names, points, turns, shapes, archive)
