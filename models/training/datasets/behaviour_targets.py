"""Targets of the behaviour network for each image, and the weight of each target.

Three kinds of expression labels (`LabelOptions.labels`):

=========  =============================================================================
teacher    no human label: expressions come from the teacher's units (soft co-annotation)
human      FER2013's labels, smoothed; the other images have none
soft       human labels mixed with an earlier network's answers, which are all that the
           other images have
=========  =============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from models.training.datasets import circumplex, crops, unit_signals
from models.training.datasets.paths import cache_dir, require
from models.training.losses.behaviour import RELATIONS
from models.training.losses.relations import co_annotate, expression_from_units
from models.training.networks.behaviour import EXPRESSIONS

LABELS = ("teacher", "human", "soft")


@dataclass(frozen=True)
class LabelOptions:
    """How labels are made of the datasets' and the teachers'."""

    labels: str = "human"
    # Share of a human label that is spread over all expressions.
    smoothing: float = 0.1
    # Share of a human label that an earlier network's probabilities replace (`soft`).
    soft_share: float = 0.35
    # What a label that no human gave counts, against 1 for one that a human did.
    soft_trust: float = 0.4
    # How strongly rare expressions count more: 0 not at all, 1 as much as common ones together.
    balance: float = 0.25
    # Share of `unit_signals.EVIDENCE` that is mixed into the units' labels. Whatever is above 0
    # makes units echo expressions: an expression is no evidence for a muscle, and a network that
    # learns from it cannot say whether the unit goes with the expression. 0 leaves the teacher's
    # units as they are, and without a label where the teacher sees nothing (AU09).
    evidence: float = 1.0

    def __post_init__(self) -> None:
        if self.labels not in LABELS:
            raise ValueError(f"labels: wanted one of {LABELS}, got {self.labels!r}")
        for name in ("smoothing", "soft_share", "soft_trust", "balance", "evidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: wanted 0 to 1, got {getattr(self, name)}")


def annotation_path(dataset: str) -> Path:
    """File of an earlier network's expression probabilities (N, 7).

    `models.training.train.soft_labels` writes it.
    """
    return cache_dir() / "behaviour" / f"soft-{dataset}.npy"


def rarity(human: np.ndarray, balance: float) -> np.ndarray:
    """Weights (N,) that rise with an expression's rarity to the power `balance`, 1 on average."""
    counts = np.bincount(np.maximum(human, 0), human >= 0, minlength=len(EXPRESSIONS))
    weights = np.maximum(counts, 1.0) ** -balance
    weights /= (weights * counts).sum() / counts.sum()
    return weights[np.maximum(human, 0)]


def targets(
    dataset: str,
    labels: dict[str, np.ndarray],
    rows: np.ndarray,
    options: LabelOptions,
    train: bool,
) -> dict[str, np.ndarray]:
    """Targets and masks of some images of a dataset, one array (N, ...) a name.

    Parameters
    ----------
    labels : dict
        As `crops.load` gives them.
    rows : (N,) int
        The images wanted.
    train : bool
        True: smoothed labels and weights by rarity. False: labels as they are, to measure against.
    """
    found, human = labels["found"][rows], labels["expression"][rows]
    units = labels["units"][rows]
    evidence = options.evidence * unit_signals.evidence_share()
    shown = ~unit_signals.unseen() | (evidence > 0)
    known_units = found[:, None] * np.ones_like(evidence) * shown
    if options.labels == "teacher":
        expression = expression_from_units(torch.from_numpy(units), RELATIONS).numpy()
        # The units the teacher never shows have no label here: the expressions are made of units.
        known_units = known_units * (evidence < 1)
        clean, trust = expression, options.soft_trust * found
    else:
        expression, clean, trust = _human_expression(dataset, human, rows, options, train)
        # Where nobody says an expression, the teacher's units stand.
        known = (trust > 0)[:, None]
        units = np.where(known, co_annotate(units, clean, RELATIONS.numpy(), evidence), units)
        known_units = known_units * (known | ~unit_signals.unseen())
    return {
        "row": rows,
        "five": labels["five"][rows],
        "points": labels["landmarks"][rows],
        "rotation": labels["rotation"][rows],
        "direction": labels["gaze"][rows],
        "action_units": units.astype(np.float32),
        "expression": expression,
        "affect": circumplex.affect(clean, units),
        "human": human,
        "mask_expression": trust,
        "mask_affect": (trust > 0) & found,
        "mask_action_units": known_units.astype(np.float32),
        "mask_found": found,
        "mask_gaze": found * crops.GAZE_TRUST.get(dataset, 1.0),
    }


def _human_expression(
    dataset: str, human: np.ndarray, rows: np.ndarray, options: LabelOptions, train: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expression probabilities to learn, those to derive from (not smoothed), and their weights."""
    known = human >= 0
    clean = np.eye(len(EXPRESSIONS), dtype=np.float32)[np.maximum(human, 0)]
    expression, trust = clean, known.astype(np.float32)
    if train:
        expression = clean * (1 - options.smoothing) + options.smoothing / len(EXPRESSIONS)
    if options.labels == "soft":
        path = require(
            annotation_path(dataset), "soft labels; run python -m models.training.train.soft_labels"
        )
        said = np.load(path)[rows]
        mixed = (1 - options.soft_share) * expression + options.soft_share * said
        expression = np.where(known[:, None], mixed, said)
        clean = np.where(known[:, None], 0.5 * clean + 0.5 * said, said)
        trust = np.where(known, 1.0, options.soft_trust)
    if train and known.any():
        trust = trust * np.where(known, rarity(human, options.balance), 1.0)
    return expression, clean, trust
