"""From action units to the shape of a face: partial least squares, for images of synthetic faces.

    python -m models.training.train.face_shape         # writes python/mien/plot/face_model.npz

It learns from the meshes and units that `models.training.datasets.teacher_mesh` and
`models.training.datasets.crops` left in the cache. Each mesh is turned upright and frontal by the
head's rotation, read as 68 points, and laid on the others by those points that the face's muscles
do not move, so that what is left is the shape of the face and its movement, not the head's. Every
face counts a second time mirrored, which makes the model symmetric.

The datasets have one image a person. So what differs between people goes along with units whose
level differs between people (a child's eyes are wide and its chin is near), and a regression can't
tell that from movement. Each part of the face therefore follows only the units whose muscles reach
it: `PARTS`.

The shipped file holds `neutral` (68, 2), `movement` (units, 68, 2) and `units`, and as JSON under
`provenance` where it comes from and how well it does; landmarks = neutral + sum of unit * movement.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.datasets.crops import head_frame, landmarks_68, pose_angles
from models.training.datasets.paths import REPOSITORY, cache_dir, require
from models.training.networks.behaviour import ACTION_UNITS, MIRROR_LANDMARKS, MIRROR_UNITS

DATASETS = ("lfw", "utkface")
# Eye corners, bridge and foot of the nose.
FIXED = (36, 39, 42, 45, 27, 28, 29, 30, 33)
# Farther turned heads hide a side of the face, and the teacher guesses it.
NEAR_FRONTAL = np.deg2rad(15)
COMPONENTS = (5, 10, 15, 20, 25, 30, 34)
FOLDS = 3
# A smaller model is taken if it comes this near to the best.
ENOUGH = 0.002
LICENSE = "Apache-2.0"
UPPER_UNITS = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU43")
LOWER_UNITS = tuple(dict.fromkeys(u[:4] for u in ACTION_UNITS if not u.startswith(UPPER_UNITS)))
# Points, and the units they may follow.
PARTS = (
    (
        (*range(17, 31), *range(36, 48)),
        UPPER_UNITS + LOWER_UNITS,
    ),  # brows, bridge of the nose, eyes
    ((*range(31, 36), *range(48, 68)), LOWER_UNITS),  # foot of the nose, mouth
    (tuple(range(17)), ("AU26",)),  # the jaw's line: bone, which a dropping jaw alone moves
)

# The teacher shows nothing of the nose wrinkler. What it does, drawn by hand in interocular
# distances, for the subject's right side: wings of the nose, upper lip and lower lid go up, the
# inner brow comes down and in.
DRAWN = {
    "AU09": {
        19: (0.01, 0.02),
        20: (0.02, 0.045),
        21: (0.03, 0.07),
        31: (-0.01, -0.07),
        32: (0.0, -0.05),
        33: (0.0, -0.03),
        40: (0.0, -0.01),
        41: (0.0, -0.015),
        49: (0.0, -0.03),
        50: (0.0, -0.05),
        51: (0.0, -0.05),
        61: (0.0, -0.04),
        62: (0.0, -0.045),
    }
}


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
    """Lay faces (N, 68, 2) on their mean by similarity transforms that fit the fixed points
    (Procrustes).

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
    """LFW's folders are people; UTKFace names nobody, and each of its images stands for a person."""
    return f"{dataset}/{name.rpartition('/')[0] if dataset == 'lfw' else name}"


def folds_of(people: np.ndarray, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Fold of each face, (N,), nobody in two."""
    order = np.random.default_rng(seed).permutation(people.max() + 1)
    return order[people] % folds


def seen_units(units: np.ndarray) -> np.ndarray:
    """Numbers of the units that are ever active."""
    return np.flatnonzero(units.max(0) > 0)


class Model:
    """Partial least squares with every number of components up to the largest (NIPALS is nested).

    Parameters
    ----------
    landmarks, units : (N, 68, 2), (N, U)
    largest : int
    restricted : bool
        Keep to `PARTS`; otherwise every point follows every unit.
    """

    def __init__(
        self, landmarks: np.ndarray, units: np.ndarray, largest: int, restricted: bool = True
    ) -> None:
        self._width = units.shape[1]
        shapes = np.concatenate([landmarks, mirror(landmarks)])
        both = np.concatenate([units, units[:, MIRROR_UNITS]])
        self._blocks = [
            (points, seen, *_fit(both[:, seen], shapes[:, points], largest))
            for points, seen in blocks(units, restricted)
        ]

    def coefficients(self, components: int) -> tuple[np.ndarray, np.ndarray]:
        """`neutral` (68, 2) and `movement` (U, 68, 2), 0 for unseen units and those kept from a
        point.
        """
        neutral, movement = np.zeros((68, 2)), np.zeros((self._width, 68, 2))
        for points, seen, fitted, (mean_units, mean_shape) in self._blocks:
            rotations = fitted.x_rotations_[:, :components]
            moves = rotations @ fitted.y_loadings_[:, :components].T
            neutral[points] = (mean_shape - mean_units @ moves).reshape(-1, 2)
            movement[np.ix_(seen, points)] = moves.reshape(len(seen), -1, 2)
        # Mirrored copies make both symmetric but for where NIPALS stopped.
        neutral = (neutral + mirror(neutral[None])[0]) / 2
        return neutral, (movement + mirror(movement)[MIRROR_UNITS]) / 2


def blocks(units: np.ndarray, restricted: bool = True) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points, and the numbers of the units they may follow, for each part of the face."""
    seen = seen_units(units)
    if not restricted:
        return [(np.arange(68), seen)]
    return [
        (np.array(points), np.array([i for i in seen if ACTION_UNITS[i][:4] in allowed]))
        for points, allowed in PARTS
    ]


def _fit(units: np.ndarray, shapes: np.ndarray, largest: int):
    from sklearn.cross_decomposition import PLSRegression

    flat = shapes.reshape(len(shapes), -1)
    fitted = PLSRegression(min(largest, units.shape[1]), scale=False, max_iter=20_000).fit(
        units, flat
    )
    return fitted, (units.mean(0), flat.mean(0))


def predict(neutral: np.ndarray, movement: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Landmarks (N, 68, 2) of units (N, U)."""
    return neutral + np.tensordot(units, movement, 1)


def cross_validate(
    faces: Faces, components: tuple[int, ...], restricted: bool = True
) -> dict[int, dict[str, float]]:
    """Figures of faces of people that the model has not seen, for each number of components.

    `r2` is 1 - (squared error) / (squared distance from the mean face of the training folds),
    summed over faces, points and coordinates; `r2_uniform` is the mean over the 136 coordinates of
    the same ratio; `rms` is the root of the mean squared distance of a point from where it should
    be, in interocular distances.
    """
    fold = folds_of(faces.people)
    errors = {n: np.zeros((68, 2)) for n in components}
    total = np.zeros((68, 2))
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        model = Model(faces.landmarks[train], faces.units[train], max(components), restricted)
        mean = faces.landmarks[train].mean(0)
        total += ((faces.landmarks[test] - mean) ** 2).sum(0)
        for n in components:
            found = predict(*model.coefficients(n), faces.units[test])
            errors[n] += ((faces.landmarks[test] - found) ** 2).sum(0)
    return {
        n: {
            "r2": round(float(1 - error.sum() / total.sum()), 4),
            "r2_uniform": round(float((1 - error / total).mean()), 4),
            "rms": round(float(np.sqrt(error.sum() / 68 / len(fold))), 4),
        }
        for n, error in errors.items()
    }


def choose(figures: dict[int, dict[str, float]]) -> int:
    """The fewest components whose r2 is near the best."""
    best = max(f["r2"] for f in figures.values())
    return min(n for n, f in figures.items() if f["r2"] >= best - ENOUGH)


def drawn_movement() -> dict[str, np.ndarray]:
    """`DRAWN` for both sides, (68, 2) each."""
    out = {}
    for unit, moves in DRAWN.items():
        side = np.zeros((68, 2))
        for point, move in moves.items():
            side[point] = move
        other = mirror(side[None])[0]
        out[unit] = np.where(side != 0, side, other)
    return out


def fit(faces: Faces, components: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """`neutral`, `movement` and the units drawn by hand, of all faces."""
    neutral, movement = Model(faces.landmarks, faces.units, components).coefficients(components)
    drawn = []
    for unit, moves in drawn_movement().items():
        if not movement[ACTION_UNITS.index(unit)].any():
            movement[ACTION_UNITS.index(unit)] = moves
            drawn.append(unit)
    return neutral, movement, drawn


def build(out: Path, datasets: tuple[str, ...] = DATASETS) -> dict[str, object]:
    """Train, cross-validate and write the model; returns its provenance."""
    faces = load(datasets)
    possible = tuple(n for n in COMPONENTS if n <= len(seen_units(faces.units)))
    figures = cross_validate(faces, possible)
    components = choose(figures)
    free = cross_validate(faces, (components,), restricted=False)
    neutral, movement, drawn = fit(faces, components)
    provenance = {
        "made_by": "models/training/train/face_shape.py",
        "license": LICENSE,
        "datasets": list(datasets),
        "faces": len(faces.people),
        "people": int(faces.people.max() + 1),
        "people_of_utkface": "unnamed; each image counts as a person",
        "pose": f"|Pitch| and |Yaw| below {np.rad2deg(NEAR_FRONTAL):.0f} degrees, frontalized by the mesh",
        "aligned_by": list(FIXED),
        "unit": "interocular distances",
        "components": components,
        "parts": "mouth and foot of the nose follow units of the lower face, the jaw's line AU26 alone",
        "folds": FOLDS,
        "figures": figures[components],
        "r2_if_every_point_followed_every_unit": free[components]["r2"],
        "curve": {str(n): f["r2"] for n, f in figures.items()},
        "drawn_by_hand": drawn,
        "caution": "units and landmarks come of one teacher's mesh: r2 says how well units give back its shape, "
        "not how well they agree with human coders",
    }
    np.savez_compressed(
        out,
        units=np.array(ACTION_UNITS),
        neutral=neutral.astype(np.float32),
        movement=movement.astype(np.float32),
        provenance=np.array(json.dumps(provenance)),
    )
    return provenance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = REPOSITORY / "python" / "mien" / "plot" / "face_model.npz"
    parser.add_argument("--out", type=Path, default=default)
    print(json.dumps(build(parser.parse_args().out), indent=1))


if __name__ == "__main__":
    main()
