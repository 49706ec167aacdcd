"""What changes while a localization network trains: checkpoints, rates, log."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import torch
from torch import nn

from models.training.train.detector_config import Config, Training
from models.training.train.ema import Average
from models.training.train.schedule import Patience

LOG_EVERY = 20
# What a resumed run must agree in: the network, what it learns, from what.
FIXED = ("seed", "network", "data", "loss")


def share_of_rate(training: Training, progress: float) -> float:
    """Share of the peak learning rate at ``progress``, 0 to 1 of the steps."""
    warm = training.warm
    if progress < warm:
        return max(progress / warm, 0.1 if training.schedule == "steps" else 0.01)
    if training.schedule == "steps":
        return 0.1 ** sum(progress >= drop for drop in training.drops)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm)))


def make_optimizer(network: nn.Module, training: Training) -> torch.optim.Optimizer:
    """The configuration's optimizer."""
    if training.optimizer == "adamw":
        return torch.optim.AdamW(
            network.parameters(), lr=training.rate, weight_decay=training.decay
        )
    return torch.optim.SGD(
        network.parameters(),
        lr=training.rate,
        momentum=training.momentum,
        weight_decay=training.decay,
    )


class Run:
    """A network in training, and what its checkpoints hold."""

    def __init__(self, network: nn.Module, config: Config) -> None:
        self.network, self.config = network, config
        self.average = Average(network, config.training.average)
        self.optimizer = make_optimizer(network, config.training)
        self.patience = Patience(config.watch.patience)
        self.step, self.progress = 0, 0.0

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    def save(self, path: Path) -> None:
        """Write a checkpoint; a stop in the middle of it leaves the one before untouched."""
        state = {
            "step": self.step,
            "progress": self.progress,
            "config": json.dumps(self.config.as_json()),
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "averaged": self.average.steps,
            "optimizer": self.optimizer.state_dict(),
            "patience": self.patience.state(),
        }
        part = path.with_suffix(".pt.part")
        torch.save(state, part)
        part.replace(path)

    def restore(self, path: Path, progress: float | None = None) -> None:
        """Go on from a checkpoint, its schedule set to ``progress`` where that is given.

        Raises ValueError where it was trained in another way.
        """
        state = torch.load(path, weights_only=True, map_location=self.device)
        if "config" in state:  # checkpoints older than the configuration files have none
            before, now = json.loads(state["config"]), json.loads(json.dumps(self.config.as_json()))
            for key in FIXED:
                if before[key] != now[key]:
                    raise ValueError(f"{path}: trained with {key} = {before[key]}, not {now[key]}")
            self.patience.restore(state["patience"])
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.average.steps = state.get("averaged", state["step"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        self.progress = state["progress"] if progress is None else progress


class Log:
    """JSON lines: every so many steps the means of the loss's parts.

    Parameters
    ----------
    path : Path
    first : int
        The step training goes on from: later lines of an interrupted run are dropped; 0 starts a
        new log.
    """

    def __init__(self, path: Path, first: int = 0) -> None:
        lines = path.read_text().splitlines() if first and path.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= first]
        path.write_text("".join(line + "\n" for line in kept))
        self._file, self._began = path.open("a"), time.monotonic()
        self._sums: dict[str, float] = {}
        self._count = 0

    def close(self) -> None:
        """Close the file; what is written already lies there."""
        self._file.close()

    def add(self, run: Run, parts: dict[str, float]) -> None:
        """Take one step's parts in."""
        self._count += 1
        self._sums = {name: self._sums.get(name, 0.0) + part for name, part in parts.items()}
        if run.step % LOG_EVERY:
            return
        seconds = round(time.monotonic() - self._began, 1)
        line = {"step": run.step, "progress": round(run.progress, 4), "seconds": seconds}
        means = {name: round(total / self._count, 4) for name, total in self._sums.items()}
        self.note(line | means)
        self._sums, self._count = {}, 0

    def note(self, line: dict[str, float]) -> None:
        """Write a line."""
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
