"""Posed faces as a dataset of pairs, augmented as the photographs are and both alike."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import Dataset

from models.training.datasets.augment_behaviour import jitter, photometric, warp_varied
from models.training.datasets.behaviour_set import mirror, values_in_crop
from models.training.datasets.posed_faces import cache
from models.training.networks.behaviour import ACTION_UNITS

HELD_OUT = 20  # one pair of so many is never trained on
CLOSED = 0.5  # from this strength on closed lids hide what the lids else do
LIDS = {s: ACTION_UNITS.index(f"AU43_{s}") for s in "LR"}
HIDDEN = {s: [ACTION_UNITS.index(f"{u}_{s}") for u in ("AU05", "AU07")] for s in "LR"}
HEADS = ("action_units", "landmarks", "pose", "gaze")


class PosedPairs(Dataset):
    """Pairs of crops (2, 112, 112, 3) uint8 with values by head (2, K).

    Parameters
    ----------
    folder : Path, optional
        Of the faces; by default that of the cache.
    seed : int
        With `epoch` and the pair's index it decides every change made to a pair.
    training : bool
        False: the pairs held out.
    """

    def __init__(self, folder: Path | None = None, seed: int = 0, training: bool = True) -> None:
        cv2.setNumThreads(1)
        self.faces, self.seed, self.epoch = cache.load(folder), seed, 0
        numbers = np.arange(len(self.faces) // 2)
        self.numbers = numbers[(numbers % HELD_OUT > 0) == training]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        pair = int(self.numbers[index])
        faces = [self._face(2 * pair + k, (self.seed, self.epoch, pair)) for k in (0, 1)]
        return {key: np.stack([face[key] for face in faces]) for key in faces[0]}

    def _face(self, row: int, key: tuple[int, int, int]) -> dict[str, np.ndarray]:
        """One face; the same key changes the same."""
        random = np.random.default_rng(key)
        labels = self.faces.labels
        # Both of a pair are aligned by the first's noise, each by its own points.
        matrix = jitter(labels["five"][row].astype(np.float64), random)
        rgb = warp_varied(self.faces.image(row), matrix, random)
        values = _values(labels, row, matrix)
        if random.random() < 0.5:
            rgb, values = rgb[:, ::-1], mirror(values)
        out = {head: np.asarray(values[head], np.float32) for head in HEADS}
        out["mask_action_units"] = visible(out["action_units"])
        out["crop"] = np.ascontiguousarray(photometric(np.ascontiguousarray(rgb), random))
        return out


def _values(labels: dict[str, np.ndarray], row: int, matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Values by head of a face in the crop that ``matrix`` (2, 3) makes."""
    named = {
        "points": labels["landmarks"][row],
        "rotation": labels["rotation"][row],
        "direction": labels["gaze"][row],
        "action_units": labels["units"][row],
        "expression": None,
        "affect": None,
    }
    values = values_in_crop(named, matrix)
    return {head: values[head] for head in HEADS}


def visible(units: np.ndarray) -> np.ndarray:
    """Weights (U,): 0 for what closed lids hide."""
    mask = np.ones(len(units), np.float32)
    for side, lid in LIDS.items():
        if units[lid] > CLOSED:
            mask[HIDDEN[side]] = 0
    return mask
