"""Writes the five points that a detector gives on the behaviour network's images.

    python -m models.training.onnx.dataset_points localization.onnx

`models.training.datasets.detector_points` says what the files hold.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets import crops
from models.training.datasets.detector_points import points_path
from models.training.datasets.teacher_mesh import BORDER, BORDER_GREY, DATASETS, UPSCALE
from models.training.onnx.detector_runner import DetectorRunner

FLOOR = 0.3
# Mean distance from the teacher's points, in interocular distances, beyond which a detection is
# another face.
NEAR = 0.5


def detect(detector: DetectorRunner, image: np.ndarray, upscale: int, border: float) -> np.ndarray:
    """Detect the faces of one image.

    Parameters
    ----------
    detector : DetectorRunner
        The network to run.
    image : ndarray
        uint8 RGB (H, W, 3) or grey (H, W).
    upscale : int
        Factor by which the image is enlarged first.
    border : float
        Grey border, as a share of the enlarged image's width.

    Returns
    -------
    ndarray
        Five points (K, 5, 2) of each face in the image's pixels, best face first.
    """
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


def build(dataset: str, detector: DetectorRunner) -> None:
    """Write the points of a dataset's images to the cache and print how near the teacher's are."""
    images, labels = crops.load(dataset)
    found = np.full((len(images), 5, 2), np.nan, np.float32)
    enlarged = (UPSCALE.get(dataset, 1), BORDER.get(dataset, 0.0))
    for row, image in enumerate(images):
        points = detect(detector, np.ascontiguousarray(image), *enlarged)
        if not len(points):
            continue
        five = labels["five"][row]
        off = np.linalg.norm(points - five, axis=2).mean(1) / np.linalg.norm(five[1] - five[0])
        best = int(off.argmin())
        if off[best] < NEAR or not labels["found"][row]:
            found[row] = points[best]
    np.save(points_path(dataset), found)
    _report(dataset, found, labels)


def _report(dataset: str, found: np.ndarray, labels: dict[str, np.ndarray]) -> None:
    known = np.isfinite(found[:, 0, 0])
    both = known & labels["found"]
    apart = np.linalg.norm(labels["five"][both, 1] - labels["five"][both, 0], axis=1)
    off = (found - labels["five"])[both] / apart[:, None, None]
    print(
        f"{dataset}: found in {known.mean():.4f}; distance from the teacher's points, in "
        f"interocular distances: mean {off.mean(0).round(3).tolist()}, "
        f"deviation {off.std(0).round(3).tolist()}",
        flush=True,
    )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("detector", type=Path, help="ONNX file of the detector")
    parser.add_argument("--dataset", choices=sorted(DATASETS), nargs="+", default=list(DATASETS))
    args = parser.parse_args()
    detector = DetectorRunner(args.detector)
    for dataset in args.dataset:
        build(dataset, detector)


if __name__ == "__main__":
    main()
