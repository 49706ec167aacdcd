"""Faces in photographs of scenes, beside YuNet: recall, average precision, false boxes, probes.

``python -m models.training.evaluate.detection_scenes FILE ... --sizes 320 640 960 --metrics FILE``

A FILE is a localization ONNX file or a pack's folder. Everything is measured on
``detection/public.zip``, which no training sees, in one run for all detectors. Faces that a teacher
ensemble is sure of and nobody drew are not taken out: they count as false boxes for everybody.
``--merged 320 896`` adds what looks at several sizes find together, as the engine merges them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from models.training.datasets.detection_scenes import Scenes
from models.training.datasets.letterbox import letterbox
from models.training.datasets.teacher_faces import YuNet, merged_looks
from models.training.evaluate.metrics import write_metrics
from models.training.evaluate.scene_probes import (
    Finder,
    false_on_negatives,
    recall_under_casts,
    whole_photographs,
)
from models.training.onnx.detector_runner import DetectorRunner
from models.training.train.detection_tally import Tally

DATA = "detection/public.zip; for the probes also held-out LFW and detection/negatives.zip"
FLOOR = 0.02
NMS_IOU = 0.4
BINS = ((0, 17), (17, 24), (24, 34), (34, 48), (48, 9999))  # around 20, 28 and 40 network pixels
YUNET_SIDE = 640
YUNET_THRESHOLD = 0.5
NONE = np.zeros((0, 4), np.float32)


def onnx_finder(path: Path) -> tuple[Finder, float, int]:
    """A file's or pack's detector: how to call it, its threshold, its default input side."""
    detector = DetectorRunner(path / "localization.onnx" if path.is_dir() else path)
    return (
        lambda image, side: detector(image, FLOOR, side),
        detector.threshold,
        detector.side,
    )


def yunet_finder() -> tuple[Finder, float, int]:
    """YuNet, in the same manner."""
    yunet = YuNet(FLOOR)

    def find(image: np.ndarray, side: int) -> np.ndarray:
        shown, scale = letterbox(image, side)
        faces = yunet(shown[None])[0]
        faces[:, 1:] /= scale
        return faces

    return find, YUNET_THRESHOLD, YUNET_SIDE


def merged_finder(finder: Finder, sides: Sequence[int]) -> Finder:
    """A detector's looks at ``sides``, merged, whatever side is asked for."""
    return lambda image, _: merged_looks([finder(image, side) for side in sides], NMS_IOU)


def joined(sides: Sequence[int]) -> str:
    """Name of merged looks in the metrics: ``320+896``."""
    return "+".join(map(str, sides))


def tally(finder: Finder, scenes: Scenes, side: int) -> tuple[Tally, np.ndarray]:
    """What a detector finds at one input size, and every drawn face's side in network pixels."""
    found, sides = Tally(), []
    for scene, image in scenes:
        found.add(finder(image, side), scene.boxes, NONE)
        longer = (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(1, initial=0)
        sides.append(longer * side / max(image.shape))
    return found, np.concatenate(sides)


def summary(found: Tally, sides: np.ndarray, threshold: float) -> dict[str, object]:
    """Metrics of one detector at one input size and threshold."""
    scores = np.concatenate(found.found)
    bins = {}
    for low, high in BINS:
        inside = (sides >= low) & (sides < high)
        share = float((scores[inside] >= threshold).mean()) if inside.any() else None
        name = f"{low}-{high}" if high < 9999 else f"{low}-"
        bins[name] = {
            "recall": share if share is None else round(share, 4),
            "of": int(inside.sum()),
        }
    return {
        "ap": round(found.average_precision(), 4),
        "recall": round(found.recall(threshold), 4),
        "false_boxes_per_image": round(found.false_boxes(threshold), 4),
        "recall_by_network_px": bins,
    }


def same_false_boxes(found: Tally, allowed: float) -> dict[str, float]:
    """Recall, and the threshold, where there are as many false boxes an image as allowed."""
    threshold = found.threshold_at(allowed)
    return {"threshold": round(threshold, 4), "recall": round(found.recall(threshold), 4)}


def beside_yunet(
    found: Tally, sides: np.ndarray, threshold: float, allowed: float
) -> dict[str, object]:
    """`summary`, with the recall at YuNet's number of false boxes an image."""
    same = same_false_boxes(found, allowed)
    return summary(found, sides, threshold) | {"at_yunet_640_false_boxes": same}


def evaluate(
    finders: dict[str, tuple[Finder, float, int]],
    sizes: list[int],
    probes: int,
    side: int,
    merged: Sequence[int] = (),
    say: Callable[[str], None] = print,
) -> dict[str, dict[str, object]]:
    """Metrics of each detector.

    Parameters
    ----------
    finders : dict
        YuNet first: the others' recall is also given at its number of false boxes.
    sizes : list of int
        Input sizes, besides each detector's own.
    probes : int
        Photographs of held-out LFW shown under casts of light; 0: no probes at all.
    side : int
        Input size of the photographs of no people, besides each detector's own.
    merged : sequence of int
        Input sizes whose looks are merged; their faces are binned by pixels of the largest.
    """
    scenes, metrics = Scenes("public"), {}
    allowed = 0.0
    for name, (finder, threshold, default) in finders.items():
        own: dict[str, object] = {"threshold": threshold}
        for size in sorted({*sizes, default}, key=lambda size: (size != default, size)):
            found, sides = tally(finder, scenes, size)
            if name == "yunet" and size == YUNET_SIDE:
                allowed = found.false_boxes(threshold)
            own[str(size)] = beside_yunet(found, sides, threshold, allowed)
        if merged:
            looks = merged_finder(finder, merged)
            found, sides = tally(looks, scenes, max(merged))
            own[joined(merged)] = beside_yunet(found, sides, threshold, allowed)
        if merged and probes:
            wrong = false_on_negatives(looks, threshold, max(merged))
            own[f"negatives_{joined(merged)}"] = wrong
        if probes:
            own["whole_photographs"] = whole_photographs(finder, threshold, scenes)
            own["casts_lfw"] = recall_under_casts(finder, threshold, probes)
            for size in sorted({side, default}):
                own[f"negatives_{size}"] = false_on_negatives(finder, threshold, size)
        metrics[name] = own
        say(json.dumps({name: own}))
    return metrics


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="ONNX files or packs' folders")
    parser.add_argument("--sizes", nargs="+", type=int, default=[320, 640, 960])
    parser.add_argument("--merged", nargs="+", type=int, default=[], help="sizes to merge")
    parser.add_argument("--threshold", type=float, help="instead of the files' own")
    parser.add_argument("--negatives", type=int, default=640, help="their input size")
    parser.add_argument("--probes", type=int, default=1000, help="LFW photographs; 0: no probes")
    parser.add_argument("--metrics", type=Path, help="write the metrics here")
    options = parser.parse_args()
    finders = {"yunet": yunet_finder()}
    for path in options.files:
        finder, threshold, side = onnx_finder(path)
        finders[path.name] = (finder, options.threshold or threshold, side)
    metrics = evaluate(finders, options.sizes, options.probes, options.negatives, options.merged)
    if options.metrics:
        command = "python -m models.training.evaluate.detection_scenes FILES --sizes "
        command += f"{' '.join(map(str, options.sizes))} --probes {options.probes}"
        if options.merged:
            command += f" --merged {' '.join(map(str, options.merged))}"
        write_metrics(options.metrics, metrics, command=command, data=DATA)


if __name__ == "__main__":
    main()
