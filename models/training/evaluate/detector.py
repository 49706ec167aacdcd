"""Measures a detector's ONNX file: ``python -m models.training.evaluate.detector FILE``.

Prints its metrics as JSON; ``--metrics`` writes them for the model card, ``--quality`` those of the
pack. The file runs as the engine runs it: letterbox, priors and thresholds from its metadata. Next
to it, on the very same images at the same size, run YuNet-n and the RetinaFace teacher.

==============  ==================================================================================
``lfw``         share of held-out LFW photographs whose main face is found
``alarms``      false detections an image, on several kinds of images without faces
``small``       average precision of faces of 16, 24, 32 and 48 pixels in mosaics
``composites``  recall by size, false detections, errors on composed composites, at any threshold
``media``       test media, frame by frame, against YuNet at 640 pixels
``batch``       whether an image's numbers depend on its batch
``ms``          time of one 320x192 input on one thread, the network alone
==============  ==================================================================================

Held out is the tenth of LFW that training never saw; its labels are both teachers' together.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from models.training.datasets.composer import Composer
from models.training.datasets.faces import Dataset, load
from models.training.datasets.letterbox import letterbox
from models.training.datasets.paths import data_dir
from models.training.datasets.teacher_faces import RetinaFace, YuNet, overlap
from models.training.evaluate.composites import composed
from models.training.evaluate.detector_targets import false_alarms, found_of, small_faces
from models.training.evaluate.media import frames
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.timing import call_milliseconds
from models.training.onnx.detector_runner import Detections, DetectorRunner

PARTS = ("lfw", "alarms", "small", "composites", "media", "batch", "ms")
SIZES = (16, 24, 32, 48)
FACES = (
    "0-f1-su-ph.jpg",
    "0-f15-hao-ph.jpg",
    "15-f13-anc-ph.jpg",
    "45-m7-di-ph.jpg",
    "single_face.jpg",
    "BWPictureHuman.jpg",
    "Image_with_alpha.png",
)
NEGATIVES = ("free-mountain-vector-01.jpg",)
FLOOR = 0.1  # detections below this score are not looked at
USUAL = {"yunet": 0.6, "retinaface": 0.5}  # the teachers' thresholds
DATA = "held-out tenth of LFW with both teachers' labels, images without faces, test media"


def competitors(
    detector: DetectorRunner, alone: bool
) -> tuple[dict[str, Detections], dict[str, float]]:
    """The network and the teachers on images of its input size, and the threshold of each."""
    calls: dict[str, Detections] = {"network": detector.letterboxed}
    if alone:
        return calls, {"network": detector.threshold}
    yunet, retinaface = YuNet(FLOOR), RetinaFace(FLOOR)
    calls["yunet"] = lambda image, floor: yunet(image[None], floor)[0]
    calls["retinaface"] = lambda image, floor: retinaface(image[None], floor)[0]
    return calls, {"network": detector.threshold} | USUAL


def _reference(yunet: YuNet, frame: np.ndarray) -> np.ndarray:
    image, scale = letterbox(frame, 640)
    faces = yunet(image[None])[0]
    faces[:, 1:] /= scale
    return faces


def media(detector: DetectorRunner, folder: Path) -> dict[str, object]:
    """The test media against YuNet at score 0.6."""
    yunet = YuNet(0.6)
    out: dict[str, object] = {}
    for name in (*FACES, *NEGATIVES, "single_face.mp4", "no_face.mp4", "face_noface.mov"):
        ious, ours, theirs, both, neither, errors, highest = [], 0, 0, 0, 0, [], []
        count = 0
        for frame in frames(folder / name):
            count += 1
            every = detector(frame, FLOOR)
            found, wanted = every[every[:, 0] >= detector.threshold], _reference(yunet, frame)
            highest.append(float(every[:, 0].max()) if len(every) else 0.0)
            ours, theirs = ours + bool(len(found)), theirs + bool(len(wanted))
            both += bool(len(found)) and bool(len(wanted))
            neither += not len(found) and not len(wanted)
            if len(wanted):
                main = wanted[np.argmax(np.prod(wanted[:, 3:5] - wanted[:, 1:3], 1))]
                shared = overlap(found[:, 1:5], main[None, 1:5])[:, 0]
                ious.append(float(shared.max()) if len(shared) else 0.0)
                if len(shared) and shared.max() >= 0.5:
                    off = (found[shared.argmax(), 5:15] - main[5:15]).reshape(5, 2)
                    errors.append(
                        np.linalg.norm(off, axis=1).mean() / np.linalg.norm(main[5:7] - main[7:9])
                    )
        out[name] = {
            "frames": count,
            "found": ours,
            "yunet": theirs,
            "both": both,
            "neither": neither,
            "lowest_iou": round(min(ious), 3) if ious else None,
            "iou_at_least_half": sum(i >= 0.5 for i in ious),
            "mean_iou": round(float(np.mean(ious)), 3) if ious else None,
            "point_error": round(float(np.mean(errors)), 3) if errors else None,
            "highest_score_max": round(max(highest), 3),
            "highest_score_min": round(min(highest), 3),
        }
    return out


def batch_independence(detector: DetectorRunner, dataset: Dataset, size: int = 16) -> bool:
    """Whether images say exactly the same alone and in a batch."""
    composer, rng = Composer([dataset], [1.0]), np.random.default_rng(5)
    tensor = detector.tensor(np.stack([composer.compose(rng, 192, 320)[0] for _ in range(size)]))
    together = detector.session.run(None, {"input": tensor})
    alone = [detector.session.run(None, {"input": tensor[row : row + 1]}) for row in range(size)]
    return all(
        np.array_equal(together[output][row], alone[row][output][0])
        for row in range(size)
        for output in range(3)
    )


def times(detector: DetectorRunner) -> dict[str, object]:
    """Milliseconds of one 320x192 input on one thread, beside YuNet-n's."""
    noise = np.random.default_rng(0).integers(0, 256, (192, 320, 3), np.uint8)
    tensor = detector.tensor(noise[None])
    return call_milliseconds(
        {
            "network": lambda: detector.session.run(None, {"input": tensor}),
            "yunet": YuNet(FLOOR).network_call(noise),
        }
    )


def measure(
    path: Path, parts: list[str], composites: int = 400, alone: bool = False
) -> dict[str, object]:
    """Metrics of a detector's ONNX file."""
    detector, held_out = DetectorRunner(path), load("lfw", held_out=True)
    calls, thresholds = competitors(detector, alone)
    folder = data_dir() / "pyfeat"
    how = {
        "lfw": lambda: found_of(held_out, calls, thresholds, detector.side),
        "alarms": lambda: false_alarms(held_out, folder, calls, thresholds, detector.side),
        "small": lambda: {str(size): small_faces(held_out, calls, size) for size in SIZES},
        "composites": lambda: composed(held_out, calls, composites, thresholds),
        "media": lambda: media(detector, folder),
        "batch": lambda: {"independent": batch_independence(detector, held_out)},
        "ms": lambda: times(detector),
    }
    about = {"file": path.name, "bytes": path.stat().st_size, "thresholds": thresholds}
    return about | {part: how[part]() for part in parts}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--composites", type=int, default=400)
    parser.add_argument("--alone", action="store_true", help="without the teachers: quicker")
    parser.add_argument("--metrics", type=Path, help="write the metrics here, for the card")
    parser.add_argument("--quality", type=Path, help="write the headline metrics for a pack here")
    options = parser.parse_args()
    torch.set_num_threads(1)
    metrics = measure(options.onnx, options.parts, options.composites, options.alone)
    print(json.dumps(plain(metrics), indent=1))
    command = f"python -m models.training.evaluate.detector FILE --composites {options.composites}"
    if options.metrics:
        write_metrics(options.metrics, metrics, command=command, data=DATA)
    if options.quality:
        write_metrics(options.quality, headline(metrics), command=command, data=DATA)


def headline(metrics: dict[str, object]) -> dict[str, object]:
    """The metrics that a pack states."""
    return {
        "data": DATA,
        "score_threshold": metrics["thresholds"]["network"],
        "held_out_lfw_found": metrics["lfw"]["network"],
        "false_detections_per_face_free_image": metrics["alarms"]["all"]["network"],
        "average_precision_24_px": metrics["small"]["24"]["network"],
        "canvases_recall": metrics["composites"]["network"]["own"]["recall"],
    }


if __name__ == "__main__":
    main()
