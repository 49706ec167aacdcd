"""Metrics of a detector's requirements: recall, false detections, small faces.

Detectors are looked at side by side, on the very same images at the network's input size; each
takes an image (H, W, 3) and the lowest score wanted and returns faces (K, 15).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.metrics import average_precision
from models.training.datasets.faces import Dataset
from models.training.datasets.letterbox import letterbox
from models.training.datasets.teacher_faces import YuNet, overlap
from models.training.evaluate import negatives
from models.training.evaluate.mosaics import main_face, mosaics
from models.training.onnx.detector_runner import Detections

IOU = 0.5
LOW = 0.3
FLOOR = 0.05  # average precision leaves out what scores less


def found_of(
    dataset: Dataset, calls: dict[str, Detections], thresholds: dict[str, float], side: int
) -> dict[str, object]:
    """Share of photographs whose main face is found at IoU 0.5, at each one's threshold."""
    hits: dict[str, list[float]] = {name: [] for name in calls}
    for photo, faces in zip(dataset.images, dataset.faces, strict=True):
        if not (faces[:, 0] == 1).any():
            continue  # the teachers themselves are not sure of any
        image, scale = letterbox(photo, side)
        wanted = faces[[main_face(faces)], 1:5] * scale
        for name, call in calls.items():
            sure = call(image, thresholds[name])
            hits[name].append(float((overlap(sure[:, 1:5], wanted) >= IOU).any()))
    return {"photographs": len(hits["network"])} | _means(hits)


def false_alarms(
    held_out: Dataset,
    media: Path,
    calls: dict[str, Detections],
    thresholds: dict[str, float],
    side: int,
) -> dict[str, dict[str, object]]:
    """Detections an image at each one's threshold, on images without faces, by group.

    ``highest`` is the network's best score in the group, 0 where it is below `LOW`.
    """
    yunet = YuNet(0.3)
    groups = {
        "training_like": negatives.training_like(200),
        "unlike_training": negatives.unlike_training(200),
        "photographs": negatives.photographs(),
        "media": negatives.videos(
            media, lambda frame: len(yunet(letterbox(frame, 640)[0][None])[0]) > 0
        ),
        "painted_out": negatives.painted_out(held_out),
    }
    report: dict[str, dict[str, object]] = {}
    total: dict[str, list[float]] = {name: [] for name in calls}
    for group, images in groups.items():
        counts: dict[str, list[float]] = {name: [] for name in calls}
        highest = 0.0
        for image in images:
            boxed, _ = letterbox(image, side)
            for name, call in calls.items():
                scores = call(boxed, min(LOW, thresholds[name]))[:, 0]
                counts[name].append(float((scores >= thresholds[name]).sum()))
                if name == "network":
                    highest = max(highest, float(scores.max(initial=0.0)))
        report[group] = {"images": len(counts["network"]), "highest": highest} | _means(counts)
        for name in calls:
            total[name] += counts[name]
    return report | {"all": {"images": len(total["network"])} | _means(total)}


def small_faces(held_out: Dataset, calls: dict[str, Detections], size: int) -> dict[str, object]:
    """Average precision at IoU 0.5 of faces ``size`` pixels tall in mosaics."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in calls}
    truth, doubtful = [], []
    for image, faces in mosaics(held_out, size):
        truth.append(faces[faces[:, 0] == 1, 1:5])
        doubtful.append(faces[faces[:, 0] != 1, 1:5])
        for name, call in calls.items():
            found[name].append(call(image, FLOOR)[:, [1, 2, 3, 4, 0]])
    return {"composites": len(truth), "faces": sum(map(len, truth))} | {
        name: average_precision(boxes, truth, ignore=doubtful, iou=IOU)
        for name, boxes in found.items()
    }


def _means(values: dict[str, list[float]]) -> dict[str, float]:
    return {name: float(np.mean(each)) for name, each in values.items()}
