"""Run a localization ONNX file as the engine does: letterbox, priors, thresholds from metadata."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime as ort
import torch

from models.training.datasets.teacher_faces import suppress
from models.training.networks.priors import decode, prior_boxes
from models.training.onnx.metadata import read_metadata

# RGB uint8 (H, W, 3) of the network's input size, lowest score -> faces (K, 15)
Detections = Callable[[np.ndarray, float], np.ndarray]


def _numbers(text: str) -> list[float]:
    return [float(value) for value in text.split(",")]


class Detector:
    """A localization ONNX file on RGB uint8 frames; one thread of ONNX Runtime's CPU provider."""

    def __init__(self, path: str | Path) -> None:
        keys = read_metadata(path)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.threshold = float(keys["mien.localization.score_threshold"])
        self.side = int(keys["mien.input.max_side"])
        self.multiple = int(keys["mien.input.multiple"])
        self._iou = float(keys["mien.localization.nms_iou"])
        self._mean = np.array(_numbers(keys["mien.input.mean"]), np.float32)
        self._std = np.array(_numbers(keys["mien.input.std"]), np.float32)
        self._strides = [int(stride) for stride in _numbers(keys["mien.localization.strides"])]
        sizes = keys["mien.localization.min_sizes"].split(";")
        self._min_sizes = [_numbers(group) for group in sizes]

    def tensor(self, images: np.ndarray) -> np.ndarray:
        """Letterboxed images (N, H, W, 3) to the network's input."""
        tensor = ((images.astype(np.float32) - self._mean) / self._std).transpose(0, 3, 1, 2)
        return np.ascontiguousarray(tensor)

    def letterboxed(self, image: np.ndarray, floor: float) -> np.ndarray:
        """Faces (K, 15) scoring at least ``floor`` in an image of the network's own size."""
        scores, boxes, points = self.session.run(
            ["scores", "boxes", "points"], {"input": self.tensor(image[None])}
        )
        score = 1 / (1 + np.exp(-scores[0]))
        keep = score >= floor
        every = prior_boxes(*image.shape[:2], self._strides, self._min_sizes)
        box, point = decode(
            every[torch.from_numpy(keep)],
            torch.from_numpy(boxes[0][keep]),
            torch.from_numpy(points[0][keep]),
        )
        return suppress(
            np.concatenate([score[keep, None], box.numpy(), point.numpy()], 1), self._iou
        )

    def __call__(self, frame: np.ndarray, floor: float | None = None) -> np.ndarray:
        """Faces (K, 15) of a frame in its own pixels, from its top-left edge."""
        image, scale = letterbox(frame, self.side, self.multiple)
        faces = self.letterboxed(image, self.threshold if floor is None else floor)
        faces[:, 1:] /= scale
        return faces


def letterbox(frame: np.ndarray, side: int, multiple: int = 32) -> tuple[np.ndarray, float]:
    """The frame, longer side at ``side``, top-left on grey with sides of whole multiples."""
    height, width = frame.shape[:2]
    scale = side / max(height, width)
    rows, columns = max(round(height * scale), 1), max(round(width * scale), 1)
    canvas = np.full(
        (-(-rows // multiple) * multiple, -(-columns // multiple) * multiple, 3), 114, np.uint8
    )
    canvas[:rows, :columns] = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return canvas, scale


def frames(path: Path) -> Iterator[np.ndarray]:
    """The images of a photograph (one) or a video, RGB uint8."""
    if path.suffix in (".mp4", ".mov"):
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")
        return
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"not a readable image: {path}")
    yield cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def milliseconds(calls: dict[str, Callable[[], object]], runs: int = 300) -> dict[str, object]:
    """Times of some calls, taken in turn so that a busy machine is unfair to none.

    Returns
    -------
    dict
        For each name its ``p5`` and ``median``, milliseconds.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(1e3 * (time.perf_counter() - start))
    return {
        name: dict(
            zip(("p5", "median"), np.percentile(values, [5, 50]).round(3).tolist(), strict=True)
        )
        for name, values in taken.items()
    }
