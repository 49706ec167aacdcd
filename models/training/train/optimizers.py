"""Optimizers by the names that configurations have for them."""

from __future__ import annotations

import torch
from torch import nn

OPTIMIZERS = ("adamw", "sgd")


def weight_groups(network: nn.Module, decay: float) -> list[dict[str, object]]:
    """Parameters in two groups: weights with weight decay, biases and normalization without."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}]


def build_optimizer(
    name: str, network: nn.Module, rate: float, decay: float, momentum: float = 0.9
) -> torch.optim.Optimizer:
    """An optimizer of all of a network's parameters, every one with weight decay.

    Parameters
    ----------
    name : {"adamw", "sgd"}
        Which one.
    network : Module
        What is trained.
    rate, decay : float
        Learning rate and weight decay.
    momentum : float
        Of SGD.
    """
    if name == "adamw":
        return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    return torch.optim.SGD(network.parameters(), lr=rate, momentum=momentum, weight_decay=decay)
