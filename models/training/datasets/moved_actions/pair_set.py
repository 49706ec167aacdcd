"""Batches of pairs for training: crops with the same jitter and light, and what is known of them.

pairs = PairSet(folder)
batch = pairs.batch(32, np.random.default_rng(0))
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from models.training.datasets.augment_behaviour import MIDDLE, photometric
from models.training.datasets.moved_actions.pairs import MARGIN
from models.training.datasets.moved_actions.units import UNITS
from models.training.networks.behaviour import ACTION_UNITS, BORDER, MIRROR_UNITS, SIZE

TURN, SCALE, SHIFT = np.radians(5), 0.05, 1.5  # standard deviations of the jitter


def columns(unit: str, side: str, strength: float) -> dict[str, np.ndarray]:
    """What is known of a pair, (U,) float32 each.

    Returns
    -------
    dict
        ``change``, and masks ``moved``, ``side`` and ``others`` as `losses.pairs.pair_losses` takes
        them. Units that the movement takes along are in no mask.
    """
    named = [name.partition("_") for name in ACTION_UNITS]
    own = np.array([base == unit for base, _, _ in named])
    here = np.array([side == "both" or s == "" or s == side[0].upper() for _, _, s in named])
    free = np.array([base in UNITS[unit].takes for base, _, _ in named])
    masks = {"moved": own & here, "side": own & ~here, "others": ~own & ~free}
    known = {kind: mask.astype(np.float32) for kind, mask in masks.items()}
    return {"change": known["moved"] * np.float32(strength)} | known


class PairSet:
    """All pairs of a folder, in memory: 98 kB a pair.

    Parameters
    ----------
    folder : Path
        As `python -m models.training.datasets.moved_actions` writes it.

    Raises
    ------
    FileNotFoundError
        There is no file of pairs.
    """

    def __init__(self, folder: Path) -> None:
        cv2.setNumThreads(1)
        paths = [p for p in sorted(folder.glob("pairs-*.npz")) if ".part" not in p.name]
        if not paths:
            raise FileNotFoundError(
                f"{folder}: no pairs; run python -m models.training.datasets.moved_actions"
            )
        files = [dict(np.load(path)) for path in paths]
        self._still, self._moved = (
            np.concatenate([f[name] for f in files]) for name in ("still", "moved")
        )
        rows = [
            columns(str(unit), str(side), float(strength))
            for f in files
            for unit, side, strength in zip(f["unit"], f["side"], f["strength"], strict=True)
        ]
        self._known = {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def __len__(self) -> int:
        return len(self._still)

    def batch(self, count: int, random: np.random.Generator) -> dict[str, Tensor]:
        """Pairs drawn at random.

        Returns
        -------
        dict
            ``crop`` (2 count, 112, 112, 3) uint8: the still faces, then the moved ones; ``change``
            and the masks (count, U).
        """
        rows = random.integers(0, len(self), count)
        mirrored = random.random(count) < 0.5
        crops = [self._crops(r, m, random) for r, m in zip(rows, mirrored, strict=True)]
        known = {name: values[rows] for name, values in self._known.items()}
        for values in known.values():
            values[mirrored] = values[mirrored][:, MIRROR_UNITS]
        crop = np.stack([still for still, _ in crops] + [moved for _, moved in crops])
        return {n: torch.from_numpy(v) for n, v in ({"crop": crop} | known).items()}

    def _crops(
        self, row: int, mirrored: bool, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The two crops of a pair, changed alike but for a little of the alignment."""
        angle, scale = random.normal(0, TURN), np.exp(random.normal(0, SCALE))
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shift = random.normal(0, SHIFT, 2)
        seed = int(random.integers(2**32))
        made = []
        for image in (self._still[row], self._moved[row]):
            offset = MIDDLE + shift + random.normal(0, 0.3, 2) - turn @ (MIDDLE + MARGIN)
            matrix = np.concatenate([turn, offset[:, None]], 1)
            crop = cv2.warpAffine(image, matrix, (SIZE, SIZE), borderValue=(BORDER,) * 3)
            crop = np.ascontiguousarray(crop[:, ::-1]) if mirrored else crop
            made.append(photometric(crop, np.random.default_rng(seed)))
        return made[0], made[1]
