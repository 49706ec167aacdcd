"""Training of FaceLocalizationNet on composites.

Composites are made afresh all the time, each batch from the seed and its number. The output folder
gets ``last.pt``, ``best.pt`` (lowest loss on held-out composites, or highest average precision in
held-out scenes) and ``log.jsonl``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.training.datasets.detector_batches import CompositeBatches, batches
from models.training.datasets.paths import require
from models.training.networks.face_localization_net import build_network, normalize
from models.training.networks.warm_start import load_folded, renormalize
from models.training.train.checkpoint import TrainingState
from models.training.train.detector_config import DetectorConfig, Training
from models.training.train.detector_loss import Criterion
from models.training.train.ema import MovingAverage
from models.training.train.learning_rate import LearningRate, cosine, step_decay
from models.training.train.optimizers import build_optimizer
from models.training.train.scenes_validation import HeldOutScenes
from models.training.train.schedule import Patience, RemainingProgress
from models.training.train.trainer import Files, Trainer, TrainingOptions, bfloat16

LOG_EVERY = 20
ENDLESS = 2**40
HELD_OUT_SEED = 99
# Composites by which batch normalization is set where training starts from an exported file.
WARM_SEED, WARM_IMAGES = 98, 64
# What a resumed training must agree in: the network, what it learns, from what.
FIXED = ("seed", "network", "data", "loss")
Batch = tuple[Tensor, Tensor]


class DetectorTask:
    """A detector's training; a round lasts until something is due.

    Parameters
    ----------
    config : DetectorConfig
        What is trained, and how.
    network : Module
        The network, for its priors' grid.
    device : torch.device
        Where.
    """

    def __init__(self, config: DetectorConfig, network: nn.Module, device: torch.device) -> None:
        self.config, self.device = config, device
        self._criterion = Criterion(config.loss, network.grid, device)
        self._bf16 = config.training.precision == "bf16"
        self._stream: Iterator[Batch] | None = None
        self._held_out: list[Batch] | None = None
        self._in_scenes = config.validation.data == "scenes"
        self._scenes: HeldOutScenes | None = None
        self._metrics: dict[str, float] = {}

    def batches(self, state: TrainingState) -> Iterable[Batch]:
        """The batches up to the next step at which something is due."""
        step, data = state.progress.steps, self.config.data
        if self._stream is None:
            made = CompositeBatches(data.sources, data.shapes, data.batch, self.config.seed)
            self._stream = batches(made, step, ENDLESS, data.workers)
        return islice(self._stream, min(every - step % every for every in self._every().values()))

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch, and its parts."""
        images, faces = (tensor.to(self.device) for tensor in batch)
        with bfloat16(self.device, self._bf16):
            outputs = network(normalize(images))
        return self._criterion(outputs, faces, images)

    def due(self, state: TrainingState) -> set[str]:
        """What the configuration wants at this step."""
        step = state.progress.steps
        due = {event for event, every in self._every().items() if step % every == 0}
        return due | {"validate"} if state.progress.value >= 1 and self._in_scenes else due

    @torch.no_grad()
    def validation_loss(self, network: nn.Module) -> float | None:
        """The loss that the configuration asks for, on held-out composites or in scenes."""
        if self._in_scenes:
            return self._scenes_loss(network)
        if self._held_out is None:
            self._held_out = held_out(self.config)
        if not self._held_out:
            return None
        losses = [float(self.loss(network, batch)[0]) for batch in self._held_out]
        return sum(losses) / len(losses)

    def metrics(self, network: nn.Module) -> dict[str, float]:  # noqa: ARG002
        """What the last validation found in held-out scenes; nothing on composites."""
        return self._metrics

    def _scenes_loss(self, network: nn.Module) -> float | None:
        if not self.config.validation.patience:
            return None
        self._scenes = self._scenes or HeldOutScenes()
        self._metrics = self._scenes(network)
        return 1 - self._metrics["ap_640"]

    def _every(self) -> dict[str, int]:
        config = self.config
        return {
            "log": LOG_EVERY,
            "save": config.training.save_every,
            "validate": config.validation.every,
        }


def held_out(config: DetectorConfig) -> list[Batch]:
    """Batches of composites that training does not see, always the same."""
    wanted = config.validation.composites
    if not config.validation.patience:
        return []
    data, batch = config.data, min(config.data.batch, wanted)
    made = CompositeBatches(data.sources, data.shapes, batch, HELD_OUT_SEED, held_out=True)
    return [made[i] for i in range(-(-wanted // batch))]


def detector_trainer(
    config: DetectorConfig,
    out: Path,
    options: TrainingOptions | None = None,
    initial: Mapping[str, Tensor] | None = None,
    progress: float | None = None,
    exported: Path | None = None,
) -> Trainer:
    """Make the trainer of a detector.

    Parameters
    ----------
    config : DetectorConfig
        What is trained, and how; a resumed training may differ in its lengths alone.
    out : Path
        Folder of checkpoints and log.
    options : TrainingOptions, optional
        Length, device and whether to resume.
    initial : mapping, optional
        State dict that the backbone starts from; random weights otherwise.
    progress : float, optional
        Where a resumed training takes its schedule up again, 0 to 1; where it stopped by default.
    exported : Path, optional
        fp32 or fp16 ONNX file whose weights the whole network starts from; a resumed training
        doesn't read it.
    """
    options = options or TrainingOptions()
    torch.manual_seed(config.seed)
    device = torch.device(options.device)
    network = build_network(**config.network, initial=initial)
    if exported is not None and not options.resume:
        start_from_file(network, exported, config)
    network = network.to(device, memory_format=torch.channels_last)
    state = detector_state(network, config, options.minutes)
    out.mkdir(parents=True, exist_ok=True)
    files = Files(out / "last.pt", out / "best.pt", out / "log.jsonl")
    saved: dict[str, Any] = config.as_json()
    if options.resume:
        state.restore(files.last, saved, FIXED)
        if progress is not None:
            state.progress.set_value(progress)
    task = DetectorTask(config, network, device)
    rate = learning_rate(config.training)
    return Trainer(task, state, rate, config.training.clip, files, saved)


def start_from_file(network: nn.Module, path: Path, config: DetectorConfig) -> None:
    """Give a network the weights of an exported file, batch normalization set by composites.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file's weights are of another network, or in 8 bits.
    """
    load_folded(network, require(path, "network to start from"))
    data = config.data
    made = CompositeBatches(data.sources, data.shapes[:1], WARM_IMAGES, WARM_SEED)
    renormalize(network, normalize(made[0][0]))


def detector_state(
    network: nn.Module, config: DetectorConfig, minutes: float | None = None
) -> TrainingState:
    """The state that a detector's training starts from."""
    own = config.training
    return TrainingState(
        network,
        MovingAverage(network, own.ema),
        build_optimizer(own.optimizer, network, own.rate, own.decay, own.momentum),
        RemainingProgress(minutes, own.steps),
        Patience(config.validation.patience),
    )


def learning_rate(training: Training) -> LearningRate:
    """The configured learning rate by progress."""

    def rate(progress: float) -> float:
        if training.schedule == "steps":
            return training.rate * step_decay(progress, training.warm, training.drops)
        return training.rate * cosine(progress, training.warm)

    return rate
