"""The training loop of both networks; what is a network's own is its `Task`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from models.training.train.checkpoint import TrainingState
from models.training.train.display import Display
from models.training.train.learning_rate import LearningRate
from models.training.train.log import LossMeans, TrainingLog

EVENTS = frozenset({"validate", "save", "log"})
"""What may be due at the end of a round."""


@dataclass(frozen=True)
class TrainingOptions:
    """What the command line says of a training, whichever network it is.

    Attributes
    ----------
    minutes : float, optional
        Length in minutes, instead of the configuration's steps or epochs.
    device : str
        ``cpu`` or ``cuda``.
    resume : bool
        Go on from the last checkpoint.
    """

    minutes: float | None = None
    device: str = "cpu"
    resume: bool = False


@dataclass(frozen=True)
class Files:
    """Where a training writes: last and best checkpoint, and log."""

    last: Path
    best: Path
    log: Path


class Task(Protocol):
    """A network's part of its training.

    Training goes in rounds: a round is an epoch, or the steps to the next validation, checkpoint or
    line of the log.
    """

    def batches(self, state: TrainingState) -> Iterable[Any]:
        """The batches of the next round."""
        ...

    def loss(self, network: nn.Module, batch: Any) -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch, to be minimized, and its parts as numbers."""
        ...

    def due(self, state: TrainingState) -> Collection[str]:
        """Which of `EVENTS` are due at the end of a round."""
        ...

    def validation_loss(self, network: nn.Module) -> float | None:
        """The loss on images that training does not see; None where there are none."""
        ...

    def metrics(self, network: nn.Module) -> dict[str, float]:
        """Further numbers of a network, for the log alone."""
        ...


class Trainer:
    """Trains a network to the end of its schedule, or until its validation loss falls no more.

    Parameters
    ----------
    task : Task
        The network's own part.
    state : TrainingState
        Where training starts or goes on.
    learning_rate : callable
        Learning rate by progress.
    clip : float
        Largest norm of the gradient.
    files : Files
        Where checkpoints and log go.
    config : mapping
        The configuration that checkpoints keep, for JSON.
    """

    def __init__(
        self,
        task: Task,
        state: TrainingState,
        learning_rate: LearningRate,
        clip: float,
        files: Files,
        config: Mapping[str, Any],
    ) -> None:
        self.task, self.state, self.files, self.config = task, state, files, config
        self._learning_rate, self._clip = learning_rate, clip
        self._means = LossMeans()

    def train(self) -> None:
        """Train to the end; the last checkpoint is then that of the end."""
        log = TrainingLog(self.files.log, self.state.progress.steps)
        with closing(log), Display(self.state) as display:
            while not self.state.done():
                self._round(display)
                self._finish_round(log, display)
        self._save(self.files.last)

    def step(self, batch: Any) -> dict[str, float]:
        """Learn from one batch.

        Returns
        -------
        dict
            The parts of its loss.

        Raises
        ------
        FloatingPointError
            The loss is not finite.
        """
        state = self.state
        for group in state.optimizer.param_groups:
            group["lr"] = self._learning_rate(state.progress.value)
        state.network.train()
        loss, parts = self.task.loss(state.network, batch)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"step {state.progress.steps}: the loss is {loss.item()}")
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(state.network.parameters(), self._clip)
        state.optimizer.step()
        state.ema.update(state.network)
        state.progress.tick()
        return parts

    def _round(self, display: Display) -> None:
        for batch in self.task.batches(self.state):
            if self.state.progress.value >= 1:
                break
            self._means.add(self.step(batch))
            display.step(self._means.values())
        self.state.rounds += 1

    def _finish_round(self, log: TrainingLog, display: Display) -> None:
        due, ema = self.task.due(self.state), self.state.ema.network
        values: dict[str, float] = {}
        best = False
        if "validate" in due and (loss := self.task.validation_loss(ema)) is not None:
            values["validation_loss"] = loss
            best = self.state.patience.better(loss)
        if "save" in due:
            self._save(self.files.last)
        if best and self.state.patience.most:
            self._save(self.files.best)
        if "validate" in due:
            values |= self.task.metrics(ema)
        if "log" in due:
            values = self._means.values() | values
            self._means.clear()
        if values:
            self._log(log, display, values)
        if "validate" in due:
            display.line(values)

    def _log(self, log: TrainingLog, display: Display, values: dict[str, float]) -> None:
        progress = self.state.progress
        state = {"round": self.state.rounds, "progress": progress.value}
        log.write(progress.steps, state | {"seconds": display.seconds()} | values)

    def _save(self, path: Path) -> None:
        self.state.save(path, self.config)


def bfloat16(device: torch.device, enabled: bool = True) -> torch.autocast | nullcontext[None]:
    """Context in which networks compute in bfloat16 where PyTorch holds that to be safe."""
    return torch.autocast(device.type, torch.bfloat16) if enabled else nullcontext()
