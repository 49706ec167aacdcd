"""The behaviour network's losses, one for each head."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from models.training.losses.affect import affect_loss, concordance, correlation
from models.training.losses.classification import binary_divergence, cross_entropy
from models.training.losses.known_actions import LANDMARKS, sides_loss
from models.training.losses.landmarks import wing
from models.training.losses.masked import by_column, known, masked_mean
from models.training.losses.relations import distribution_matching, relation_matrix
from models.training.networks.behaviour import ACTION_UNITS, EXPRESSIONS

__all__ = [
    "RELATIONS",
    "WEIGHTS",
    "behaviour_losses",
    "concordance",
    "correlation",
    "total",
    "wing",
]

# Brings the heads' losses to comparable gradients; expression is what the data are poorest in.
WEIGHTS = {
    "expression": 1.0,
    "action_units": 3.0,
    "affect": 0.5,
    "landmarks": 2.0,
    "pose": 3.0,
    "gaze": 1.0,
    # Asks units to go with the expression, whatever the face shows: units then echo expressions.
    "matching": 0.1,
    # Left minus right of the sided units.
    "sides": 0.0,
}
RELATIONS = torch.from_numpy(relation_matrix(EXPRESSIONS, ACTION_UNITS))
# Where smooth L1 goes from square to straight, in radians: about 6 degrees.
ANGLE_BEND = 0.1


def behaviour_losses(
    outputs: dict[str, Tensor],
    targets: dict[str, Tensor],
    masks: dict[str, Tensor],
    matched: Tensor,
    shares: Tensor | None = None,
    error: str = "rmse",
) -> dict[str, Tensor]:
    """Losses by head.

    Parameters
    ----------
    outputs : dict
        Raw network outputs (N, K).
    targets : dict
        Values in the heads' units (N, K); `expression` holds probabilities. What a mask leaves out
        may be anything, NaN too.
    masks : dict
        Weights by head, 0 = no such label: (N,), for `action_units` (N, U) as well.
    matched : Tensor (U,) bool
        The units whose distribution is matched to the expression's. This needs no labels: every
        sample's two answers are asked to agree.
    shares : Tensor (3,), optional
        Weights of the affect loss's parts; drawn at random when left out (shake-shake).
    error : {"rmse", "mse"}
        Of the affect loss.
    """
    targets = {head: known(targets[head], masks[head]) for head in masks}
    device = outputs["expression"].device
    shares = torch.rand(3) if shares is None else shares
    losses = {}
    if matched.any():
        matching = distribution_matching(
            outputs["action_units"], outputs["expression"], RELATIONS.to(device)
        )
        losses["matching"] = matching[:, matched].mean()
    losses["expression"] = masked_mean(
        cross_entropy(outputs["expression"], targets["expression"]), masks["expression"]
    )
    units = binary_divergence(outputs["action_units"], targets["action_units"])
    losses["action_units"] = masked_mean(units, by_column(masks["action_units"], units))
    losses["sides"] = sides_loss(
        outputs["action_units"], targets["action_units"], by_column(masks["action_units"], units)
    )
    losses["affect"] = affect_loss(
        torch.tanh(outputs["affect"]),
        targets["affect"],
        masks["affect"],
        shares.to(device),
        error,
    )
    points = (targets["landmarks"] - LANDMARKS.offset) / LANDMARKS.scale
    losses["landmarks"] = masked_mean(
        wing(outputs["landmarks"] - points).mean(1), masks["landmarks"]
    )
    for head in ("pose", "gaze"):
        apart = functional.smooth_l1_loss(
            outputs[head], targets[head], reduction="none", beta=ANGLE_BEND
        )
        losses[head] = masked_mean(apart.mean(1), masks[head])
    return losses


def total(losses: dict[str, Tensor], weights: dict[str, float] = WEIGHTS) -> Tensor:
    """Weighted sum of the heads' losses."""
    return torch.stack([weights[head] * loss for head, loss in losses.items()]).sum()
