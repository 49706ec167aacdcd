"""Posed faces on disk: shards of images and labels that `python -m` of this folder writes.

A shard is ``images-NNNNN.npy``, uint8 (N, 160, 160, 3) RGB, with ``labels-NNNNN.npz`` beside it.
Its faces come in pairs, one after the other, that share everything but one action unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.datasets.paths import cache_dir, require

LABELS = ("five", "landmarks", "rotation", "gaze", "units")


@dataclass(frozen=True)
class PosedFaces:
    """What a folder holds.

    Attributes
    ----------
    images : list of ndarray
        Memory-mapped, one array a shard.
    shards, rows : ndarray (N,) int
        Where each face's image is.
    labels : dict
        Arrays (N, ...) by the names of `LABELS`.
    """

    images: list[np.ndarray]
    shards: np.ndarray
    rows: np.ndarray
    labels: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.shards)

    def image(self, index: int) -> np.ndarray:
        """One face's image (160, 160, 3) uint8."""
        return np.ascontiguousarray(self.images[self.shards[index]][self.rows[index]])


def default_folder() -> Path:
    """Where posed faces are kept unless a folder is named."""
    return cache_dir() / "posed_faces"


def shard_paths(folder: Path, shard: int) -> tuple[Path, Path]:
    """Files of a shard's images and labels."""
    return folder / f"images-{shard:05d}.npy", folder / f"labels-{shard:05d}.npz"


def write_shard(
    folder: Path, shard: int, images: np.ndarray, labels: dict[str, np.ndarray]
) -> None:
    """Write a shard; the labels come last, and a shard without them counts as missing."""
    image_path, label_path = shard_paths(folder, shard)
    np.save(image_path, images)
    part = label_path.with_suffix(".part.npz")
    np.savez(part, **labels)
    part.replace(label_path)


def load(folder: Path | None = None) -> PosedFaces:
    """All finished shards of a folder.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    folder = folder or default_folder()
    missing = "posed faces; run python -m models.training.datasets.posed_faces"
    require(shard_paths(folder, 0)[1], missing)
    files = sorted(p for p in folder.glob("labels-*.npz") if ".part" not in p.name)
    numbers = [int(p.stem.rpartition("-")[2]) for p in files]
    images = [np.load(shard_paths(folder, n)[0], mmap_mode="r") for n in numbers]
    tables = [dict(np.load(p)) for p in files]
    sizes = [len(stack) for stack in images]
    labels = {key: np.concatenate([t[key] for t in tables]) for key in LABELS}
    shards = np.repeat(np.arange(len(sizes)), sizes)
    return PosedFaces(images, shards, np.concatenate([np.arange(s) for s in sizes]), labels)
