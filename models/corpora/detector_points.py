"""The five points that the pack's own localization network gives on the behaviour network's pictures.

    python -m models.corpora.detector_points localization.onnx

Training and evaluation then align faces as the engine will. Written to
`<cache>/behaviour/five-<corpus>.npy`: float32 (N, 5, 2) in the picture's pixels, centres at whole
numbers; NaN where the network finds no face that lies where the teacher's does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from models.corpora import crops
from models.corpora.paths import cache_dir, require
from models.corpora.teacher_mesh import BORDER, BORDER_GREY, CORPORA, UPSCALE
from models.evaluate.detector import Detector

FLOOR = 0.3
# Mean distance from the teacher's points, in interocular distances, beyond which it is another face.
NEAR = 0.5


def points_path(corpus: str) -> Path:
    return cache_dir() / "behaviour" / f"five-{corpus}.npy"


def detect(detector: Detector, picture: np.ndarray, upscale: int, border: float) -> np.ndarray:
    """Faces' five points (K, 5, 2) in the picture's pixels, best face first."""
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    size = (picture.shape[1] * upscale, picture.shape[0] * upscale)
    big = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC) if upscale != 1 else picture
    pad = round(border * big.shape[1])
    big = cv2.copyMakeBorder(big, *(pad,) * 4, cv2.BORDER_CONSTANT, value=(BORDER_GREY,) * 3)
    faces = detector(big, FLOOR)
    points = faces[:, 5:15].reshape(-1, 5, 2)
    # The detector counts from the picture's edge, crops from pixel centres.
    return (points - pad) / upscale - 0.5


def load(corpus: str) -> np.ndarray:
    """What `build` wrote, (N, 5, 2)."""
    made = "detector's points; run python -m models.corpora.detector_points"
    return np.load(require(points_path(corpus), made))


def build(corpus: str, detector: Detector) -> None:
    pictures, labels = crops.load(corpus)
    found = np.full((len(pictures), 5, 2), np.nan, np.float32)
    for row, picture in enumerate(pictures):
        points = detect(
            detector, np.ascontiguousarray(picture), UPSCALE.get(corpus, 1), BORDER.get(corpus, 0.0)
        )
        if not len(points):
            continue
        five = labels["five"][row]
        apart = np.linalg.norm(five[1] - five[0])
        off = np.linalg.norm(points - five, axis=2).mean(1) / apart
        best = int(off.argmin())
        if off[best] < NEAR or not labels["found"][row]:
            found[row] = points[best]
    np.save(points_path(corpus), found)
    known = np.isfinite(found[:, 0, 0])
    both = known & labels["found"]
    apart = np.linalg.norm(labels["five"][both, 1] - labels["five"][both, 0], axis=1)
    off = (found - labels["five"])[both] / apart[:, None, None]
    print(
        f"{corpus}: found in {known.mean():.4f}; off the teacher's points, in interocular distances: "
        f"mean {off.mean(0).round(3).tolist()}, deviation {off.std(0).round(3).tolist()}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("localization", type=Path)
    parser.add_argument("--corpus", choices=sorted(CORPORA), nargs="+", default=list(CORPORA))
    args = parser.parse_args()
    detector = Detector(args.localization)
    for corpus in args.corpus:
        build(corpus, detector)


if __name__ == "__main__":
    main()
