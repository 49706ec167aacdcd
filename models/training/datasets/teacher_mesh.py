"""Runs the teacher over the image datasets and keeps its outputs, unprocessed.

The teacher is MediaPipe's FaceLandmarker bundle in image mode: 478 mesh points (the last ten are
the irises), 52 blendshapes and the 4x4 matrix that carries the canonical face into the camera's
frame. Nothing is interpreted here; `models.training.datasets.crops` makes labels of it.

    python -m models.training.datasets.teacher_mesh --dataset lfw
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

import cv2
import numpy as np
from typing_extensions import Self

from models.training.datasets.paths import cache_dir, data_dir, model_dir

DATASETS = {"lfw": "lfw.zip", "utkface": "utkface.zip", "fer2013": "fer2013.zip"}
# 48-pixel faces fill their frame: the teacher's detector needs them larger and with room around
# them.
UPSCALE = {"fer2013": 4}
BORDER = {"fer2013": 0.25}
BORDER_GREY = 114
THRESHOLD = 0.1
POINTS = 478
BLENDSHAPES = [
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
]


class Teacher:
    """MediaPipe FaceLandmarker, one face an image.

    Parameters
    ----------
    bundle : Path
        `face_landmarker.task`.
    """

    def __init__(self, bundle: Path) -> None:
        import mediapipe as mp
        from mediapipe.tasks.python import BaseOptions, vision

        self._mp = mp
        self._task = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(bundle)),
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
                min_face_detection_confidence=THRESHOLD,
                min_face_presence_confidence=THRESHOLD,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._task.close()

    def __call__(
        self, rgb: np.ndarray, upscale: int = 1, border: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Read one (H, W, 3) uint8 RGB image.

        Returns
        -------
        tuple or None
            Points (478, 3) in pixels of `rgb` (pixel centres at whole numbers), blendshapes (52,),
            matrix (4, 4); None where the teacher finds no face.
        """
        height, width = rgb.shape[:2]
        big = rgb
        if upscale != 1:
            size = (width * upscale, height * upscale)
            big = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
        pad = round(border * big.shape[1])
        if pad:
            grey = (BORDER_GREY,) * 3
            big = cv2.copyMakeBorder(big, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=grey)
        image = self._mp.Image(
            image_format=self._mp.ImageFormat.SRGB, data=np.ascontiguousarray(big)
        )
        result = self._task.detect(image)
        if not result.face_landmarks:
            return None
        points = np.array([(p.x, p.y, p.z) for p in result.face_landmarks[0]], np.float32)
        points *= (big.shape[1], big.shape[0], big.shape[1])
        points[:, :2] = (points[:, :2] - pad) / upscale - 0.5
        points[:, 2] /= upscale
        shapes = np.array([b.score for b in result.face_blendshapes[0]], np.float32)
        return points, shapes, np.asarray(result.facial_transformation_matrixes[0], np.float32)


def read_members(dataset: str) -> tuple[zipfile.ZipFile, list[str]]:
    """Open a dataset and list its images in the archive's order."""
    archive = zipfile.ZipFile(data_dir() / DATASETS[dataset])
    return archive, sorted(n for n in archive.namelist() if n.lower().endswith(".jpg"))


def decode(data: bytes) -> np.ndarray:
    """JPEG bytes to (H, W, 3) uint8 RGB."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("not an image OpenCV can decode")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def label_path(dataset: str) -> Path:
    """File of the teacher's outputs for a dataset's images."""
    return cache_dir() / "behaviour" / f"teacher-{dataset}.npz"


def label(dataset: str, limit: int | None = None) -> Path:
    """Label a dataset and write `label_path(dataset)`; images without a face have found=False."""
    archive, names = read_members(dataset)
    names = names[:limit]
    found = np.zeros(len(names), bool)
    points = np.zeros((len(names), POINTS, 3), np.float32)
    shapes = np.zeros((len(names), len(BLENDSHAPES)), np.float32)
    matrices = np.zeros((len(names), 4, 4), np.float32)
    with Teacher(model_dir() / "face_landmarker.task") as teacher:
        for i, name in enumerate(names):
            rgb = decode(archive.read(name))
            result = teacher(rgb, UPSCALE.get(dataset, 1), BORDER.get(dataset, 0.0))
            if result is not None:
                found[i] = True
                points[i], shapes[i], matrices[i] = result
            if (i + 1) % 2000 == 0:
                print(
                    f"{dataset}: {i + 1}/{len(names)}, found {found[: i + 1].mean():.4f}",
                    flush=True,
                )
    path = label_path(dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path, names=np.array(names), found=found, points=points, shapes=shapes, matrices=matrices
    )
    print(f"{dataset}: {len(names)} images, face found in {found.mean():.4f} -> {path}", flush=True)
    return path


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", choices=sorted(DATASETS), required=True)
    parser.add_argument("--limit", type=int, default=None, help="only the first images")
    args = parser.parse_args()
    label(args.dataset, args.limit)


if __name__ == "__main__":
    main()
