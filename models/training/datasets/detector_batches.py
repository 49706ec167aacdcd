"""Batches of composites: endless, each a function of seed and number, made by worker processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from models.training.datasets.augment_widerface import WiderComposer
from models.training.datasets.composer import Composer
from models.training.datasets.faces import SOURCES, load
from models.training.datasets.paths import data_dir
from models.training.datasets.scene_composer import SceneComposer

WIDER, SCENES = "widerface", "scenes"
NAMES = (*SOURCES, WIDER, SCENES)
Composite = tuple[np.ndarray, np.ndarray]
"""An image (H, W, 3) uint8 RGB and its faces (K, 16), see `composite_faces`."""


class CompositeSource(Protocol):
    """What makes composites."""

    def compose(self, rng: np.random.Generator, height: int, width: int) -> Composite:
        """One composite of ``height`` x ``width`` pixels."""


class Mixture:
    """Draws each composite from one of several sources.

    Parameters
    ----------
    sources : sequence of CompositeSource
        What makes composites.
    weights : sequence of float
        How often each is drawn.
    """

    def __init__(self, sources: Sequence[CompositeSource], weights: Sequence[float]) -> None:
        self._sources, self._weights = sources, np.array(weights) / sum(weights)

    def compose(self, rng: np.random.Generator, height: int, width: int) -> Composite:
        """One composite of ``height`` x ``width`` pixels."""
        drawn = rng.choice(len(self._sources), p=self._weights)
        return self._sources[drawn].compose(rng, height, width)


def composite_source(sources: Mapping[str, float], held_out: bool) -> CompositeSource:
    """What makes composites of some sources, each drawn as often as its weight says.

    Parameters
    ----------
    sources : mapping
        Weight by name, one of `NAMES`.
    held_out : bool
        Use the images that training does not see: the tenth of each source that
        `faces.is_held_out` names, and WIDER FACE's validation images.

    Raises
    ------
    ValueError
        A source of another name; composites of scenes that are held out.
    """
    if unknown := sorted(set(sources) - set(NAMES)):
        raise ValueError(f"data.sources: unknown source {unknown[0]}; wanted some of {NAMES}")
    made: list[CompositeSource] = []
    weights = []
    small = {name: weight for name, weight in sources.items() if name in SOURCES}
    if small:
        datasets = [load(name, held_out) for name in small]
        made.append(Composer(datasets, list(small.values())))
        weights.append(sum(small.values()))
    if WIDER in sources:
        split = "validation" if held_out else "train"
        made.append(WiderComposer(data_dir() / WIDER, split))
        weights.append(sources[WIDER])
    if SCENES in sources:
        if held_out:
            raise ValueError('data.sources: scenes: wanted validation.data = "scenes" with it')
        made.append(SceneComposer(load("lfw", held_out)))
        weights.append(sources[SCENES])
    return made[0] if len(made) == 1 else Mixture(made, weights)


class CompositeBatches(Dataset[tuple[Tensor, Tensor]]):
    """Batch number i: images (B, 3, H, W) uint8 and faces (B, K, 16), padded with state -1.

    The source images are opened at the first access, so in the worker process and not before.

    Parameters
    ----------
    sources : mapping
        As `composite_source` takes them.
    shapes : sequence of (int, int)
        Sizes (height, width) to draw from, pixels.
    batch : int
        Composites in a batch.
    seed : int
        With a batch's number it decides everything.
    held_out : bool
        Use the images that training does not see.
    """

    def __init__(
        self,
        sources: Mapping[str, float],
        shapes: Sequence[tuple[int, int]],
        batch: int,
        seed: int,
        held_out: bool = False,
    ) -> None:
        self._sources, self._held_out = dict(sources), held_out
        self._shapes, self._batch, self._seed = shapes, batch, seed
        self._source: CompositeSource | None = None

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if self._source is None:
            self._source = composite_source(self._sources, self._held_out)
        rng = np.random.default_rng([self._seed, index])
        height, width = self._shapes[rng.integers(len(self._shapes))]
        return collate([self._source.compose(rng, height, width) for _ in range(self._batch)])


def collate(composites: Sequence[Composite]) -> tuple[Tensor, Tensor]:
    """Composites of one size and their faces as a batch."""
    most = max(1, max(len(faces) for _, faces in composites))
    padded = np.zeros((len(composites), most, 16), np.float32)
    padded[..., 0] = -1
    for row, (_, faces) in enumerate(composites):
        padded[row, : len(faces)] = faces
    images = torch.from_numpy(np.stack([image for image, _ in composites]))
    return images.permute(0, 3, 1, 2), torch.from_numpy(padded)


def batches(
    composites: CompositeBatches, start: int, stop: int, workers: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches ``start`` to ``stop`` in order; ``workers`` 0 makes them in this process."""
    ahead: dict[str, Any] = {"prefetch_factor": 4} if workers else {}
    order = range(start, stop)
    return iter(
        DataLoader(composites, batch_size=None, sampler=order, num_workers=workers, **ahead)
    )
