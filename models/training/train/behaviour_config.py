"""Configuration of the behaviour network's training (TOML).

::

    task = "behaviour"
    seed = 0
    datasets = ["lfw", "utkface", "fer2013"]

    [network]          # `size`, and parameters of BehaviourNet that differ from that size's
    [common]           # `Stage`'s fields, for all stages
    [stages.NAME]      # `Stage`'s fields; NAME is what `--stage` takes
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.training.datasets.behaviour_set import Fold
from models.training.datasets.behaviour_targets import LabelOptions
from models.training.datasets.sampling import SAMPLING
from models.training.losses.affect import ERRORS
from models.training.losses.behaviour import WEIGHTS
from models.training.losses.known_actions import POSED_WEIGHTS
from models.training.losses.pairs import PAIR_WEIGHTS
from models.training.networks.behaviour import BehaviourNet, build_network
from models.training.train.behaviour_sources import PosedOptions
from models.training.train.config import (
    frozen,
    names_of,
    part,
    read_table,
    reject_unknown,
    require_above_zero,
    require_one_of,
    require_shares,
    require_task,
)
from models.training.train.moved_source import MovedOptions

PLACES = ("task", "seed", "datasets", "network", "common", "stages")


@dataclass(frozen=True)
class Distillation:
    """A larger network to learn from.

    Attributes
    ----------
    config, checkpoint : str
        The teacher's configuration, a file beside the student's, and its checkpoint.
    temperature : float
        Softens the teacher's expressions.
    share : float
        Share of every head's loss that is the teacher's; the rest is the labels'.
    """

    config: str
    checkpoint: str
    temperature: float = 2.0
    share: float = 0.5


PARTS = {
    "labels": LabelOptions,
    "fold": Fold,
    "teacher": Distillation,
    "posed": PosedOptions,
    "moved": MovedOptions,
}
# A source's weights that a stage does not name are these.
SOURCE_WEIGHTS = {"posed": POSED_WEIGHTS, "moved": PAIR_WEIGHTS}


@dataclass(frozen=True)
class Stage:
    """One training from start to end.

    Its length is `epochs`, unless minutes are given on the command line. The optimizer is AdamW
    with the peak learning rate `rate`, reached after the share `warm` of the time, and weight
    `decay`; gradients longer than `clip` are shortened. `ema` is the decay of the weights' moving
    average.
    """

    checkpoint: str  # name of what it writes
    # Name of what it starts from, or a float ONNX file; none: random weights.
    init: str | None = None
    epochs: int = 16
    batch: int = 64
    rate: float = 1.5e-3
    warm: float = 0.15
    decay: float = 0.02
    clip: float = 5.0
    ema: float = 0.998
    others: float = 1.0  # share of the images without human label that an epoch shows
    detected: float = 0.0  # share of crops aligned by the pack's detector, not by the teacher
    sampling: str = "mixture"
    error: str = "rmse"  # of valence and arousal
    workers: int = 1
    patience: int = 0  # epochs without a new lowest loss on the fold before training ends; 0: all
    validation: tuple[str, ...] = ()  # datasets whose held-out metrics are logged, for people only
    labels: LabelOptions = field(default_factory=LabelOptions)
    fold: Fold = field(default_factory=Fold)
    weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))
    teacher: Distillation | None = None
    posed: PosedOptions | None = None  # posed faces with known units, if any
    moved: MovedOptions | None = None  # photographs with one unit moved, if any

    def __post_init__(self) -> None:
        require_one_of("sampling", self.sampling, SAMPLING)
        require_one_of("error", self.error, ERRORS)
        require_above_zero({n: getattr(self, n) for n in ("epochs", "batch", "rate", "clip")})
        require_shares({n: getattr(self, n) for n in ("warm", "others", "ema", "detected")})
        if set(self.weights) != set(WEIGHTS):
            raise ValueError(f"weights: wanted {sorted(WEIGHTS)}, got {sorted(self.weights)}")
        if self.patience and not self.fold.count:
            raise ValueError("patience: needs a fold to validate on, and fold.count is 0")


@dataclass(frozen=True)
class BehaviourConfig:
    """A configuration file, read and checked."""

    path: Path
    seed: int
    datasets: tuple[str, ...]
    network: dict[str, Any]
    stages: dict[str, Stage]

    def build(self) -> BehaviourNet:
        """The configured network with random weights."""
        return build_network(**self.network)

    def build_teacher(self, spec: Distillation) -> BehaviourNet:
        """The teacher that a stage names, with random weights."""
        return read(self.path.parent / spec.config).build()

    def stage(self, name: str) -> Stage:
        """One of the stages; raises ValueError where there is none of that name."""
        if name not in self.stages:
            raise ValueError(f"stage: wanted one of {list(self.stages)}, got {name!r}")
        return self.stages[name]


def read(path: Path) -> BehaviourConfig:
    """Read a configuration.

    Raises
    ------
    ValueError
        A key is missing, unknown or out of range; names the file and the key.
    """
    table = read_table(path)
    try:
        reject_unknown(table, PLACES, "")
        require_task(table, "behaviour")
        common = table.get("common", {})
        stages = {n: _stage(common, own, n) for n, own in table["stages"].items()}
        if not stages:
            raise ValueError("no [stages.NAME]")
        network = {key: frozen(value) for key, value in table["network"].items()}
        datasets = tuple(table["datasets"])
        return BehaviourConfig(Path(path), int(table["seed"]), datasets, network, stages)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _stage(common: dict[str, Any], own: dict[str, Any], name: str) -> Stage:
    values = dict(common)
    for key, value in own.items():  # a stage's tables add to the common ones
        inherited = values.get(key)
        values[key] = inherited | value if isinstance(inherited, dict) else value
    reject_unknown(values, names_of(Stage), f"stages.{name}.")
    for key, weights in SOURCE_WEIGHTS.items():
        if "weights" in values.get(key, {}):
            values[key] = values[key] | {"weights": weights | values[key]["weights"]}
    for key, kind in PARTS.items():
        if key in values:
            values[key] = part(kind, values[key], f"stages.{name}.{key}")
    if "weights" in values:
        values["weights"] = WEIGHTS | values["weights"]
    return part(Stage, values, f"stages.{name}")
