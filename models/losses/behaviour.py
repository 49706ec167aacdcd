"""Losses of the behaviour network, each averaged over the samples whose mask is not zero."""

from __future__ import annotations

import torch
from torch.nn import functional

# Brings the heads' losses to comparable gradients; expression is what the data are poorest in.
WEIGHTS = {
    "expression": 1.0,
    "action_units": 3.0,
    "affect": 0.5,
    "landmarks": 2.0,
    "pose": 3.0,
    "gaze": 1.0,
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


def concordance(a: torch.Tensor, b: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Lin's concordance correlation of two (N,) vectors under weights (N,)."""
    total = mask.sum().clamp_min(1e-6)
    mean_a, mean_b = (a * mask).sum() / total, (b * mask).sum() / total
    from_a, from_b = a - mean_a, b - mean_b
    var_a = (from_a.square() * mask).sum() / total
    var_b = (from_b.square() * mask).sum() / total
    cov = (from_a * from_b * mask).sum() / total
    return 2 * cov / (var_a + var_b + (mean_a - mean_b).square() + 1e-8)


def behaviour_losses(
    outputs: dict[str, torch.Tensor],
    targets: dict[str, torch.Tensor],
    masks: dict[str, torch.Tensor],
    landmark_scale: float,
    landmark_offset: float,
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
    """
    losses = {}
    log_p = functional.log_softmax(outputs["expression"], 1)
    losses["expression"] = masked_mean(-(targets["expression"] * log_p).sum(1), masks["expression"])
    bce = functional.binary_cross_entropy_with_logits(
        outputs["action_units"], targets["action_units"], reduction="none"
    )
    # The entropy of a soft target is no fault of the network's: without it a perfect guess costs 0.
    target = targets["action_units"].clamp(1e-4, 1 - 1e-4)
    entropy = -(target * target.log() + (1 - target) * (1 - target).log())
    losses["action_units"] = masked_mean((bce - entropy).mean(1), masks["action_units"])
    affect = torch.tanh(outputs["affect"])
    mse = masked_mean((affect - targets["affect"]).square().mean(1), masks["affect"])
    ccc = [concordance(affect[:, i], targets["affect"][:, i], masks["affect"]) for i in range(2)]
    losses["affect"] = mse + 0.5 * (2 - ccc[0] - ccc[1])
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
