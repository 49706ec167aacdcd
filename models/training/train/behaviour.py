"""Training of the behaviour network, one stage of its configuration at a time.

<cache>/behaviour/NAME.pt is a stage's checkpoint, written after every epoch; NAME.jsonl the log
beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from models.training.datasets import unit_signals
from models.training.datasets.behaviour_set import Crops
from models.training.datasets.sampling import loader, sampler
from models.training.losses.behaviour import behaviour_losses, total
from models.training.losses.distillation import distillation_losses, mix
from models.training.networks.behaviour import BehaviourNet, normalize
from models.training.train.behaviour_config import BehaviourConfig, Stage
from models.training.train.behaviour_validation import loss_of, masks_of, predict, summary
from models.training.train.checkpoint import TrainingState, checkpoint_path, ema_weights
from models.training.train.ema import MovingAverage
from models.training.train.learning_rate import one_cycle
from models.training.train.optimizers import weight_groups
from models.training.train.schedule import Patience, WholeProgress
from models.training.train.trainer import EVENTS, Files, Trainer, TrainingOptions, bfloat16

# A resumed training must agree in these; how long it goes on is free.
FIXED = ("batch", "rate", "decay", "warm", "others", "seed")


class BehaviourTask:
    """One stage of the behaviour network's training; a round is an epoch.

    Parameters
    ----------
    config : BehaviourConfig
        The configuration of the stage.
    stage : Stage
        What is trained.
    device : torch.device
        Where; forward passes are in bfloat16 on every device.
    """

    def __init__(self, config: BehaviourConfig, stage: Stage, device: torch.device) -> None:
        self.stage, self.seed, self.device = stage, config.seed, device
        self.teacher = teacher_network(config, stage, device)
        self.matched = torch.from_numpy(~unit_signals.reliably_supervised())
        spec = {"options": stage.labels, "fold": stage.fold, "detected": stage.detected}
        self.data = Crops(config.datasets, True, seed=config.seed, **spec)
        self.order = sampler(stage.sampling, self.data.table["human"], stage.others, config.seed)
        self.loader = loader(self.data, stage.batch, self.order, stage.workers)
        self.fold = Crops(config.datasets, False, part="validation", **spec)
        self.held_out = {c: Crops((c,), False, detected=stage.detected) for c in stage.validation}

    def batches(self, state: TrainingState) -> Iterable[dict[str, Tensor]]:
        """The batches of an epoch; its random numbers come of the seed and its number alone."""
        torch.manual_seed(self.seed * 100_003 + state.rounds)
        self.data.epoch = self.order.epoch = state.rounds
        return self.loader

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        """The weighted loss of a batch, and each head's."""
        batch = {key: value.to(self.device, non_blocking=True) for key, value in batch.items()}
        crop = normalize(batch["crop"]).to(memory_format=torch.channels_last)
        with bfloat16(self.device):
            outputs = network(crop)
        losses = self._losses({k: v.float() for k, v in outputs.items()}, batch, crop)
        parts = {head: float(value.detach()) for head, value in losses.items()}
        return total(losses, self.stage.weights), parts

    def due(self, state: TrainingState) -> frozenset[str]:  # noqa: ARG002
        """Everything, at the end of an epoch."""
        return EVENTS

    def validation_loss(self, network: nn.Module) -> float | None:
        """The loss on the fold, if the stage leaves one out."""
        if not len(self.fold):
            return None
        results = predict(network, self.fold, workers=self.stage.workers)
        return loss_of(results, self.stage.weights, self.matched, self.stage.error)

    def metrics(self, network: nn.Module) -> dict[str, float]:
        """Metrics on the held-out part of the stage's validation datasets."""
        values: dict[str, float] = {}
        for dataset, held_out in self.held_out.items():
            found = summary(predict(network, held_out, workers=self.stage.workers))
            values |= {f"{dataset} {name}": value for name, value in found.items()}
        return values

    def _losses(
        self, outputs: dict[str, Tensor], batch: dict[str, Tensor], crop: Tensor
    ) -> dict[str, Tensor]:
        error = self.stage.error
        losses = behaviour_losses(outputs, batch, masks_of(batch), self.matched, error=error)
        if self.teacher is None or self.stage.teacher is None:
            return losses
        with torch.no_grad(), bfloat16(self.device):
            answers = {k: v.float() for k, v in self.teacher(crop).items()}
        spec = self.stage.teacher
        return mix(losses, distillation_losses(outputs, answers, spec.temperature), spec.share)


def behaviour_trainer(
    config: BehaviourConfig, stage: Stage, options: TrainingOptions | None = None
) -> Trainer:
    """Make the trainer of a stage.

    Parameters
    ----------
    config : BehaviourConfig
        The configuration of the stage.
    stage : Stage
        What is trained.
    options : TrainingOptions, optional
        Length, device and whether to resume.
    """
    options = options or TrainingOptions()
    torch.manual_seed(config.seed)
    device = torch.device(options.device)
    network = initial_network(config, None if options.resume else stage.init)
    network = network.to(device, memory_format=torch.channels_last)
    task = BehaviourTask(config, stage, device)
    state = TrainingState(
        network,
        MovingAverage(network, stage.ema),
        torch.optim.AdamW(weight_groups(network, stage.decay), lr=stage.rate),
        WholeProgress(options.minutes, stage.epochs * len(task.loader)),
        Patience(stage.patience),
    )
    saved: dict[str, Any] = {"seed": config.seed, "minutes": options.minutes} | asdict(stage)
    last = checkpoint_path(stage.checkpoint)
    files = Files(last, checkpoint_path(stage.checkpoint + ".best"), last.with_suffix(".jsonl"))
    if options.resume:
        state.restore(last, saved, FIXED)

    def learning_rate(progress: float) -> float:
        return stage.rate * one_cycle(progress, stage.warm)

    return Trainer(task, state, learning_rate, stage.clip, files, saved)


def initial_network(config: BehaviourConfig, init: str | None) -> BehaviourNet:
    """The network a stage starts from: random, or another stage's averaged weights."""
    network = config.build()
    with torch.no_grad():  # a new network's expressions start nearly alike
        network.heads["expression"].weight.mul_(0.1)
    if init:
        network.load_state_dict(ema_weights(init))
    return network


def teacher_network(
    config: BehaviourConfig, stage: Stage, device: torch.device
) -> BehaviourNet | None:
    """The network a stage learns from besides the labels, if it has one."""
    if stage.teacher is None:
        return None
    network = config.build_teacher(stage.teacher)
    network.load_state_dict(ema_weights(stage.teacher.checkpoint))
    network = network.eval().requires_grad_(False)
    return network.to(device, memory_format=torch.channels_last)
