"""Sources that the behaviour network learns from besides the photographs' labels.

A source gives faces for every batch of photographs, and a loss of them. They share the forward
pass, so that batch normalization sees one mixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from torch import Tensor

from models.training.datasets.posed_set import PosedPairs
from models.training.datasets.sampling import loader, sampler
from models.training.losses.known_actions import POSED_WEIGHTS, posed_losses

PASSES = 1000  # more than a source is passed in one epoch


class Source(Protocol):
    """Faces and their loss."""

    name: str
    weights: dict[str, float]

    def batches(self, epoch: int) -> Iterator[dict[str, Tensor]]:
        """Batches without end, each with `crop` (N, 112, 112, 3) uint8; the epoch decides them."""

    def losses(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses by the names of `weights`, of raw outputs (N, K) by head."""


@dataclass(frozen=True)
class SourceOptions:
    """How a source of pairs takes part.

    Attributes
    ----------
    losses : dict
        Weights by default, of all losses that the source has.
    share : float
        Faces a batch, two a pair, as a share of its photographs.
    folder : str
        Of the faces; empty: the source's own, of the cache.
    weights : dict
        Weights of `losses`.
    """

    losses: ClassVar[dict[str, float]]

    share: float
    folder: str
    weights: dict[str, float]

    def __post_init__(self) -> None:
        if not 0 < self.share <= 4:
            raise ValueError(f"share: wanted above 0 and at most 4, got {self.share}")
        if set(self.weights) != set(self.losses):
            raise ValueError(f"weights: wanted {sorted(self.losses)}, got {sorted(self.weights)}")

    def pairs(self, batch: int) -> int:
        """Pairs that go with ``batch`` photographs, one at least."""
        return max(1, round(self.share * batch / 2))

    def path(self) -> Path | None:
        """The folder, if one is named."""
        return Path(self.folder).expanduser() if self.folder else None


@dataclass(frozen=True)
class PosedOptions(SourceOptions):
    """How posed faces take part, see `SourceOptions`; `posed_faces` of the cache by default."""

    losses: ClassVar[dict[str, float]] = POSED_WEIGHTS

    share: float = 0.25
    folder: str = ""
    weights: dict[str, float] = field(default_factory=lambda: dict(POSED_WEIGHTS))


class PosedSource:
    """Pairs of posed faces that differ in one unit.

    Parameters
    ----------
    options : PosedOptions
    batch : int
        Photographs a batch.
    seed, workers : int
    """

    name = "posed"

    def __init__(self, options: PosedOptions, batch: int, seed: int, workers: int) -> None:
        self.weights = options.weights
        self._data = PosedPairs(options.path(), seed)
        pairs = options.pairs(batch)
        if pairs > len(self._data):
            raise ValueError(f"posed faces: {len(self._data)} pairs, wanted {pairs} a batch")
        unlabelled = np.full(len(self._data), -1)
        self._order = sampler("mixture", unlabelled, 1.0, seed)
        self._loader = loader(self._data, pairs, self._order, workers)

    def batches(self, epoch: int) -> Iterator[dict[str, Tensor]]:
        """Batches without end, faces paired one after the other."""
        for number in range(PASSES):
            self._data.epoch = self._order.epoch = epoch * PASSES + number
            for batch in self._loader:
                yield {key: value.flatten(0, 1) for key, value in batch.items()}

    def losses(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """`known_actions.posed_losses`."""
        return posed_losses(outputs, batch)
