"""Checkpoints: everything that a resumed training needs to go on as if it had never stopped."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.training.datasets.paths import cache_dir
from models.training.train.checkpoint_formats import FORMAT, read_checkpoint
from models.training.train.ema import MovingAverage
from models.training.train.schedule import Patience, Progress


def checkpoint_path(name: str) -> Path:
    """File of a behaviour network's checkpoint of some name."""
    return cache_dir() / "behaviour" / f"{name}.pt"


@dataclass
class TrainingState:
    """What changes while a network trains.

    Random numbers are not among it: every epoch's or batch's are drawn anew from the seed and its
    number.

    Attributes
    ----------
    rounds : int
        Finished rounds (`trainer.Task`); epochs, where a round is one.
    """

    network: nn.Module
    ema: MovingAverage
    optimizer: torch.optim.Optimizer
    progress: Progress
    patience: Patience
    rounds: int = 0

    def done(self) -> bool:
        """Whether training has come to its end."""
        return self.progress.value >= 1 or self.patience.over()

    def save(self, path: Path, config: Mapping[str, Any]) -> None:
        """Write a checkpoint; a stop in the middle of it leaves the one before untouched."""
        state = {
            "format": FORMAT,
            "network": self.network.state_dict(),
            "ema": self.ema.network.state_dict(),
            "ema_steps": self.ema.steps,
            "optimizer": self.optimizer.state_dict(),
            "progress": self.progress.state(),
            "patience": self.patience.state(),
            "rounds": self.rounds,
            "config": json.dumps(config),
        }
        part = path.with_suffix(".pt.part")
        torch.save(state, part)
        part.replace(path)

    def restore(self, path: Path, config: Mapping[str, Any], fixed: Collection[str]) -> None:
        """Go on from a checkpoint.

        Parameters
        ----------
        path : Path
            The checkpoint, of any version.
        config : mapping
            The configuration of this training.
        fixed : collection of str
            Its keys in which both must agree.

        Raises
        ------
        ValueError
            The checkpoint was trained with another value of a fixed key.
        """
        state = read_checkpoint(path)
        before, now = json.loads(state.get("config", "{}")), json.loads(json.dumps(config))
        for key in fixed:
            if key in before and before[key] != now[key]:
                raise ValueError(f"{path}: was trained with {key} = {before[key]}, not {now[key]}")
        self.network.load_state_dict(state["network"])
        self.ema.network.load_state_dict(state["ema"])
        self.ema.steps = state["ema_steps"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress.restore(state["progress"])
        self.rounds = state.get("rounds", 0)
        if "patience" in state:  # the oldest checkpoints have none
            self.patience.restore(state["patience"])


def ema_weights(name: str) -> dict[str, torch.Tensor]:
    """The averaged weights of a behaviour checkpoint, which are the ones to use."""
    weights: dict[str, torch.Tensor] = read_checkpoint(checkpoint_path(name))["ema"]
    return weights
