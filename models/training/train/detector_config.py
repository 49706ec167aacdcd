"""Configuration files of face localization (TOML).

    seed = 0

    [network]      # `backbone`, and what
    `models.training.networks.face_localization_net.build_network` takes with it [loss]         #
    `Loss`'s fields [data]         # `Data`'s fields [training]     # `Training`'s fields [watch]
    # `Watch`'s fields

A key that isn't known is an error that names the file and the key.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOSSES = ("soft", "retinaface")
OPTIMIZERS = ("adamw", "sgd")
SCHEDULES = ("cosine", "steps")


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
    """Images: how often each source is drawn, sizes (height, width) of canvases, their number."""

    sources: dict[str, float]
    shapes: tuple[tuple[int, int], ...]
    batch: int = 16
    workers: int = 1


@dataclass(frozen=True)
class Training:
    """Length, rates, optimizer.

    ``rate`` is the peak, reached after the share ``warm`` of the steps; then a half cosine to 1 %
    of it, or with the schedule ``steps`` a tenth at each of ``drops`` (shares of the steps).
    ``average`` is the running average's decay. ``precision`` bf16 computes in bfloat16 where
    PyTorch holds that to be safe.
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
    average: float = 0.998
    precision: str = "fp32"
    save_every: int = 100


@dataclass(frozen=True)
class Watch:
    """Early stopping: every so many steps the loss on held-out canvases is taken.

    After ``patience`` times without a new lowest one training ends; 0: never.
    """

    every: int = 1000
    canvases: int = 96
    patience: int = 0


@dataclass(frozen=True)
class Config:
    """A configuration file, read and checked."""

    seed: int
    network: dict[str, Any]
    data: Data
    training: Training
    loss: Loss = field(default_factory=Loss)
    watch: Watch = field(default_factory=Watch)

    def as_json(self) -> dict[str, Any]:
        """Its values, for a checkpoint."""
        return asdict(self)

    def __post_init__(self) -> None:
        for key, value, wanted in (
            ("loss.name", self.loss.name, LOSSES),
            ("training.optimizer", self.training.optimizer, OPTIMIZERS),
            ("training.schedule", self.training.schedule, SCHEDULES),
            ("training.precision", self.training.precision, ("fp32", "bf16")),
        ):
            if value not in wanted:
                raise ValueError(f"{key}: wanted one of {wanted}, got {value!r}")
        for key, number in (
            ("data.batch", self.data.batch),
            ("training.steps", self.training.steps),
            ("training.rate", self.training.rate),
            ("watch.every", self.watch.every),
            ("watch.canvases", self.watch.canvases),
        ):
            if number <= 0:
                raise ValueError(f"{key}: wanted more than 0, got {number}")
        if not self.data.shapes or not self.data.sources:
            raise ValueError("data: wanted at least one of shapes and one of sources")


def read(path: Path) -> Config:
    """Read a configuration; raises ValueError that names the file and the key."""
    with Path(path).open("rb") as file:
        table = tomllib.load(file)
    try:
        _only(table, [f.name for f in fields(Config)], "")
        parts = {
            name: _part(kind, table.get(name, {}), name)
            for name, kind in (("loss", Loss), ("data", Data), ("training", Training))
        }
        watch = _part(Watch, table.get("watch", {}), "watch")
        return Config(int(table["seed"]), dict(table["network"]), watch=watch, **parts)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _part(kind: type, values: dict[str, Any], name: str) -> Any:
    _only(values, [f.name for f in fields(kind)], f"{name}.")
    return kind(**{key: _frozen(value) for key, value in values.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value


def _only(table: dict[str, Any], wanted: list[str], prefix: str) -> None:
    unknown = sorted(set(table) - set(wanted))
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; wanted some of {sorted(wanted)}")
