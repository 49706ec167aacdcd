"""Exponential moving average (EMA) of a network's weights."""

from __future__ import annotations

import copy

import torch
from torch import nn


class MovingAverage:
    """Moving average of weights and buffers, which generalizes better than the last step's.

    Parameters
    ----------
    network : Module
        Where the average starts.
    decay : float
        Share of the average that stays at every step; less in the first steps, when there is little
        to average.

    Attributes
    ----------
    network : Module
        The averaged network, in evaluation mode.
    steps : int
        Steps taken in.
    """

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay, self.steps = decay, 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take one step of training in; integers (as batch normalization's counts) are copied."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        ours, theirs = self.network.state_dict(), network.state_dict()
        for key, value in ours.items():
            if value.dtype.is_floating_point:
                value.lerp_(theirs[key], 1 - decay)
            else:
                value.copy_(theirs[key])
