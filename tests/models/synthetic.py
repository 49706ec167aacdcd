"""Synthetic datasets in the form `models.training.datasets.crops` writes, so that training runs
without data.

An image is a grey face whose mouth is as bright as its expression's number: something to learn.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.training.networks.behaviour import ACTION_UNITS, EXPRESSIONS

SIDE = 96


def write_dataset(cache: Path, dataset: str, count: int, labelled: bool, seed: int = 0) -> None:
    """Images and labels of ``count`` faces; every fifth is held out, every ninth has no face."""
    random = np.random.default_rng((seed, count))
    expression = random.integers(0, len(EXPRESSIONS), count)
    five = np.array([[30, 30], [64, 30], [47, 49], [33, 69], [61, 69]], np.float32)
    five = five + random.normal(0, 1, (count, 5, 2)).astype(np.float32)
    images = random.integers(90, 140, (count, SIDE, SIDE, 3)).astype(np.uint8)
    images[:, 60:80, 30:66] = (expression * 35)[:, None, None, None]
    yaw = random.normal(0, 0.3, count)
    rotation = np.tile(np.eye(3), (count, 1, 1))
    rotation[:, 0, 0] = rotation[:, 2, 2] = np.cos(yaw)
    rotation[:, 0, 2], rotation[:, 2, 0] = np.sin(yaw), -np.sin(yaw)
    landmarks = random.uniform(20, 76, (1, 68, 2)) + random.normal(0, 1, (count, 68, 2))
    index = np.arange(count)
    folder = cache / "behaviour"
    folder.mkdir(exist_ok=True)
    np.save(folder / f"images-{dataset}.npy", images)
    np.savez(
        folder / f"labels-{dataset}.npz",
        names=np.array([f"set/person_{i // 4:03}/{i}.jpg" for i in index]),
        found=index % 9 != 8,
        held_out=index % 5 == 4,
        drop=np.zeros(count, bool),
        five=five,
        landmarks=landmarks.astype(np.float32),
        rotation=rotation.astype(np.float32),
        gaze=rotation[:, :, 2].astype(np.float32),
        units=random.random((count, len(ACTION_UNITS))).astype(np.float32),
        expression=expression if labelled else np.full(count, -1),
    )


def write_datasets(cache: Path, count: int = 40) -> None:
    """`fer2013` with human labels, `lfw` without."""
    write_dataset(cache, "fer2013", count, labelled=True)
    write_dataset(cache, "lfw", count, labelled=False, seed=1)
