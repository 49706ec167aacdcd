"""Labelled crops for the evaluation of a behaviour network, aligned as in the engine."""

from __future__ import annotations

import numpy as np

from models.training.datasets import crops
from models.training.datasets.behaviour_set import Crops
from models.training.datasets.teacher_mesh import DATASETS

Labels = dict[str, np.ndarray]


def labelled(
    dataset: str,
    part: str = "held_out",
    most: int | None = None,
    seed: int = 0,
    detected: bool = False,
) -> Labels:
    """A part of a dataset, or at most ``most`` images of it, one array (N, ...) a name.

    Crops are cut by the teacher's five points or, if ``detected``, by those of the pack's own
    detector where it found the face.

    ``crop`` (N, 112, 112, 3) uint8; ``name``; ``human``, index of the expression or -1; ``found``,
    whether the teacher saw a face; ``teacher_units``, what the teacher alone says; and for each
    head what it was asked to say. Targets of units mix in what expressions let expect, and targets
    of valence and arousal are made of expressions: known only where those are (``mask_affect``).
    """
    crop_set = Crops((dataset,), training=False, part=part, detected=float(detected))
    rows = np.arange(len(crop_set))
    if most is not None and most < len(rows):
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:most])
    items = [crop_set[int(row)] for row in rows]
    out = {key: np.stack([item[key] for item in items]) for key in items[0]}
    _, labels = crops.load(dataset)
    members = crop_set.table["row"][rows]
    out |= {"name": labels["names"][members], "teacher_units": labels["units"][members]}
    return out | {"found": out["mask_found"] > 0}


def held_out(detected: bool = False) -> dict[str, Labels]:
    """What training never saw, of every dataset."""
    return {c: labelled(c, detected=detected) for c in ("fer2013", "lfw", "utkface")}


def sample(most: int) -> dict[str, Labels]:
    """Some training images of every dataset, for decisions and not for reported metrics."""
    return {dataset: labelled(dataset, "train", most) for dataset in sorted(DATASETS)}
