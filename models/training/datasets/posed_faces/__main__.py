"""Draws posed faces into a cache: ``python -m models.training.datasets.posed_faces``.

    python -m models.training.datasets.posed_faces --count 20000 --out ~/.cache/mien/posed_faces

Every pair of faces is drawn from its own number: a run that was stopped goes on where it was, and
more may be added later by a greater count.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets.posed_faces.assets import Assets
from models.training.datasets.posed_faces.backdrops import Backdrops
from models.training.datasets.posed_faces.cache import (
    LABELS,
    default_folder,
    shard_paths,
    write_shard,
)
from models.training.datasets.posed_faces.head import HeadParts
from models.training.datasets.posed_faces.scene import change_one, draw, draw_scene

SHARD = 200  # faces


class Studio:
    """Draws pairs of faces by their numbers.

    Parameters
    ----------
    seed : int
        Another seed gives other people.
    """

    def __init__(self, seed: int = 0) -> None:
        self._assets, self._backdrops, self._seed = Assets(), Backdrops(), seed
        self._parts = HeadParts(self._assets)

    def pair(self, number: int) -> list[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Two images and their labels, which differ in one action unit."""
        rng = np.random.default_rng((self._seed, number))
        scene = draw_scene(self._assets, self._parts, rng)
        behind = self._backdrops.draw(rng)
        scenes = (scene, change_one(scene, rng))
        return [draw(self._assets, self._parts, s, behind) for s in scenes]


def generate(folder: Path, count: int, seed: int = 0) -> None:
    """Write the shards of ``count`` faces (an even number a shard) that a folder lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio(seed)
    for shard in range(-(-count // SHARD)):
        if shard_paths(folder, shard)[1].exists():
            continue
        first, size = shard * SHARD // 2, min(SHARD, count - shard * SHARD) // 2
        faces = [face for n in range(first, first + size) for face in studio.pair(n)]
        labels = {key: np.stack([label[key] for _, label in faces]) for key in LABELS}
        write_shard(folder, shard, np.stack([image for image, _ in faces]), labels)
        print(f"{folder}: {min((shard + 1) * SHARD, count)} of {count} faces", flush=True)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000, help="faces, half as many pairs")
    parser.add_argument("--out", type=Path, help="folder; by default posed_faces of the cache")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    generate(args.out or default_folder(), args.count, args.seed)


if __name__ == "__main__":
    main()
