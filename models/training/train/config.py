"""Configuration files of training (TOML).

seed = 0
datasets = ["lfw", "utkface", "fer2013"]

[network]          # `size`, and parameters of BehaviourNet that differ from that size's
[common]           # `Stage`'s fields, for all stages
[stages.NAME]      # `Stage`'s fields; NAME is what `--stage` takes
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from models.training.datasets.behaviour_set import Fold
from models.training.datasets.behaviour_targets import LabelOptions
from models.training.datasets.sampling import SAMPLING
from models.training.losses.affect import ERRORS
from models.training.losses.behaviour import WEIGHTS
from models.training.networks.behaviour import BehaviourNet, build_network

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLACES = ("seed", "datasets", "network", "common", "stages")


@dataclass(frozen=True)
class Distillation:
    """A larger network to learn from.

    `config` (a file beside the student's) and `checkpoint` name the teacher; `share` of every
    head's loss is the teacher's, the rest the labels'; `temperature` softens its expressions.
    """

    config: str
    checkpoint: str
    temperature: float = 2.0
    share: float = 0.5


@dataclass(frozen=True)
class Stage:
    """One training from start to end.

    Lengths: `epochs`, unless minutes are given on the command line. Rates: AdamW with `rate` at
    the peak, reached after `warm` of the time, and weight `decay`; gradients longer than `clip`
    are shortened. `average` is the running average's decay.
    """

    checkpoint: str  # name of what it writes
    init: str | None = None  # name of what it starts from; none: random weights
    epochs: int = 16
    batch: int = 64
    rate: float = 1.5e-3
    warm: float = 0.15
    decay: float = 0.02
    clip: float = 5.0
    average: float = 0.998
    others: float = 1.0  # share of the images without human label that an epoch shows
    detected: float = 0.0  # share of crops aligned by the pack's detector, not by the teacher
    sampling: str = "mixture"
    error: str = "rmse"  # of valence and arousal
    workers: int = 1
    patience: int = 0  # epochs without a new lowest loss on the fold before training ends; 0: all
    watch: tuple[str, ...] = ()  # datasets whose held-out figures are shown, and used for nothing
    labels: LabelOptions = field(default_factory=LabelOptions)
    fold: Fold = field(default_factory=Fold)
    weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))
    teacher: Distillation | None = None

    def __post_init__(self) -> None:
        for name, wanted in (("sampling", SAMPLING), ("error", ERRORS)):
            if getattr(self, name) not in wanted:
                raise ValueError(f"{name}: wanted one of {wanted}, got {getattr(self, name)!r}")
        for name in ("epochs", "batch", "rate", "clip"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: wanted more than 0, got {getattr(self, name)}")
        for name in ("warm", "others", "average", "detected"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: wanted 0 to 1, got {getattr(self, name)}")
        if set(self.weights) != set(WEIGHTS):
            raise ValueError(f"weights: wanted {sorted(WEIGHTS)}, got {sorted(self.weights)}")
        if self.patience and not self.fold.count:
            raise ValueError("patience: needs a fold to watch, and fold.count is 0")


@dataclass(frozen=True)
class Config:
    """A configuration file, read and checked."""

    path: Path
    seed: int
    datasets: tuple[str, ...]
    network: dict[str, Any]
    stages: dict[str, Stage]

    def build(self) -> BehaviourNet:
        return build_network(**self.network)

    def teacher(self, told: Distillation) -> BehaviourNet:
        """The teacher of a stage, with random weights."""
        return read(self.path.parent / told.config).build()

    def stage(self, name: str) -> Stage:
        if name not in self.stages:
            raise ValueError(f"stage: wanted one of {list(self.stages)}, got {name!r}")
        return self.stages[name]


def read(path: Path) -> Config:
    """Read a configuration; raises ValueError that names the file and the key."""
    with Path(path).open("rb") as file:
        table = tomllib.load(file)
    try:
        _only(table, PLACES, "")
        common = table.get("common", {})
        stages = {n: _stage(common, own, n) for n, own in table["stages"].items()}
        if not stages:
            raise ValueError("no [stages.NAME]")
        network = {k: tuple(v) if isinstance(v, list) else v for k, v in table["network"].items()}
        return Config(Path(path), int(table["seed"]), tuple(table["datasets"]), network, stages)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _stage(common: dict[str, Any], own: dict[str, Any], name: str) -> Stage:
    values = dict(common)
    for key, value in own.items():  # a stage's tables add to the common ones
        inherited = values.get(key)
        values[key] = inherited | value if isinstance(inherited, dict) else value
    _only(values, [f.name for f in fields(Stage)], f"stages.{name}.")
    for key, kind in (("labels", LabelOptions), ("fold", Fold), ("teacher", Distillation)):
        if key in values:
            _only(values[key], [f.name for f in fields(kind)], f"stages.{name}.{key}.")
            values[key] = kind(**values[key])
    if "weights" in values:
        values["weights"] = WEIGHTS | values["weights"]
    if "watch" in values:
        values["watch"] = tuple(values["watch"])
    return Stage(**values)


def _only(table: dict[str, Any], wanted, prefix: str) -> None:
    unknown = sorted(set(table) - set(wanted))
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; wanted some of {sorted(wanted)}")
