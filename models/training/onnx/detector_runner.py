"""Runs a detector's ONNX file as the engine does, by the priors and thresholds of its metadata."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from models.training.datasets.letterbox import letterbox
from models.training.datasets.teacher_faces import suppress
from models.training.networks.priors import decode, prior_boxes
from models.training.onnx.metadata import read_metadata
from models.training.onnx.session import cpu_session

Detections = Callable[[np.ndarray, float], np.ndarray]
"""RGB uint8 image (H, W, 3) of the network's input size, lowest score -> faces (K, 15)."""


def _numbers(text: str) -> list[float]:
    return [float(value) for value in text.split(",")]


class DetectorRunner:
    """A detector's ONNX file on one thread of ONNX Runtime's CPU provider.

    Faces are (K, 15) float32: score, box x0 y0 x1 y1, five points x y; pixels from the image's
    top-left edge.

    Parameters
    ----------
    path : str or Path
        An ONNX file of any precision, with the metadata of the `localization` role.

    Attributes
    ----------
    threshold : float
        Score threshold of a detection, 0 to 1.
    side : int
        Longer side of the letterboxed image, pixels.
    multiple : int
        What the sides of the network's input are multiples of, pixels.
    """

    def __init__(self, path: str | Path) -> None:
        keys = read_metadata(path)
        self.session = cpu_session(path)
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
        """Convert letterboxed uint8 images (N, H, W, 3) to the network's float32 (N, 3, H, W)."""
        tensor = ((images.astype(np.float32) - self._mean) / self._std).transpose(0, 3, 1, 2)
        return np.ascontiguousarray(tensor)

    def letterboxed(self, image: np.ndarray, floor: float) -> np.ndarray:
        """Faces (K, 15) that score at least ``floor`` in an image of the network's input size."""
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

    def __call__(
        self, frame: np.ndarray, floor: float | None = None, side: int | None = None
    ) -> np.ndarray:
        """Faces (K, 15) of a frame (H, W, 3), in the frame's pixels.

        ``floor`` is the lowest score, ``side`` the longer side of the letterboxed image; by default
        the file's own.
        """
        image, scale = letterbox(frame, side or self.side, self.multiple)
        faces = self.letterboxed(image, self.threshold if floor is None else floor)
        faces[:, 1:] /= scale
        return faces
