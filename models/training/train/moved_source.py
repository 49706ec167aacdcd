"""Photographs with one unit moved, as a source of the behaviour network's training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from torch import Tensor

from models.training.datasets.moved_actions.pair_set import PairSet
from models.training.datasets.paths import cache_dir
from models.training.losses.pairs import PAIR_WEIGHTS, pair_losses
from models.training.train.behaviour_sources import SourceOptions


@dataclass(frozen=True)
class MovedOptions(SourceOptions):
    """How pairs of a face and the same face with one unit moved take part, see `SourceOptions`.

    By default they are those in `moved_actions` of the cache.
    """

    losses: ClassVar[dict[str, float]] = PAIR_WEIGHTS

    share: float = 0.34
    folder: str = ""
    weights: dict[str, float] = field(default_factory=lambda: dict(PAIR_WEIGHTS))


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
        self._pairs = PairSet(options.path() or cache_dir() / "moved_actions")
        self._count = options.pairs(batch)
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
