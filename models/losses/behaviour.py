"""Losses of the behaviour network, each averaged over the samples whose mask is not zero."""

from __future__ import annotations

import torch
from torch.nn import functional

from models.losses.relations import distribution_matching

# Brings the heads' losses to comparable gradients; expression is what the data are poorest in.
WEIGHTS = {
    "expression": 1.0,
    "action_units": 3.0,
    "affect": 0.5,
    "landmarks": 2.0,
    "pose": 3.0,
    "gaze": 1.0,
    "matching": 0.1,
}
WING_WIDTH = 0.25
WING_CURVE = 0.05


def masked_mean(loss: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of a per-sample loss (N,) under weights (N,); 0 where every weight is 0."""
    return (loss * mask).sum() / mask.sum().clamp_min(1e-6)


def wing(error: torch.Tensor, width: float = WING_WIDTH, curve: float = WING_CURVE) -> torch.Tensor:
    """Wing loss (Feng et al. 2018): logarithmic below `width`, linear above, continuous."""
    size = error.abs()
    scale = torch.log1p(torch.tensor(width / curve, dtype=size.dtype))
    near = width * torch.log1p(size / curve) / scale
    return torch.where(size < width, near, size)


def correlation(a: torch.Tensor, b: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Pearson's correlation of two (N,) vectors under weights (N,)."""
    total = mask.sum().clamp_min(1e-6)
    from_a = a - (a * mask).sum() / total
    from_b = b - (b * mask).sum() / total
    var_a = (from_a.square() * mask).sum() / total
    var_b = (from_b.square() * mask).sum() / total
    cov = (from_a * from_b * mask).sum() / total
    return cov / ((var_a + 1e-8) * (var_b + 1e-8)).sqrt()


def concordance(a: torch.Tensor, b: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Lin's concordance correlation of two (N,) vectors under weights (N,)."""
    total = mask.sum().clamp_min(1e-6)
    mean_a, mean_b = (a * mask).sum() / total, (b * mask).sum() / total
    from_a, from_b = a - mean_a, b - mean_b
    var_a = (from_a.square() * mask).sum() / total
    var_b = (from_b.square() * mask).sum() / total
    cov = (from_a * from_b * mask).sum() / total
    return 2 * cov / (var_a + var_b + (mean_a - mean_b).square() + 1e-8)


def affect_loss(
    affect: torch.Tensor, target: torch.Tensor, mask: torch.Tensor, shares: torch.Tensor
) -> torch.Tensor:
    """Regression loss of valence and arousal, with shake-shake weights.

    The three ways of being wrong, root mean square error, 1 - PCC and 1 - CCC (each the mean of
    valence and arousal), are added with weights drawn anew for every batch, which add up to one
    (EmoFAN: Toisoul et al. 2021, eq. 1).

    Parameters
    ----------
    affect, target : Tensor (N, 2)
    mask : Tensor (N,)
    shares : Tensor (3,)
        The random weights before normalization, each in 0..1.
    """
    squared = [masked_mean((affect[:, i] - target[:, i]).square(), mask) for i in range(2)]
    rmse = torch.stack(squared).add(1e-8).sqrt().mean()
    pcc = torch.stack([correlation(affect[:, i], target[:, i], mask) for i in range(2)]).mean()
    ccc = torch.stack([concordance(affect[:, i], target[:, i], mask) for i in range(2)]).mean()
    shares = shares / shares.sum().clamp_min(1e-6)
    return shares[0] * rmse + shares[1] * (1 - pcc) + shares[2] * (1 - ccc)


def behaviour_losses(
    outputs: dict[str, torch.Tensor],
    targets: dict[str, torch.Tensor],
    masks: dict[str, torch.Tensor],
    landmark_scale: float,
    landmark_offset: float,
    relations: torch.Tensor,
    matched: torch.Tensor,
) -> dict[str, torch.Tensor]:
    """Losses by head.

    Parameters
    ----------
    outputs : dict
        Raw network outputs (N, K).
    targets : dict
        Values in the heads' units (N, K); `expression` holds probabilities.
    masks : dict
        Weights (N,) by head, 0 = this sample has no such label.
    relations : Tensor (7, U)
        P(unit | expression).
    matched : Tensor (U,) bool
        The units whose distribution is matched to the expression's.
    """
    losses = {}
    matching = distribution_matching(outputs["action_units"], outputs["expression"], relations)
    losses["matching"] = matching[:, matched].mean()
    log_p = functional.log_softmax(outputs["expression"], 1)
    losses["expression"] = masked_mean(-(targets["expression"] * log_p).sum(1), masks["expression"])
    bce = functional.binary_cross_entropy_with_logits(
        outputs["action_units"], targets["action_units"], reduction="none"
    )
    # The entropy of a soft target is no fault of the network's: without it a perfect guess costs 0.
    target = targets["action_units"].clamp(1e-4, 1 - 1e-4)
    entropy = -(target * target.log() + (1 - target) * (1 - target).log())
    losses["action_units"] = masked_mean((bce - entropy).mean(1), masks["action_units"])
    losses["affect"] = affect_loss(
        torch.tanh(outputs["affect"]), targets["affect"], masks["affect"], torch.rand(3)
    )
    points = (targets["landmarks"] - landmark_offset) / landmark_scale
    losses["landmarks"] = masked_mean(
        wing(outputs["landmarks"] - points).mean(1), masks["landmarks"]
    )
    for head in ("pose", "gaze"):
        error = functional.smooth_l1_loss(outputs[head], targets[head], reduction="none", beta=0.1)
        losses[head] = masked_mean(error.mean(1), masks[head])
    return losses


def total(losses: dict[str, torch.Tensor]) -> torch.Tensor:
    """Weighted sum of the heads' losses."""
    return torch.stack([WEIGHTS[head] * loss for head, loss in losses.items()]).sum()
