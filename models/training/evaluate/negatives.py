"""Held-out images without faces, by group, on which a detector must find nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from models.training.datasets import backgrounds
from models.training.datasets.faces import Dataset
from models.training.evaluate.media import frames

Rng = np.random.Generator
Painter = Callable[[Rng, int, int], np.ndarray]

# Sample images of scikit-image that datasets/backgrounds.py leaves out; of the two with a person,
# the parts (x0 y0 x1 y1) where no face is. motorcycle_right shows what motorcycle_left does, which
# training saw from a few centimetres beside.
PHOTOGRAPHS = {
    "camera.png": ((300, 0, 512, 256), (0, 260, 256, 512), (256, 260, 512, 512)),
    "astronaut.png": (
        (0, 0, 150, 300),
        (300, 0, 512, 260),
        (0, 300, 256, 512),
        (256, 260, 512, 512),
    ),
    "motorcycle_right.png": None,
    "microaneurysms.png": None,
    "color.png": None,
    "logo.png": None,
    "phantom.png": None,
    "chessboard_RGB.png": None,
}


def photographs() -> Iterator[np.ndarray]:
    """Held-out sample photographs, whole or in parts, RGB uint8."""
    folder = Path(str(files("skimage.data")))
    for name, parts in PHOTOGRAPHS.items():
        image = np.asarray(Image.open(folder / name).convert("RGB"))
        for x0, y0, x1, y1 in parts or ((0, 0, image.shape[1], image.shape[0]),):
            yield np.ascontiguousarray(image[y0:y1, x0:x1])


def training_like(count: int, seed: int = 2024) -> Iterator[np.ndarray]:
    """Textures and drawings by the generators of training, from another seed."""
    rng = np.random.default_rng(seed)
    painters = (backgrounds.texture, backgrounds.plain, backgrounds.drawing, backgrounds.specks)
    for row in range(count):
        yield painters[row % 4](rng, 192, 320)


def _leaves(rng: Rng, height: int, width: int) -> np.ndarray:
    """Dead leaves: discs over discs, whose sizes follow a power law, as in natural scenes."""
    canvas = np.full((height, width, 3), 127, np.uint8)
    for _ in range(1500):
        radius = int(3 * (1 - rng.random() * 0.998) ** -0.5)
        at = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.circle(canvas, at, min(radius, 120), colour, -1, cv2.LINE_AA)
    return canvas


def _clouds(rng: Rng, height: int, width: int) -> np.ndarray:
    """Noise with a spectrum of 1 / f^a, the second-order statistics of photographs."""
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    fall = np.maximum(np.hypot(fy, fx), 1 / width) ** -rng.uniform(0.8, 2.0)
    planes = []
    for _ in range(3):
        noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) * fall)
        planes.append(rng.uniform(60, 200) + rng.uniform(20, 60) * noise[:, :width] / noise.std())
    mixed = np.stack(planes, -1) @ rng.dirichlet((1, 1, 1), 3).T
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _cells(rng: Rng, height: int, width: int) -> np.ndarray:
    """Voronoi cells in flat colours or shaded: stone, scales, tissue."""
    seeds = rng.uniform(0, 1, (int(rng.integers(10, 400)), 2)) * (height, width)
    where = np.stack(np.mgrid[:height, :width], -1).reshape(-1, 2)
    distance, nearest = cKDTree(seeds).query(where)
    colours = rng.integers(0, 256, (len(seeds), 3))[nearest].astype(float)
    shade = np.exp(-distance / rng.uniform(5, 60))[:, None] if rng.random() < 0.5 else 1.0
    return np.clip(colours * shade, 0, 255).astype(np.uint8).reshape(height, width, 3)


def _waves(rng: Rng, height: int, width: int) -> np.ndarray:
    """Sums of gratings: stripes, cloth, ripples, moire."""
    y, x = np.mgrid[:height, :width].astype(float)
    canvas = np.zeros((height, width, 3))
    for _ in range(int(rng.integers(1, 6))):
        angle, period = rng.uniform(0, math.pi), rng.uniform(4, 120)
        wave = np.sin(2 * math.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
        if rng.random() < 0.4:
            wave = np.sign(wave)
        canvas += wave[..., None] * rng.uniform(-60, 60, 3)
    return np.clip(rng.uniform(60, 200, 3) + canvas, 0, 255).astype(np.uint8)


def unlike_training(count: int, seed: int = 2025) -> Iterator[np.ndarray]:
    """Textures made in ways that training has none of: leaves, clouds, cells, waves."""
    rng = np.random.default_rng(seed)
    painters: tuple[Painter, ...] = (_leaves, _clouds, _cells, _waves)
    for row in range(count):
        yield painters[row % 4](rng, 192, 320)


def painted_out(dataset: Dataset) -> Iterator[np.ndarray]:
    """Photographs whose faces, sure and doubtful, are filled in from what surrounds them."""
    for photo, faces in zip(dataset.images, dataset.faces, strict=True):
        mask = np.zeros(photo.shape[:2], np.uint8)
        for x0, y0, x1, y1 in faces[:, 1:5]:
            middle = (int((x0 + x1) / 2), int((y0 + y1) / 2))
            axes = (max(int((x1 - x0) * 0.6), 1), max(int((y1 - y0) * 0.6), 1))
            cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, -1)
        yield _fill(photo, mask)


def _fill(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Smooth colours from the mask's rim inwards: known pixels, blurred more and more.

    At a fifth of the size: what fills in is smooth.
    """
    side = (photo.shape[1] // 5, photo.shape[0] // 5)
    known = cv2.resize((mask == 0).astype(np.float32), side, interpolation=cv2.INTER_AREA)
    shown = np.where(mask[..., None] > 0, 0, photo).astype(np.float32)
    shown = cv2.resize(shown, side, interpolation=cv2.INTER_AREA)
    fill, weight = np.zeros_like(shown), np.full(known.shape, 1e-6, np.float32)
    for sigma in (1, 2, 4, 8, 16):
        near = cv2.GaussianBlur(known, (0, 0), sigma)
        fill += cv2.GaussianBlur(shown, (0, 0), sigma) * (near > 1e-3)[..., None]
        weight += near * (near > 1e-3)
    smooth = cv2.resize(fill / weight[..., None], photo.shape[1::-1])
    return np.where(mask[..., None] > 0, smooth, photo).astype(np.uint8)


def videos(folder: Path, has_face: Callable[[np.ndarray], bool]) -> Iterator[np.ndarray]:
    """The test media's frames without faces: a drawing, a clip without, part of another clip."""
    for name in ("free-mountain-vector-01.jpg", "no_face.mp4"):
        yield from frames(folder / name)
    yield from (f for f in frames(folder / "face_noface.mov") if not has_face(f))
