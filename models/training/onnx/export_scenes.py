"""Writes a detector trained on scenes as ONNX files with all their metadata.

    python -m models.training.onnx.export_scenes RUN/best.pt localization.onnx

Writes what `export_detector` does, calibrated on composites of scenes. The score threshold is the
lowest with at most ``--false-boxes`` an image on the held-out tenth of ``train.zip``, looked at as
the engine looks at photographs: merged looks with the longer side at each of ``--image-sides``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from models.training.datasets.detector_batches import CompositeBatches
from models.training.networks.face_localization_net import normalize
from models.training.onnx.export_detector import Targets, load_checkpoint, metadata, write_files
from models.training.train.scenes_validation import HeldOutScenes

SHAPE = (320, 320)
SOURCES = {"scenes": 0.85, "lfw": 0.15}
SEED = 7


def calibration(count: int) -> Iterator[np.ndarray]:
    """Preprocessed composites (4, 3, 320, 320) float32 of scenes, ``count`` times."""
    composites = CompositeBatches(SOURCES, (SHAPE,), 4, SEED)
    for number in range(count):
        yield np.ascontiguousarray(normalize(composites[number][0]).numpy())


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path, help="INT8 ONNX file to write")
    parser.add_argument("--fp32", type=Path, help="also keep the fp32 file here")
    parser.add_argument("--fp16", type=Path, help="also write the fp16 file, for GPUs, here")
    parser.add_argument("--false-boxes", type=float, default=0.1, help="an image, at most")
    parser.add_argument(
        "--image-sides", nargs="+", type=int, default=[320, 896], help="of photographs' input"
    )
    parser.add_argument("--side", type=int, default=320, help="of video frames' input")
    parser.add_argument(
        "--upright-score", type=float, help="models/README.md; default: the engine's"
    )
    parser.add_argument("--version", default="1.3.0")
    parser.add_argument("--batches", type=int, default=32, help="of four calibration composites")
    return parser


def main() -> None:
    """Run the command line."""
    options = parser().parse_args()
    torch.set_num_threads(1)
    network = load_checkpoint(options.checkpoint)
    found = HeldOutScenes().tally(network, options.image_sides)
    threshold = round(found.threshold_at(options.false_boxes), 3)
    print(f"threshold {threshold}, recall there {found.recall(threshold):.4f}")
    keys = metadata(network.grid, options.version, threshold)
    keys["mien.input.max_side"] = options.side
    keys["mien.input.image_sides"] = options.image_sides
    if options.upright_score is not None:
        keys["mien.localization.upright_score"] = options.upright_score
    targets = Targets(options.target, options.fp32, options.fp16)
    write_files(network, keys, targets, lambda: calibration(options.batches))


if __name__ == "__main__":
    main()
