"""Samplers: the samples of an epoch and their order, drawn anew from (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

SAMPLING = ("mixture", "balanced")


class Mixture(Sampler[int]):
    """Every sample with a human label once an epoch, a share of the others, in random order.

    Parameters
    ----------
    human : (N,) int
        Human expression label, negative where there is none.
    share : float
        Of the others.
    seed : int
        With `epoch`, which the training loop sets, it decides everything.
    """

    def __init__(self, human: np.ndarray, share: float, seed: int) -> None:
        self._human = human
        self._labelled, self._others = np.flatnonzero(human >= 0), np.flatnonzero(human < 0)
        self._count = round(share * len(self._others))
        self._seed, self.epoch = seed, 0

    def __len__(self) -> int:
        return len(self._labelled) + self._count

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng((self._seed, self.epoch))
        some = random.choice(self._others, self._count, replace=False)
        rows = np.concatenate([self._draw(random), some])
        return iter(random.permutation(rows).tolist())

    def _draw(self, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        return self._labelled


class Balanced(Mixture):
    """As `Mixture`, but the labelled samples are drawn with every class equally likely.

    As many are drawn as there are, with replacement: rare classes repeat, common ones are thinned.
    """

    def _draw(self, random: np.random.Generator) -> np.ndarray:
        labels = self._human[self._labelled]
        counts = np.bincount(labels)
        chance = 1.0 / counts[labels]
        return random.choice(self._labelled, len(self._labelled), p=chance / chance.sum())


def sampler(kind: str, human: np.ndarray, share: float, seed: int) -> Mixture:
    """One of `SAMPLING`."""
    if kind not in SAMPLING:
        raise ValueError(f"sampling: wanted one of {SAMPLING}, got {kind!r}")
    return {"mixture": Mixture, "balanced": Balanced}[kind](human, share, seed)


def loader(
    dataset: Dataset, batch: int, order: Mixture | None = None, workers: int = 1
) -> DataLoader:
    """Batches of a dataset: as it lies, or in a sampler's order without the last, partial one."""
    return DataLoader(
        dataset,
        batch,
        sampler=order,
        drop_last=order is not None,
        num_workers=workers,
        worker_init_fn=_one_thread,
        prefetch_factor=6 if workers else None,
        pin_memory=torch.cuda.is_available(),
    )


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
