"""The teachers of one process, run on one image at a time."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from models.training.datasets import teacher_mesh
from models.training.datasets.paths import model_dir
from models.training.datasets.teacher_label_table import FILES, Settings

DETECTOR_MULTIPLE = 32
GREY = teacher_mesh.BORDER_GREY


def shown(image: np.ndarray, settings: Settings) -> tuple[np.ndarray, float, np.ndarray]:
    """An image as the detectors see it: on a grey canvas whose sides they take.

    Returns
    -------
    tuple
        The canvas (H, W, 3); the scale s and the place (2,) of the image's corner, so that a
        point p of the image is at s * p + place.
    """
    height, width = image.shape[:2]
    scale = float(settings.mesh_upscale)
    if max(height, width) * scale > settings.detector_side:
        scale = settings.detector_side / max(height, width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = image if scale == 1 else cv2.resize(image, size, interpolation=kind)
    border = round(settings.detector_border * max(size))
    sides = [-(-(side + 2 * border) // DETECTOR_MULTIPLE) * DETECTOR_MULTIPLE for side in size]
    place = [(side - inner) // 2 for side, inner in zip(sides, size, strict=True)]
    canvas = np.full((sides[1], sides[0], 3), GREY, np.uint8)
    canvas[place[1] : place[1] + size[1], place[0] : place[0] + size[0]] = small
    return canvas, scale, np.array(place, np.float32)


class Labeller:
    """The teachers of one process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mesh, self._detectors = None, {}
        if "mesh" in settings.teachers:
            self._mesh = teacher_mesh.Teacher(model_dir() / FILES["mesh"])
        kinds = {"yunet": "YuNet", "retinaface": "RetinaFace"}
        if set(kinds) & set(settings.teachers):
            from models.training.datasets import teacher_faces

            for name, kind in kinds.items():
                if name in settings.teachers:
                    detector = getattr(teacher_faces, kind)
                    self._detectors[name] = detector(settings.detector_threshold)

    def __call__(self, image: np.ndarray) -> dict[str, Any]:
        """Columns of one image (H, W, 3) uint8 RGB."""
        said: dict[str, Any] = {"width": image.shape[1], "height": image.shape[0]}
        if self._mesh is not None:
            settings = self._settings
            answer = self._mesh(image, settings.mesh_upscale, settings.mesh_border)
            if answer is not None:
                for name, values in zip(("mesh", "blendshapes", "pose"), answer, strict=True):
                    said[name] = values.ravel()
        if self._detectors:
            canvas, scale, place = shown(image, self._settings)
            for name, detector in self._detectors.items():
                faces = detector(canvas[None])[0].copy()
                faces[:, 1:] = (faces[:, 1:] - np.tile(place, 7)) / scale
                said[name] = list(faces)
        return said
