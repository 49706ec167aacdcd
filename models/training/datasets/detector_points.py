"""The five points that the pack's own localization network gives on the behaviour network's images.

    python -m models.training.datasets.detector_points localization.onnx

Training and evaluation then align faces as the engine will. Written to
`<cache>/behaviour/five-<dataset>.npy`: float32 (N, 5, 2) in the image's pixels, centres at whole
numbers; NaN where the network finds no face that lies where the teacher's does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets import crops
from models.training.datasets.paths import cache_dir, require
from models.training.datasets.teacher_mesh import BORDER, BORDER_GREY, DATASETS, UPSCALE
from models.training.evaluate.detector import Detector

FLOOR = 0.3
# Mean distance from the teacher's points, in interocular distances, beyond which it is another
# face.
NEAR = 0.5


def points_path(dataset: str) -> Path:
    return cache_dir() / "behaviour" / f"five-{dataset}.npy"


def detect(detector: Detector, image: np.ndarray, upscale: int, border: float) -> np.ndarray:
    """Faces' five points (K, 5, 2) in the image's pixels, best face first."""
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    size = (image.shape[1] * upscale, image.shape[0] * upscale)
    big = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC) if upscale != 1 else image
    pad = round(border * big.shape[1])
    big = cv2.copyMakeBorder(big, *(pad,) * 4, cv2.BORDER_CONSTANT, value=(BORDER_GREY,) * 3)
    faces = detector(big, FLOOR)
    points = faces[:, 5:15].reshape(-1, 5, 2)
    # The detector counts from the image's edge, crops from pixel centres.
    return (points - pad) / upscale - 0.5


def load(dataset: str) -> np.ndarray:
    """What `build` wrote, (N, 5, 2)."""
    made = "detector's points; run python -m models.training.datasets.detector_points"
    return np.load(require(points_path(dataset), made))


def build(dataset: str, detector: Detector) -> None:
    images, labels = crops.load(dataset)
    found = np.full((len(images), 5, 2), np.nan, np.float32)
    for row, image in enumerate(images):
        points = detect(
            detector, np.ascontiguousarray(image), UPSCALE.get(dataset, 1), BORDER.get(dataset, 0.0)
        )
        if not len(points):
            continue
        five = labels["five"][row]
        apart = np.linalg.norm(five[1] - five[0])
        off = np.linalg.norm(points - five, axis=2).mean(1) / apart
        best = int(off.argmin())
        if off[best] < NEAR or not labels["found"][row]:
            found[row] = points[best]
    np.save(points_path(dataset), found)
    known = np.isfinite(found[:, 0, 0])
    both = known & labels["found"]
    apart = np.linalg.norm(labels["five"][both, 1] - labels["five"][both, 0], axis=1)
    off = (found - labels["five"])[both] / apart[:, None, None]
    print(
        f"{dataset}: found in {known.mean():.4f}; off the teacher's points, in interocular distances: "
        f"mean {off.mean(0).round(3).tolist()}, deviation {off.std(0).round(3).tolist()}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("localization", type=Path)
    parser.add_argument("--dataset", choices=sorted(DATASETS), nargs="+", default=list(DATASETS))
    args = parser.parse_args()
    detector = Detector(args.localization)
    for dataset in args.dataset:
        build(dataset, detector)


if __name__ == "__main__":
    main()
