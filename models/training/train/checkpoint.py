"""Checkpoints: everything that makes a resumed training go on as if it had never stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.training.datasets.paths import cache_dir, require
from models.training.train.ema import Average
from models.training.train.schedule import Clock, Patience

# A resumed training must agree in these; how long it goes on is free.
FIXED = ("batch", "rate", "decay", "warm", "others", "seed")


def checkpoint_path(name: str) -> Path:
    return cache_dir() / "behaviour" / f"{name}.pt"


@dataclass
class Run:
    """What changes while a network trains.

    Random numbers are not among it: the loop, the sampler and the data set draw each epoch's anew
    from the seed and the epoch.
    """

    network: nn.Module
    average: Average
    optimizer: torch.optim.Optimizer
    clock: Clock
    patience: Patience
    epoch: int = 0

    def save(self, path: Path, arguments: dict[str, Any]) -> None:
        """Write a checkpoint; a stop in the middle of it leaves the one before untouched."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "steps": self.average.steps,
            "optimizer": self.optimizer.state_dict(),
            "clock": self.clock.state(),
            "patience": self.patience.state(),
            "epoch": self.epoch,
            "arguments": json.dumps(arguments),
        }
        part = path.with_suffix(".pt.part")
        torch.save(state, part)
        part.replace(path)

    def restore(self, path: Path, arguments: dict[str, Any]) -> None:
        """Go on from a checkpoint; raises ValueError where it was trained in another way."""
        state = torch.load(require(path, "checkpoint"), weights_only=True, map_location="cpu")
        before = json.loads(state["arguments"])
        for key in FIXED:
            if key in before and before[key] != arguments[key]:
                raise ValueError(
                    f"{path}: was trained with {key} = {before[key]}, not {arguments[key]}"
                )
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.average.steps = state["steps"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.clock.restore(state["clock"])
        self.epoch = state["epoch"]
        if "patience" in state:  # checkpoints of networks 1.x have none
            self.patience.restore(state["patience"])


def averaged_weights(name: str) -> dict[str, torch.Tensor]:
    """The averaged weights of a checkpoint, which are the ones to use."""
    path = require(checkpoint_path(name), "checkpoint")
    return torch.load(path, weights_only=True, map_location="cpu")["average"]
