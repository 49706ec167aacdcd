"""Batches of canvases: endless, each a function of seed and number, made by worker processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from models.training.datasets.augment_detector import Composer
from models.training.datasets.augment_widerface import WiderComposer
from models.training.datasets.faces import SOURCES, load
from models.training.datasets.paths import data_dir

WIDER = "widerface"
NAMES = (*SOURCES, WIDER)


class Composing(Protocol):
    """What makes canvases."""

    def canvas(
        self, rng: np.random.Generator, height: int, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """One canvas (H, W, 3) uint8 RGB and its faces (K, 16)."""


class Mixture:
    """Draws each canvas from one of several composers."""

    def __init__(self, composers: list[Composing], weights: list[float]) -> None:
        self._composers, self._weights = composers, np.array(weights) / sum(weights)

    def canvas(
        self, rng: np.random.Generator, height: int, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """One canvas (H, W, 3) uint8 RGB and its faces (K, 16)."""
        drawn = rng.choice(len(self._composers), p=self._weights)
        return self._composers[drawn].canvas(rng, height, width)


def compose(sources: Mapping[str, float], held_out: bool) -> Composing:
    """What makes canvases of some sources, each drawn as often as its weight says.

    Held out are the tenth of each source that `models.training.datasets.faces.is_held_out` names,
    and WIDER FACE's validation images.
    """
    if unknown := sorted(set(sources) - set(NAMES)):
        raise ValueError(f"data.sources: unknown source {unknown[0]}; wanted some of {NAMES}")
    composers: list[Composing] = []
    weights = []
    small = {name: weight for name, weight in sources.items() if name != WIDER}
    if small:
        datasets = [load(name, held_out) for name in small]
        composers.append(Composer(datasets, list(small.values())))
        weights.append(sum(small.values()))
    if WIDER in sources:
        split = "validation" if held_out else "train"
        composers.append(WiderComposer(data_dir() / WIDER, split))
        weights.append(sources[WIDER])
    return composers[0] if len(composers) == 1 else Mixture(composers, weights)


class Canvases(Dataset[tuple[Tensor, Tensor]]):
    """Batch number i: images (B, 3, H, W) uint8 and faces (B, K, 16), padded with state -1.

    The images are opened by whoever asks first, so in the worker process and not before.
    """

    def __init__(
        self,
        sources: Mapping[str, float],
        shapes: tuple[tuple[int, int], ...],
        batch: int,
        seed: int,
        held_out: bool = False,
    ) -> None:
        self._sources, self._held_out = dict(sources), held_out
        self._shapes, self._batch, self._seed = shapes, batch, seed
        self._composer: Composing | None = None

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if self._composer is None:
            self._composer = compose(self._sources, self._held_out)
        rng = np.random.default_rng([self._seed, index])
        height, width = self._shapes[rng.integers(len(self._shapes))]
        made = [self._composer.canvas(rng, height, width) for _ in range(self._batch)]
        return collate(made)


def collate(made: list[tuple[np.ndarray, np.ndarray]]) -> tuple[Tensor, Tensor]:
    """Canvases of one size and their faces as a batch."""
    most = max(1, max(len(faces) for _, faces in made))
    padded = np.zeros((len(made), most, 16), np.float32)
    padded[..., 0] = -1
    for row, (_, faces) in enumerate(made):
        padded[row, : len(faces)] = faces
    images = torch.from_numpy(np.stack([image for image, _ in made]))
    return images.permute(0, 3, 1, 2), torch.from_numpy(padded)


def batches(canvases: Canvases, start: int, stop: int, workers: int) -> Iterator[tuple]:
    """Batches ``start`` to ``stop`` in order; ``workers`` 0 makes them in this process."""
    ahead = {"prefetch_factor": 4} if workers else {}
    order = range(start, stop)
    return iter(DataLoader(canvases, batch_size=None, sampler=order, num_workers=workers, **ahead))
