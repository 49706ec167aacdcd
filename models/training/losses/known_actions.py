"""Losses of action units that are known exactly: sides read apart, and differences of two faces."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from models.training.losses.classification import binary_divergence
from models.training.losses.landmarks import wing
from models.training.losses.masked import masked_mean
from models.training.networks.behaviour import ACTION_UNITS, HEADS

LEFT = torch.tensor([i for i, unit in enumerate(ACTION_UNITS) if unit.endswith("_L")])
RIGHT = torch.tensor([i for i, unit in enumerate(ACTION_UNITS) if unit.endswith("_R")])
BEND = 0.1  # where smooth L1 goes from square to straight: of strengths, and of radians
LANDMARKS = next(head for head in HEADS if head.name == "landmarks")

POSED_WEIGHTS = {
    "action_units": 1.5,
    "sides": 2.0,
    "differences": 6.0,
    "landmarks": 0.2,
    "pose": 0.3,
    "gaze": 1.0,
}


def sides_loss(outputs: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """How far the left half less the right of sided units is off.

    Parameters
    ----------
    outputs : Tensor (N, U)
        Raw outputs of `ACTION_UNITS`.
    targets, mask : Tensor (N, U)
        Strengths from 0 to 1, and their weights; a unit counts where both sides do.
    """
    left, right = LEFT.to(outputs.device), RIGHT.to(outputs.device)
    strengths = torch.sigmoid(outputs)
    apart, wanted = (t[:, left] - t[:, right] for t in (strengths, targets))
    off = functional.smooth_l1_loss(apart, wanted, reduction="none", beta=BEND)
    return masked_mean(off, torch.minimum(mask[:, left], mask[:, right]))


def differences_loss(outputs: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """How far the changes from each pair's first face to its second are off.

    Units that did not change are asked not to. Faces (2 N, U) are paired one after the other.
    """
    strengths = torch.sigmoid(outputs)
    changed, wanted = (t[1::2] - t[::2] for t in (strengths, targets))
    off = functional.smooth_l1_loss(changed, wanted, reduction="none", beta=BEND)
    # What moved is one column of 35: it counts as much as all those that stayed together.
    weight = torch.minimum(mask[1::2], mask[::2]) * (1 + 8 * (wanted.abs() > 0.02))
    return masked_mean(off, weight)


def posed_losses(outputs: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, Tensor]:
    """Losses by the names of `POSED_WEIGHTS`, of faces (2 N, ...) in pairs with exact labels.

    Parameters
    ----------
    outputs : dict
        Raw network outputs by head.
    targets : dict
        Values by head, and ``mask_action_units`` (2 N, U).
    """
    units, wanted = outputs["action_units"], targets["action_units"]
    mask = targets["mask_action_units"]
    points = (targets["landmarks"] - LANDMARKS.offset) / LANDMARKS.scale
    losses = {
        "action_units": masked_mean(binary_divergence(units, wanted), mask),
        "sides": sides_loss(units, wanted, mask),
        "differences": differences_loss(units, wanted, mask),
        "landmarks": wing(outputs["landmarks"] - points).mean(),
    }
    for head in ("pose", "gaze"):
        losses[head] = functional.smooth_l1_loss(outputs[head], targets[head], beta=BEND)
    return losses
