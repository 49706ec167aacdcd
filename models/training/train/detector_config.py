"""Configuration of a detector's training (TOML).

::

    task = "detector"
    seed = 0

    [network]      # `backbone`, and what `face_localization_net.build_network` takes with it
    [loss]         # `Loss`'s fields
    [data]         # `Data`'s fields
    [training]     # `Training`'s fields
    [validation]   # `Validation`'s fields
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.training.train.config import (
    names_of,
    part,
    read_table,
    reject_unknown,
    require_above_zero,
    require_one_of,
    require_task,
)
from models.training.train.learning_rate import SHAPES
from models.training.train.optimizers import OPTIMIZERS

LOSSES = ("soft", "retinaface")
VALIDATION_DATA = ("composites", "scenes")
PRECISIONS = ("fp32", "bf16")


@dataclass(frozen=True)
class Loss:
    """What a network is trained to.

    ``soft`` is `models.training.losses.multibox` (quality focal loss, GIoU; ``teacher`` is the
    share of the RetinaFace teacher's opinion in the scores), ``retinaface`` is
    `models.training.losses.retinaface` with its weights ``box`` and ``points`` and ``negatives``
    background priors for each face's.
    """

    name: str = "soft"
    teacher: float = 0.0
    box: float = 0.25
    points: float = 0.1
    negatives: float = 3.0


@dataclass(frozen=True)
class Data:
    """Images to train on.

    Attributes
    ----------
    sources : dict
        How often each source is drawn, by its name.
    shapes : tuple of (int, int)
        Sizes (height, width) of composites, pixels.
    batch, workers : int
        Composites in a batch, and processes that make them.
    """

    sources: dict[str, float]
    shapes: tuple[tuple[int, int], ...]
    batch: int = 16
    workers: int = 1


@dataclass(frozen=True)
class Training:
    """Length, learning rate, optimizer.

    ``rate`` is the peak, reached after the share ``warm`` of the steps; then a half cosine to 1 %
    of it, or with the schedule ``steps`` a tenth at each of ``drops`` (shares of the steps).
    ``ema`` is the decay of the weights' moving average. ``precision`` bf16 computes in bfloat16
    where PyTorch holds that to be safe.
    """

    steps: int
    rate: float
    optimizer: str = "adamw"
    momentum: float = 0.9
    decay: float = 0.01
    warm: float = 0.03
    schedule: str = "cosine"
    drops: tuple[float, ...] = ()
    clip: float = 10.0
    ema: float = 0.998
    precision: str = "fp32"
    save_every: int = 100


@dataclass(frozen=True)
class Validation:
    """Early stopping by the loss on held-out composites, or by what is found in held-out scenes.

    Attributes
    ----------
    every : int
        Steps from one validation to the next.
    composites : int
        How many are looked at.
    patience : int
        Validations without a new lowest loss after which training ends; 0: no validation.
    data : {"composites", "scenes"}
        Where the loss is taken. That of scenes is 1 minus the average precision on the held-out
        tenth of ``detection/train.zip``, the longer side at 640 pixels.
    """

    every: int = 1000
    composites: int = 96
    patience: int = 0
    data: str = "composites"


@dataclass(frozen=True)
class DetectorConfig:
    """A configuration file, read and checked."""

    seed: int
    network: dict[str, Any]
    data: Data
    training: Training
    loss: Loss = field(default_factory=Loss)
    validation: Validation = field(default_factory=Validation)

    def as_json(self) -> dict[str, Any]:
        """Its values, for a checkpoint."""
        return asdict(self)

    def __post_init__(self) -> None:
        require_one_of("loss.name", self.loss.name, LOSSES)
        require_one_of("training.optimizer", self.training.optimizer, OPTIMIZERS)
        require_one_of("training.schedule", self.training.schedule, SHAPES)
        require_one_of("validation.data", self.validation.data, VALIDATION_DATA)
        require_one_of("training.precision", self.training.precision, PRECISIONS)
        require_above_zero(
            {
                "data.batch": self.data.batch,
                "training.steps": self.training.steps,
                "training.rate": self.training.rate,
                "validation.every": self.validation.every,
                "validation.composites": self.validation.composites,
            }
        )
        if not self.data.shapes or not self.data.sources:
            raise ValueError("data: wanted at least one of shapes and one of sources")


PARTS = {"loss": Loss, "data": Data, "training": Training, "validation": Validation}


def read(path: Path) -> DetectorConfig:
    """Read a configuration.

    Raises
    ------
    ValueError
        A key is missing, unknown or out of range; names the file and the key.
    """
    table = read_table(path)
    try:
        reject_unknown(table, ["task", *names_of(DetectorConfig)], "")
        require_task(table, "detector")
        parts = {name: part(kind, table.get(name, {}), name) for name, kind in PARTS.items()}
        return DetectorConfig(int(table["seed"]), dict(table["network"]), **parts)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
