"""Crops with labels for judging a behaviour network, as the engine would cut them."""

from __future__ import annotations

import numpy as np

from models.corpora import crops
from models.corpora.behaviour_set import Crops
from models.corpora.teacher_mesh import CORPORA

Labels = dict[str, np.ndarray]


def labelled(
    corpus: str,
    part: str = "held_out",
    most: int | None = None,
    seed: int = 0,
    detected: bool = False,
) -> Labels:
    """A part of a corpus, or at most ``most`` pictures of it, one array (N, ...) a name.

    Crops are cut by the teacher's five points or, if ``detected``, by those of the pack's own
    detector where it found the face.

    ``crop`` (N, 112, 112, 3) uint8; ``name``; ``human``, index of the expression or -1; ``found``,
    whether the teacher saw a face; ``teacher_units``, what the teacher alone says; and for each
    head what it was asked to say. Targets of units mix in what expressions let expect, and targets
    of valence and arousal are made of expressions: known only where those are (``mask_affect``).
    """
    dataset = Crops((corpus,), training=False, part=part, detected=float(detected))
    rows = np.arange(len(dataset))
    if most is not None and most < len(rows):
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:most])
    items = [dataset[int(row)] for row in rows]
    out = {key: np.stack([item[key] for item in items]) for key in items[0]}
    _, labels = crops.load(corpus)
    members = dataset.table["row"][rows]
    out |= {"name": labels["names"][members], "teacher_units": labels["units"][members]}
    return out | {"found": out["mask_found"] > 0}


def held_out(detected: bool = False) -> dict[str, Labels]:
    """What training never saw, of every corpus."""
    return {c: labelled(c, detected=detected) for c in ("fer2013", "lfw", "utkface")}


def sample(most: int) -> dict[str, Labels]:
    """Some training pictures of every corpus: to decide by, not to judge by."""
    return {corpus: labelled(corpus, "train", most) for corpus in sorted(CORPORA)}
