"""Pairs of aligned crops, a face and the same face with one unit moved, in files of the cache.

Each file ``pairs-NNNNN.npz`` holds some pairs. Crops are aligned as the engine would align each of
the two faces, by its own five points, with a margin of `MARGIN` pixels on every side for jitter.
The mirrored pair, sides exchanged, is as good; a reader makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets.alignment import similarity
from models.training.datasets.mesh_geometry import five_points
from models.training.datasets.moved_actions.faces import Faces
from models.training.datasets.moved_actions.photograph import Look, move
from models.training.datasets.moved_actions.pose import Action, Face, moved_points
from models.training.datasets.moved_actions.unit_shapes import load
from models.training.datasets.moved_actions.units import SIDES, UNITS
from models.training.networks.behaviour import BORDER, SIZE, TEMPLATE

MARGIN = 8
STORED = SIZE + 2 * MARGIN
A_FILE = 200
LEAST = 0.2  # strengths


@dataclass(frozen=True)
class Pair:
    """One pair: crops (128, 128, 3) uint8 RGB, the action, and the face's name."""

    still: np.ndarray
    moved: np.ndarray
    action: Action
    name: str


def crop(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The crop (128, 128, 3) of a face by its mesh (478, 3)."""
    five = five_points(points[None])[0].astype(np.float64)
    matrix = similarity(five, np.array(TEMPLATE) + MARGIN)
    return cv2.warpAffine(image, matrix, (STORED, STORED), borderValue=(BORDER,) * 3)


def make_pair(face: Face, action: Action, look: Look, name: str) -> Pair:
    """A face's pair."""
    changed = move(face, action, look)
    after = moved_points(face, action, load())
    return Pair(crop(face.image, face.points), crop(changed, after), action, name)


def draw(faces: list[Faces], ready: dict[str, list[np.ndarray]], seed: int) -> Pair:
    """A pair by chance; the same seed gives the same pair."""
    random = np.random.default_rng(seed)
    unit = str(random.choice(sorted(UNITS)))
    sizes = np.array([len(rows) for rows in ready[unit]], float)
    which = int(random.choice(len(faces), p=sizes / sizes.sum()))
    row = int(random.choice(ready[unit][which]))
    side = str(random.choice(SIDES)) if UNITS[unit].sided else "both"
    strength = float(random.uniform(LEAST, 1))
    look = Look(
        shading=float(random.uniform(0.5, 1.3)),
        creases=float(random.uniform(0.0, 1.2)),
        teeth=float(random.choice((0.0, 1.0))),
    )
    action = Action(unit, side, strength)
    return make_pair(
        faces[which][row], action, look, f"{faces[which].dataset}/{faces[which].names[row]}"
    )


def write(path: Path, pairs: list[Pair]) -> None:
    """Write one file of pairs; it is there whole or not at all."""
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        still=np.stack([p.still for p in pairs]),
        moved=np.stack([p.moved for p in pairs]),
        unit=np.array([p.action.unit for p in pairs]),
        side=np.array([p.action.side for p in pairs]),
        strength=np.array([p.action.strength for p in pairs], np.float32),
        name=np.array([p.name for p in pairs]),
    )
    part.rename(path)


def build(folder: Path, count: int, datasets: tuple[str, ...], seed: int) -> None:
    """Write files of pairs to ``folder`` until there are ``count`` pairs; what is there stays."""
    from models.training.datasets.moved_actions import faces as readers

    faces = [readers.load(d, "train") for d in datasets]
    ready = {unit: [np.flatnonzero(f.ready(unit)) for f in faces] for unit in UNITS}
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, A_FILE):
        path = folder / f"pairs-{first // A_FILE:05d}.npz"
        if path.exists():
            continue
        last = min(first + A_FILE, count)
        write(path, [draw(faces, ready, seed * 1_000_003 + i) for i in range(first, last)])
        print(f"{last}/{count} pairs", flush=True)
