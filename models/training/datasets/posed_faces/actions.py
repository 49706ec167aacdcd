"""Action units of posed faces: which shapes move for a unit, and how units are drawn."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from models.training.datasets.posed_faces.assets import Assets
from models.training.networks.behaviour import ACTION_UNITS

Rng = np.random.Generator

# Unit -> FACSHuman's shapes; one of them is drawn.
SHAPES = {
    "AU01": ("1",),
    "AU02": ("2",),
    "AU04": ("4", "4_a"),
    "AU05": ("5",),
    "AU06": ("6",),
    "AU07": ("7",),
    "AU09": ("9",),
    "AU10": ("10",),
    "AU12": ("12",),
    "AU14": ("14",),
    "AU15": ("15",),
    "AU16": ("16",),
    "AU17": ("17", "17_a"),
    "AU18": ("18", "18_a"),
    "AU20": ("20",),
    "AU22": ("22_25_up_down",),
    "AU23": ("23",),
    "AU24": ("24",),
    "AU25": ("25",),
    "AU26": ("26", "26_a"),
    "AU28": ("28",),
    "AU43": ("43",),
}
# Strengths of a shape at a unit's 1, where FACSHuman's own is far from the photographs' 99th
# percentile: its jaw drops twice as far, its lips part less.
GAINS = {"AU25": 1.4, "AU26": 0.6}
# Actions that no column names: they must move nothing else.
OTHERS = ("11", "13", "19", "29", "L30", "R30", "34", "38")
SIDED = tuple(sorted({u[:4] for u in ACTION_UNITS if "_" in u}))
FADE = 0.03  # decimetres by which a half of a shape has faded to a quarter beyond the middle
# Actions of the same muscles or lips that don't come together.
EXCLUSIVE = (
    {"AU43", "AU05"}, {"AU28", "AU22", "AU18", "AU24", "AU23", "AU20"},
    {"AU28", "AU10", "AU16"}, {"AU24", "AU25", "AU26"}, {"AU12", "AU18"}, {"AU43", "AU07"},
)  # fmt: skip


@lru_cache(maxsize=None)
def half(assets: Assets, shape: str, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Displacements of a shape on one side, ``L`` or ``R``, as `Assets.target` gives them.

    Always made of the whole: FACSHuman's own halves differ from it, those of 25 by a factor of ten.
    """
    indices, moves = assets.target(assets.unit(shape))
    left = 1 / (1 + np.exp(-assets.base.vertices[indices, 0] / FADE))
    return indices, moves * (left if side == "L" else 1 - left)[:, None]


def draw_units(rng: Rng) -> np.ndarray:
    """Strengths (U,) of the columns `ACTION_UNITS`: one unit alone, or several.

    A fifth of the faces rest; of the sided units a third moves on one side more than on the other.
    """
    strengths = np.zeros(len(ACTION_UNITS), np.float32)
    kind = rng.random()
    count = 0 if kind < 0.08 else 1 if kind < 0.4 else int(rng.integers(2, 7))
    for unit in rng.permutation(list(SHAPES))[:count].tolist():
        if any(unit in group and _active(strengths, group) for group in EXCLUSIVE):
            continue
        set_unit(strengths, unit, *draw_sides(rng))
    return strengths


def draw_sides(rng: Rng) -> tuple[float, float]:
    """Strengths of the left and the right half."""
    strength = float(rng.uniform(0.1, 1))
    kind = rng.random()
    other = strength if kind < 0.6 else 0.0 if kind < 0.8 else float(rng.uniform(0, strength))
    return (strength, other) if rng.random() < 0.5 else (other, strength)


def set_unit(strengths: np.ndarray, unit: str, left: float, right: float) -> None:
    """Set a unit's columns in place; a unit without sides gets the greater strength."""
    if unit in SIDED:
        for side, value in (("L", left), ("R", right)):
            strengths[ACTION_UNITS.index(f"{unit}_{side}")] = value
    else:
        strengths[ACTION_UNITS.index(unit)] = max(left, right)


def _active(strengths: np.ndarray, units: set[str]) -> bool:
    return any(strengths[i] > 0 for i, name in enumerate(ACTION_UNITS) if name[:4] in units)


def pose(assets: Assets, body: np.ndarray, strengths: np.ndarray, alternative: int) -> np.ndarray:
    """A body (19158, 3) with the units of ``strengths`` (U,); ``alternative`` picks the shapes."""
    body = body.copy()
    for index, column in enumerate(ACTION_UNITS):
        if strengths[index] <= 0:
            continue
        unit, _, side = column.partition("_")
        shape = SHAPES[unit][alternative % len(SHAPES[unit])]
        for part in side or "LR":
            indices, moves = half(assets, shape, part)
            body[indices] += strengths[index] * GAINS.get(unit, 1.0) * moves
    return body
