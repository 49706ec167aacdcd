"""fp32, fp16 and INT8 forms of a detector, detection by detection; writes metrics.

    python -m models.training.evaluate.detector_precisions FP32 FP16 INT8 --output precisions.json

The first file is what the others are held against: on the held-out tenth of LFW, letterboxed as the
engine does, each face that it finds at its threshold is looked for among the other's detections.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.training.datasets.faces import load
from models.training.datasets.letterbox import letterbox
from models.training.datasets.teacher_faces import overlap
from models.training.evaluate.metrics import write_metrics
from models.training.onnx.detector_runner import DetectorRunner
from models.training.onnx.fp16 import LARGEST, peak
from models.training.onnx.metadata import read_metadata

IOU = 0.5
DATA = "held-out tenth of LFW, letterboxed to the network's size"
COMMAND = "python -m models.training.evaluate.detector_precisions FP32 FP16 INT8"


def compare(files: dict[str, Path], images: list[np.ndarray]) -> dict[str, Any]:
    """How far each file's detections are from the first's.

    Returns
    -------
    dict
        `faces` that the first file finds; `inside`, the largest value within it and fp16's largest
        number; for each other file the share `found` of these faces at the same threshold, and the
        mean and largest change of a face's `score`, box `corners` and `points` (network pixels).
    """
    detectors = {name: DetectorRunner(path) for name, path in files.items()}
    first, *others = detectors
    threshold = detectors[first].threshold
    moved: dict[str, list[np.ndarray]] = {name: [] for name in others}
    count = 0
    for image in images:
        wanted = detectors[first].letterboxed(image, threshold)
        count += len(wanted)
        for name in others:
            got = detectors[name].letterboxed(image, threshold)
            for face in wanted:
                shared = overlap(got[:, 1:5], face[None, 1:5])[:, 0]
                if shared.max(initial=0) >= IOU:
                    moved[name].append(np.abs(got[shared.argmax()] - face))
    tensors = (detectors[first].tensor(image[None]) for image in images)
    report: dict[str, Any] = {
        "faces": count,
        "inside": {"largest": peak(files[first], tensors), "limit": LARGEST},
        first: {"bytes": files[first].stat().st_size},
    }
    for name in others:
        report[name] = {"bytes": files[name].stat().st_size, "found": len(moved[name]) / count}
        table = np.array(moved[name])
        for part, columns in (("score", [0]), ("corners", range(1, 5)), ("points", range(5, 15))):
            change = table[:, list(columns)]
            report[name][part] = {"mean": change.mean(), "largest": change.max()}
    return report


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", help="ONNX files, fp32 first")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = {read_metadata(path)["mien.precision"]: path for path in options.files}
    if len(files) != len(options.files):
        parser.error(f"wanted files of different precision, got {', '.join(files)}")
    side = DetectorRunner(options.files[0]).side
    images = [letterbox(photo, side)[0] for photo in load("lfw", held_out=True).images]
    write_metrics(options.output, compare(files, images), command=COMMAND, data=DATA)


if __name__ == "__main__":
    main()
