"""The five points that the pack's own detector gives on the behaviour network's images.

`models.training.onnx.dataset_points` writes them; training and evaluation then align faces as the
engine does. `<cache>/behaviour/five-<dataset>.npy` is float32 (N, 5, 2) in the image's pixels,
pixel centres at whole numbers; NaN where the detector finds no face at the teacher's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.training.datasets.paths import cache_dir, require


def points_path(dataset: str) -> Path:
    """File of a dataset's points."""
    return cache_dir() / "behaviour" / f"five-{dataset}.npy"


def load(dataset: str) -> np.ndarray:
    """Points (N, 5, 2) float32 of every image of a dataset.

    Raises
    ------
    FileNotFoundError
        `models.training.onnx.dataset_points` has not written them.
    """
    missing = "detector_points; run python -m models.training.onnx.dataset_points"
    return np.load(require(points_path(dataset), missing))
