"""Photographs with one unit moved, as a source of the behaviour network's training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from torch import Tensor

from models.training.datasets.moved_actions.pair_set import PairSet
from models.training.datasets.paths import cache_dir
from models.training.losses.pairs import PAIR_WEIGHTS, pair_losses


@dataclass(frozen=True)
class MovedOptions:
    """How pairs of a face and the same face with one unit moved take part.

    Attributes
    ----------
    share : float
        Faces a batch, two a pair, as a share of its photographs.
    folder : str
        Of the pairs; empty: `moved_actions` of the cache.
    weights : dict
        Weights of `losses.pairs.pair_losses`.
    """

    share: float = 0.34
    folder: str = ""
    weights: dict[str, float] = field(default_factory=lambda: dict(PAIR_WEIGHTS))

    def __post_init__(self) -> None:
        if not 0 < self.share <= 4:
            raise ValueError(f"share: wanted above 0 and at most 4, got {self.share}")
        if set(self.weights) != set(PAIR_WEIGHTS):
            raise ValueError(f"weights: wanted {sorted(PAIR_WEIGHTS)}, got {sorted(self.weights)}")


class MovedSource:
    """Pairs drawn at random, by the seed, the epoch and the step alone.

    Parameters
    ----------
    options : MovedOptions
    batch : int
        Photographs a batch.
    seed : int
    """

    name = "moved"

    def __init__(self, options: MovedOptions, batch: int, seed: int) -> None:
        self.weights = options.weights
        folder = Path(options.folder).expanduser() if options.folder else None
        self._pairs = PairSet(folder or cache_dir() / "moved_actions")
        self._count = max(1, round(options.share * batch / 2))
        self._seed = seed

    def batches(self, epoch: int) -> Iterator[dict[str, Tensor]]:
        """Batches without end: `crop`, the still faces and then the moved ones, and what is known.

        `change` and the masks have a row a pair, `crop` (2 N, 112, 112, 3) uint8 two.
        """
        step = 0
        while True:
            random = np.random.default_rng((self._seed, epoch, step))
            yield self._pairs.batch(self._count, random)
            step += 1

    def losses(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """`losses.pairs.pair_losses` of raw outputs (2 N, K) by head."""
        still, moved = outputs["action_units"].chunk(2)
        kinds = {kind: batch[kind] for kind in PAIR_WEIGHTS}
        return pair_losses(still, moved, batch["change"], kinds)
