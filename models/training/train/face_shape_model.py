"""Partial least squares from action units to the shape of a face, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.training.networks.behaviour import ACTION_UNITS, MIRROR_UNITS
from models.training.train.face_shape_data import Faces, mirror

if TYPE_CHECKING:
    from sklearn.cross_decomposition import PLSRegression

FOLDS = 3
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


def _fit(
    units: np.ndarray, shapes: np.ndarray, largest: int
) -> tuple[PLSRegression, tuple[np.ndarray, np.ndarray]]:
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
    """Metrics on faces of people that the model has not seen, for each number of components.

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
