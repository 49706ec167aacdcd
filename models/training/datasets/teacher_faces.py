"""Teachers of the detector: boxes and five points from RetinaFace and YuNet.

Both return one array an image, (K, 15) float32: score, x0, y0, x1, y1, five points x, y; pixels
from the image's top-left edge, best first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime as ort
import torch

from models.training.datasets.paths import model_dir, require
from models.training.networks.priors import decode, prior_boxes
from models.training.networks.retinaface_teacher import MEAN_BGR, load_teacher

RETINAFACE = "retinaface_mobilenet0.25.pth"
YUNET = "yunet_n_dynamic.onnx"


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of boxes a (A, 4) and b (B, 4), x0 y0 x1 y1 -> (A, B)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=-1)
    area_a = np.prod(a[:, 2:] - a[:, :2], axis=-1)
    area_b = np.prod(b[:, 2:] - b[:, :2], axis=-1)
    return common / np.maximum(area_a[:, None] + area_b[None] - common, 1e-9)


def suppress(faces: np.ndarray, iou: float, most: int = 1000) -> np.ndarray:
    """Greedy non-maximum suppression of the ``most`` best of faces (K, 15), best first."""
    faces = faces[np.argsort(-faces[:, 0], kind="stable")][:most]
    kept: list[np.ndarray] = []
    while len(faces):
        kept.append(faces[0])
        faces = faces[1:][overlap(faces[:1, 1:5], faces[1:, 1:5])[0] < iou]
    return np.stack(kept) if kept else np.zeros((0, 15), np.float32)


def merged_looks(looks: Sequence[np.ndarray], iou: float) -> np.ndarray:
    """Faces (K, 15) of one image looked at several times, as the engine merges them."""
    return looks[0] if len(looks) == 1 else suppress(np.concatenate(looks), iou)


class RetinaFace:
    """The PyTorch teacher on RGB uint8 images (N, H, W, 3), H and W multiples of 32."""

    def __init__(self, threshold: float) -> None:
        path = require(model_dir() / RETINAFACE, "RetinaFace teacher")
        self._network = load_teacher(path).to(memory_format=torch.channels_last)
        self._threshold = threshold

    @torch.no_grad()
    def __call__(self, images: np.ndarray, threshold: float | None = None) -> list[np.ndarray]:
        """Faces of each; ``threshold`` instead of the one given at the start."""
        threshold = self._threshold if threshold is None else threshold
        bgr = torch.from_numpy(np.ascontiguousarray(images[..., ::-1])).permute(0, 3, 1, 2).float()
        logits, boxes, points = self._network(bgr - torch.tensor(MEAN_BGR).view(1, 3, 1, 1))
        priors = prior_boxes(*images.shape[1:3])
        found = []
        for row in range(len(images)):
            score = torch.sigmoid(logits[row])
            keep = score > threshold
            box, point = decode(priors[keep], boxes[row, keep], points[row, keep])
            found.append(suppress(torch.cat([score[keep, None], box, point], 1).numpy(), 0.4))
        return found


def _planes(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1)[None], dtype=np.float32)


class YuNet:
    """The ONNX teacher on RGB uint8 images (N, H, W, 3), H and W multiples of 32."""

    def __init__(self, threshold: float) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        path = require(model_dir() / YUNET, "YuNet teacher")
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._names = [o.name for o in self._session.get_outputs()]
        self._input = self._session.get_inputs()[0].name
        self._threshold = threshold

    def __call__(self, images: np.ndarray, threshold: float | None = None) -> list[np.ndarray]:
        """Faces of each; ``threshold`` instead of the one given at the start."""
        threshold = self._threshold if threshold is None else threshold
        return [self._one(image, threshold) for image in images]

    def network_call(self, image: np.ndarray) -> Callable[[], object]:
        """The network alone on one image (H, W, 3), to be timed."""
        bgr = _planes(image)
        return lambda: self._session.run(None, {self._input: bgr})

    def _one(self, image: np.ndarray, threshold: float) -> np.ndarray:
        bgr = _planes(image)
        outputs = dict(zip(self._names, self._session.run(None, {self._input: bgr}), strict=True))
        every = []
        for stride in (8, 16, 32):
            rows, columns = image.shape[0] // stride, image.shape[1] // stride
            y, x = np.mgrid[:rows, :columns]
            cell = np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)
            classes, objects = (
                outputs[f"cls_{stride}"].reshape(-1),
                outputs[f"obj_{stride}"].reshape(-1),
            )
            score = np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1))
            box = outputs[f"bbox_{stride}"].reshape(-1, 4)
            middle, half = (cell + box[:, :2]) * stride, np.exp(box[:, 2:]) * stride / 2
            points = (np.tile(cell, 5) + outputs[f"kps_{stride}"].reshape(-1, 10)) * stride
            faces = np.concatenate([score[:, None], middle - half, middle + half, points], 1)
            every.append(faces[score > threshold])
        return suppress(np.concatenate(every).astype(np.float32), 0.4)
