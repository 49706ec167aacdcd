"""Training of the behaviour network, one stage of its configuration at a time.

<cache>/behaviour/NAME.pt is a stage's checkpoint, written after every epoch; NAME.jsonl the log
beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from models.training.datasets import unit_signals
from models.training.datasets.behaviour_set import Crops
from models.training.datasets.sampling import loader, sampler
from models.training.losses.behaviour import behaviour_losses, total
from models.training.losses.distillation import distillation_losses, mix
from models.training.networks.behaviour import HEADS, BehaviourNet, normalize
from models.training.networks.warm_start import load_folded, renormalize
from models.training.train.behaviour_config import BehaviourConfig, Stage
from models.training.train.behaviour_sources import PosedSource, Source
from models.training.train.behaviour_validation import loss_of, masks_of, predict, summary
from models.training.train.checkpoint import TrainingState, checkpoint_path, ema_weights
from models.training.train.ema import MovingAverage
from models.training.train.learning_rate import one_cycle
from models.training.train.moved_source import MovedSource
from models.training.train.optimizers import weight_groups
from models.training.train.schedule import Patience, WholeProgress
from models.training.train.trainer import EVENTS, Files, Trainer, TrainingOptions, bfloat16

STATISTICS = 256  # crops that a network from an ONNX file takes its batch statistics from
# A resumed training must agree in these; how long it goes on is free.
FIXED = ("batch", "rate", "decay", "warm", "others", "seed")
Batch = dict[str, Tensor]


class Together:
    """Batches of a loader, each with the next of every source; as long as the loader."""

    def __init__(self, first: DataLoader, others: Sequence[Iterator[Batch]]) -> None:
        self._first, self._others = first, others

    def __len__(self) -> int:
        return len(self._first)

    def __iter__(self) -> Iterator[list[Batch]]:
        for batch in self._first:
            yield [batch, *(next(source) for source in self._others)]


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
        self.sources = sources_of(stage, config.seed)
        self.fold = Crops(config.datasets, False, part="validation", **spec)
        self.held_out = {c: Crops((c,), False, detected=stage.detected) for c in stage.validation}

    def batches(self, state: TrainingState) -> Iterable[list[Batch]]:
        """The batches of an epoch: of the photographs, and of each source.

        Its random numbers come of the seed and its number alone.
        """
        torch.manual_seed(self.seed * 100_003 + state.rounds)
        self.data.epoch = self.order.epoch = state.rounds
        sources = [source.batches(state.rounds) for source in self.sources]
        return Together(self.loader, sources)

    def loss(self, network: nn.Module, batch: list[Batch]) -> tuple[Tensor, dict[str, float]]:
        """The weighted loss of a batch, and each head's; a source's are named ``posed sides``."""
        batches = [{k: v.to(self.device, non_blocking=True) for k, v in b.items()} for b in batch]
        crop = normalize(torch.cat([b["crop"] for b in batches]))
        crop = crop.to(memory_format=torch.channels_last)
        with bfloat16(self.device):
            outputs = {k: v.float() for k, v in network(crop).items()}
        sizes = [len(b["crop"]) for b in batches]
        split = {head: value.split(sizes) for head, value in outputs.items()}
        answers = [{head: v[i] for head, v in split.items()} for i in range(len(batches))]
        losses = self._losses(answers[0], batches[0], crop[: sizes[0]])
        loss = total(losses, self.stage.weights)
        for source, own, answer in zip(self.sources, batches[1:], answers[1:], strict=True):
            found = source.losses(answer, own)
            loss = loss + total(found, source.weights)
            losses |= {f"{source.name} {name}": value for name, value in found.items()}
        return loss, {name: float(value.detach()) for name, value in losses.items()}

    def some(self, count: int) -> Tensor:
        """Network input (N, 3, 112, 112) of photographs as they are trained on."""
        rows = torch.randperm(len(self.data))[:count].tolist()
        crops = [torch.from_numpy(self.data[row]["crop"]) for row in rows]
        return normalize(torch.stack(crops))

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
    init = None if options.resume else stage.init
    network = initial_network(config, init)
    task = BehaviourTask(config, stage, device)
    if init and is_exported(init):
        renormalize(network, task.some(STATISTICS))
    network = network.to(device, memory_format=torch.channels_last)
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
    if init and is_exported(init):
        load_folded(network, init, [f"heads.{head.name}" for head in HEADS])
    elif init:
        network.load_state_dict(ema_weights(init))
    return network


def is_exported(init: str) -> bool:
    """Whether what a stage starts from is an ONNX file and not a checkpoint's name."""
    return init.endswith(".onnx")


def sources_of(stage: Stage, seed: int) -> list[Source]:
    """What a stage learns from besides the photographs' labels."""
    sources: list[Source] = []
    if stage.posed is not None:
        sources.append(PosedSource(stage.posed, stage.batch, seed, stage.workers))
    if stage.moved is not None:
        sources.append(MovedSource(stage.moved, stage.batch, seed))
    return sources


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
