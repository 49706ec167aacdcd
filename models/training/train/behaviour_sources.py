"""Sources that the behaviour network learns from besides the photographs' labels.

A source gives faces for every batch of photographs, and a loss of them. They share the forward
pass, so that batch normalization sees one mixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

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
class PosedOptions:
    """How posed faces take part.

    Attributes
    ----------
    share : float
        Faces a batch, as a share of its photographs.
    folder : str
        Of the faces; empty: `posed_faces` of the cache.
    weights : dict
        Weights of `known_actions.posed_losses`.
    """

    share: float = 0.25
    folder: str = ""
    weights: dict[str, float] = field(default_factory=lambda: dict(POSED_WEIGHTS))

    def __post_init__(self) -> None:
        if not 0 < self.share <= 4:
            raise ValueError(f"share: wanted above 0 and at most 4, got {self.share}")
        if set(self.weights) != set(POSED_WEIGHTS):
            raise ValueError(f"weights: wanted {sorted(POSED_WEIGHTS)}, got {sorted(self.weights)}")


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
        folder = Path(options.folder).expanduser() if options.folder else None
        self._data = PosedPairs(folder, seed)
        pairs = max(1, round(options.share * batch / 2))
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
