"""Measure a localization ONNX file: ``python -m models.evaluate.localization FILE`` prints JSON.

Three parts. *held_out*: canvases composed of the tenth of LFW that training never saw, against the
labels carried over from both teachers, with the RetinaFace teacher on the very same canvases for
comparison; *media*: the test media, against YuNet at 640 pixels; *batch*: whether an image's
numbers depend on its batch. The file runs as the engine runs it: letterbox and thresholds from its
metadata.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime as ort
import torch

from models.corpora.augment_localization import Composer
from models.corpora.faces import load
from models.corpora.paths import data_dir
from models.corpora.teacher_faces import RetinaFace, YuNet, overlap, suppress
from models.export.metadata import read_metadata
from models.networks.priors import decode, prior_boxes

FACES = (
    "0-f1-su-ph.jpg",
    "0-f15-hao-ph.jpg",
    "15-f13-anc-ph.jpg",
    "45-m7-di-ph.jpg",
    "single_face.jpg",
    "BWPictureHuman.jpg",
    "Image_with_alpha.png",
)
FACELESS = ("free-mountain-vector-01.jpg",)
FLOOR = 0.1


class Detector:
    """A localization ONNX file on RGB uint8 frames; one thread of ONNX Runtime's CPU provider."""

    def __init__(self, path: str | Path) -> None:
        keys = read_metadata(path)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.threshold = float(keys["mien.localization.score_threshold"])
        self.side = int(keys["mien.input.max_side"])
        self._iou = float(keys["mien.localization.nms_iou"])
        self._mean = np.array(keys["mien.input.mean"].split(","), np.float32)
        self._std = np.array(keys["mien.input.std"].split(","), np.float32)

    def tensor(self, pictures: np.ndarray) -> np.ndarray:
        """Letterboxed pictures (N, H, W, 3) to the network's input."""
        tensor = ((pictures.astype(np.float32) - self._mean) / self._std).transpose(0, 3, 1, 2)
        return np.ascontiguousarray(tensor)

    def letterboxed(self, picture: np.ndarray, floor: float) -> np.ndarray:
        """Faces (K, 15) scoring at least ``floor`` in a picture of the network's own size."""
        scores, boxes, points = self.session.run(None, {"input": self.tensor(picture[None])})
        score = 1 / (1 + np.exp(-scores[0]))
        keep = score >= floor
        priors = prior_boxes(*picture.shape[:2])[torch.from_numpy(keep)]
        box, point = decode(
            priors, torch.from_numpy(boxes[0][keep]), torch.from_numpy(points[0][keep])
        )
        return suppress(
            np.concatenate([score[keep, None], box.numpy(), point.numpy()], 1), self._iou
        )

    def __call__(self, frame: np.ndarray, floor: float | None = None) -> np.ndarray:
        """Faces (K, 15) of a frame in its own pixels, from its top-left edge."""
        picture, scale = letterbox(frame, self.side)
        faces = self.letterboxed(picture, self.threshold if floor is None else floor)
        faces[:, 1:] /= scale
        return faces


def letterbox(frame: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The frame, longer side at ``side``, top-left on grey with sides of multiples of 32."""
    height, width = frame.shape[:2]
    scale = side / max(height, width)
    rows, columns = max(round(height * scale), 1), max(round(width * scale), 1)
    canvas = np.full((-(-rows // 32) * 32, -(-columns // 32) * 32, 3), 114, np.uint8)
    canvas[:rows, :columns] = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return canvas, scale


Detections = Callable[[np.ndarray], np.ndarray]


def held_out(detectors: dict[str, Detections], count: int) -> dict[str, Tally]:
    """What detectors find and miss on ``count`` held-out canvases."""
    composer = Composer([load("lfw", held_out=True)], [1.0])
    rng = np.random.default_rng(99)
    tallies = {name: Tally() for name in detectors}
    for row in range(count):
        height, width = ((192, 320), (256, 320), (320, 320))[row % 3]
        picture, faces = composer.canvas(rng, height, width)
        for name, detect in detectors.items():
            tallies[name].add(detect(picture), faces)
    return tallies


class Tally:
    """Matches of detections with labelled faces at IoU 0.5, over many canvases."""

    def __init__(self) -> None:
        self._hits: list[
            tuple[float, float, float, float]
        ] = []  # score, IoU, point error, face size
        self._sizes: list[float] = []
        self._false: list[tuple[float, bool]] = []  # score, on a canvas without any face
        self._canvases = self._empty = 0

    def add(self, found: np.ndarray, faces: np.ndarray) -> None:
        """Count the detections (K, 15) of one canvas with faces (M, 16)."""
        self._canvases += 1
        self._empty += len(faces) == 0
        real, doubtful = faces[faces[:, 0] == 1], faces[faces[:, 0] == 0]
        sizes = (real[:, 3:5] - real[:, 1:3]).max(1) if len(real) else np.zeros(0)
        self._sizes += sizes.tolist()
        shared = overlap(found[:, 1:5], real[:, 1:5])
        free = np.ones(len(real), bool)
        for row, face in enumerate(found):
            other = int(np.argmax(np.where(free, shared[row], -1))) if free.any() else -1
            if other >= 0 and shared[row, other] >= 0.5:
                free[other] = False
                eyes = np.linalg.norm(real[other, 5:7] - real[other, 7:9])
                off = np.linalg.norm((face[5:15] - real[other, 5:15]).reshape(5, 2), axis=1).mean()
                self._hits.append((face[0], shared[row, other], off / max(eyes, 1.0), sizes[other]))
            elif not _inside(face, doubtful):
                self._false.append((face[0], len(faces) == 0))

    def report(self) -> dict[str, object]:
        """Figures at several thresholds."""
        out: dict[str, object] = {
            "canvases": self._canvases,
            "without_face": self._empty,
            "faces": len(self._sizes),
        }
        for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            out[f"at_{threshold}"] = self.at(threshold)
        return out

    def at(self, threshold: float) -> dict[str, float]:
        """Figures at one score threshold; errors are those of faces found."""
        hits = np.array(self._hits).reshape(-1, 4)
        false = np.array(self._false).reshape(-1, 2)
        sizes = np.array(self._sizes)
        kept, wrong = hits[hits[:, 0] >= threshold], false[false[:, 0] >= threshold]
        line = {
            "recall": len(kept) / max(len(sizes), 1),
            "false_per_canvas": len(wrong) / max(self._canvases, 1),
            "false_on_faceless": float(wrong[:, 1].sum()),
        }
        if len(kept):
            line |= {"mean_iou": kept[:, 1].mean(), "mean_point_error": kept[:, 2].mean()}
        for low, high in ((9, 20), (20, 40), (40, 100), (100, 400)):
            there = (sizes >= low) & (sizes < high)
            hit = (kept[:, 3] >= low) & (kept[:, 3] < high)
            if there.any():
                line[f"recall_{low}_{high}_px"] = hit.sum() / there.sum()
        return {name: round(float(value), 4) for name, value in line.items()}


def _inside(face: np.ndarray, doubtful: np.ndarray) -> bool:
    if not len(doubtful):
        return False
    low = np.maximum(face[1:3], doubtful[:, 1:3])
    high = np.minimum(face[3:5], doubtful[:, 3:5])
    area = max(float(np.prod(face[3:5] - face[1:3])), 1e-6)
    return bool((np.prod(np.clip(high - low, 0, None), 1) / area > 0.3).any())


def _figures(tally: Tally, threshold: float) -> dict[str, float | str]:
    return {
        "data": "canvases composed of a held-out tenth of LFW, teachers' labels",
        "score_threshold": threshold,
    } | tally.at(threshold)


def frames(path: Path) -> Iterator[np.ndarray]:
    """The pictures of a photograph (one) or a video, RGB uint8."""
    if path.suffix in (".mp4", ".mov"):
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")
        return
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(f"not a readable picture: {path}")
    yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _reference(yunet: YuNet, frame: np.ndarray) -> np.ndarray:
    picture, scale = letterbox(frame, 640)
    faces = yunet(picture[None])[0]
    faces[:, 1:] /= scale
    return faces


def media(detector: Detector, folder: Path) -> dict[str, object]:
    """The test media against YuNet at score 0.6."""
    yunet = YuNet(0.6)
    out: dict[str, object] = {}
    for name in (*FACES, *FACELESS, "single_face.mp4", "no_face.mp4", "face_noface.mov"):
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


def batch_independence(detector: Detector, size: int = 16) -> bool:
    """Whether images say exactly the same alone and in a batch."""
    composer = Composer([load("lfw", held_out=True)], [1.0])
    rng = np.random.default_rng(5)
    tensor = detector.tensor(np.stack([composer.canvas(rng, 192, 320)[0] for _ in range(size)]))
    together = detector.session.run(None, {"input": tensor})
    alone = [detector.session.run(None, {"input": tensor[row : row + 1]}) for row in range(size)]
    return all(
        np.array_equal(together[output][row], alone[row][output][0])
        for row in range(size)
        for output in range(3)
    )


def milliseconds(detector: Detector, runs: int = 300) -> dict[str, float]:
    """Time of one 320x192 input on one thread."""
    tensor = detector.tensor(np.random.default_rng(0).integers(0, 256, (1, 192, 320, 3), np.uint8))
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        detector.session.run(None, {"input": tensor})
        taken.append(1e3 * (time.perf_counter() - start))
    low, median = np.percentile(taken, [5, 50])
    return {"p5": round(float(low), 3), "median": round(float(median), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--canvases", type=int, default=600)
    parser.add_argument("--no-media", action="store_true")
    parser.add_argument("--quality", type=Path, help="also write the pack's figures, as JSON")
    options = parser.parse_args()
    torch.set_num_threads(1)
    detector, teacher = Detector(options.onnx), RetinaFace(FLOOR)
    detectors: dict[str, Detections] = {
        "network": lambda picture: detector.letterboxed(picture, FLOOR),
        "teacher": lambda picture: teacher(picture[None])[0],
    }
    tallies = held_out(detectors, options.canvases)
    out: dict[str, object] = {
        "file": options.onnx.name,
        "bytes": options.onnx.stat().st_size,
        "threshold": detector.threshold,
        "milliseconds_320x192_one_thread": milliseconds(detector),
        "batch_independent": batch_independence(detector),
        "held_out_lfw_canvases": {name: tally.report() for name, tally in tallies.items()},
    }
    if not options.no_media:
        out["media"] = media(detector, data_dir() / "pyfeat")
    print(json.dumps(out, indent=1))
    if options.quality:
        command = f"python -m models.evaluate.localization FILE --canvases {options.canvases}"
        figures = _figures(tallies["network"], detector.threshold)
        text = json.dumps({"command": command, "figures": figures}, indent=1)
        options.quality.write_text(text + "\n")


if __name__ == "__main__":
    main()
