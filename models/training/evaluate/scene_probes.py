"""What a detector must also hold to: small faces, casts of light, photographs of no people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import cv2
import numpy as np

from models.training.datasets import smileys
from models.training.datasets.detection_scenes import Scenes
from models.training.datasets.faces import Dataset, load
from models.training.datasets.scene_labels import in_training
from models.training.datasets.teacher_faces import overlap
from models.training.train.detection_tally import HIT

# RGB uint8 (H, W, 3), longer side of the network's input -> faces (K, 15) in image pixels
Finder = Callable[[np.ndarray, int], np.ndarray]

SIZES = (20, 28, 40)  # a face's longer side in network pixels
LARGEST_INPUT = 1280
CAST_FACE = 64
TINTS = {"blue": (0.25, 0.4, 1.0), "amber": (1.0, 0.6, 0.15), "green": (0.3, 1.0, 0.4)}


def whole_photographs(finder: Finder, threshold: float, scenes: Scenes) -> dict[str, float]:
    """Recall of each photograph's largest drawn face, shown at 20, 28 and 40 network pixels."""
    found: dict[int, list[bool]] = {size: [] for size in SIZES}
    for scene, image in scenes:
        sides = (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(1)
        for size in SIZES if len(sides) else ():
            side = round(max(image.shape) * size / float(sides.max()))
            if not 32 <= side <= LARGEST_INPUT:
                continue
            box = scene.boxes[[int(sides.argmax())]]
            found[size].append(_has(finder(image, side), threshold, box, HIT))
    return {f"{size} px": round(float(np.mean(hits)), 4) for size, hits in found.items()}


def casts() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Light and channels gone wrong, by name: RGB uint8 images to RGB uint8 images."""
    named: dict[str, Callable[[np.ndarray], np.ndarray]] = {"plain": lambda image: image}
    for channel, name in enumerate(("red", "green", "blue")):
        named[f"{name} flat"] = lambda image, c=channel: _channel(image, c, 128)
        named[f"{name} dropped"] = lambda image, c=channel: _channel(image, c, 0)
    for name, gains in TINTS.items():
        named[f"{name} light"] = lambda image, g=gains: _gain(image, g)
    named["x0.08 light"] = lambda image: _gain(image, 0.08)
    named["x3 light"] = lambda image: _gain(image, 3.0)
    return named


def _channel(image: np.ndarray, channel: int, level: int) -> np.ndarray:
    changed = image.copy()
    changed[..., channel] = level
    return changed


def _gain(image: np.ndarray, gain: float | tuple[float, ...]) -> np.ndarray:
    return np.clip(np.rint(image * np.asarray(gain, np.float32)), 0, 255).astype(np.uint8)


def turned(image: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """An image turned about its middle on grey, and the (2, 3) matrix that does it."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), degrees, 1.0)
    grey = (114, 114, 114)
    return cv2.warpAffine(image, matrix, (width, height), borderValue=grey), matrix


def main_faces(dataset: Dataset) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Images with a sure face, its box (1, 4), and the input side at which it has 64 pixels."""
    for image, faces in zip(dataset.images, dataset.faces, strict=True):
        sure = faces[faces[:, 0] == 1]
        if len(sure):
            sides = (sure[:, 3:5] - sure[:, 1:3]).max(1)
            box = sure[[int(sides.argmax())], 1:5]
            yield image, box, round(max(image.shape) * CAST_FACE / float(sides.max()))


def recall_under_casts(finder: Finder, threshold: float, most: int) -> dict[str, float]:
    """Recall of the main face of held-out LFW, 64 network pixels, under casts and at a roll.

    ``most`` photographs at most are looked at.
    """
    names = casts()
    found: dict[str, list[bool]] = {name: [] for name in (*names, "roll 30")}
    for image, box, side in islice(main_faces(load("lfw", held_out=True)), most):
        for name, cast in names.items():
            found[name].append(_has(finder(cast(image), side), threshold, box, HIT))
        rolled, matrix = turned(image, 30)
        middle = matrix @ np.array([*(box[0, :2] + box[0, 2:]) / 2, 1])
        half = (box[0, 2:] - box[0, :2]) / 2
        there = np.concatenate([middle - half, middle + half])[None]
        # A turned face's box is not exactly known: a looser overlap.
        found["roll 30"].append(_has(finder(rolled, side), threshold, there, 0.4))
    return {name: round(float(np.mean(hits)), 4) for name, hits in found.items()}


def _has(faces: np.ndarray, threshold: float, box: np.ndarray, iou: float) -> bool:
    faces = faces[faces[:, 0] >= threshold]
    return bool(len(faces) and overlap(faces[:, 1:5], box).max() >= iou)


def false_on_negatives(finder: Finder, threshold: float, side: int) -> dict[str, int]:
    """Photographs of no people in which a face is found, by kind; ``unseen`` never trained on."""
    counts: dict[str, int] = {}
    for scene, image in Scenes("negatives"):
        wrong = int((finder(image, side)[:, 0] >= threshold).any())
        for name in (scene.use, *(() if in_training(scene.file) else (f"{scene.use} unseen",))):
            counts[name] = counts.get(name, 0) + wrong
            counts[f"{name} of"] = counts.get(f"{name} of", 0) + 1
    rng = np.random.default_rng(2026)
    pages = [smileys.page(rng, 240, 320) for _ in range(40)]
    counts["smileys"] = sum(bool((finder(p, side)[:, 0] >= threshold).any()) for p in pages)
    return dict(sorted(counts.items())) | {"smileys of": len(pages)}
