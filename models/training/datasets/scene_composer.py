"""Composites of photographs of scenes: parts of them at any scale, roll and light.

`composite_faces` says what a composite's faces are.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from models.training.datasets import smileys
from models.training.datasets.camera_effects import degrade
from models.training.datasets.composer import BORDER, Rng, blend
from models.training.datasets.composite_faces import hide, judge, turn_faces, visible_share
from models.training.datasets.detection_scenes import Scenes
from models.training.datasets.faces import Dataset
from models.training.datasets.lights import relight
from models.training.datasets.scene_labels import faces_of, in_training, is_held_out
from models.training.datasets.scene_placement import centred, placement, warp
from models.training.datasets.teacher_scenes import load as load_labels

KINDS = {"train": 0.63, "people": 0.07, "negatives": 0.30}
LAYERS = 5  # photographs in one composite, at most
EMPTY = np.zeros((0, 16), np.float32)
NOTHING = np.zeros((0, 15), np.float32)


class Photographs:
    """An archive's photographs for training and their faces, decoded when first drawn.

    Parameters
    ----------
    archive : {"train", "people", "negatives"}
        The held-out tenth of ``train`` and the unseen half of ``negatives`` are left out.
    """

    def __init__(self, archive: str) -> None:
        self._scenes = Scenes(archive)
        self._seen = None if archive == "negatives" else load_labels(archive)
        keep = in_training if archive == "negatives" else lambda file: not is_held_out(file)
        self._rows = [r for r, scene in enumerate(self._scenes.scenes) if keep(scene.file)]
        self._drawn: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def draw(self, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
        """A photograph (H, W, 3) uint8 RGB and its faces (K, 16)."""
        row = self._rows[rng.integers(len(self._rows))]
        if row not in self._drawn:
            scene = self._scenes.scenes[row]
            seen = NOTHING if self._seen is None else self._seen[scene.file]
            self._drawn[row] = (self._scenes.image(row), faces_of(scene, seen))
        return self._drawn[row]


class SceneComposer:
    """Makes composites of scenes; each is a function of the generator's state.

    Parameters
    ----------
    heads : Dataset
        Photographs whose heads are pasted into scenes.
    """

    def __init__(self, heads: Dataset) -> None:
        self._heads = heads

    @cached_property
    def _archives(self) -> dict[str, Photographs]:
        return {name: Photographs(name) for name in KINDS}

    def compose(self, rng: Rng, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """One composite (H, W, 3) uint8 RGB and its faces (K, 16)."""
        with np.errstate(invalid="ignore"):  # faces without points have NaN
            return self._compose(rng, height, width)

    def _compose(self, rng: Rng, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        image, faces = np.full((height, width, 3), BORDER, np.uint8), EMPTY
        free = np.ones((height, width), bool)
        for _ in range(LAYERS):
            name = rng.choice(list(KINDS), p=list(KINDS.values()))
            image, faces, free = self._layer(rng, self._archives[name], image, faces, free)
            if free.mean() < 0.3 or rng.random() < 0.15:
                break
        if rng.random() < 0.35:
            for _ in range(int(rng.integers(1, 4))):
                image, faces = self._paste(rng, image, faces)
        if rng.random() < 0.08:
            image, faces = _paint_smiley(rng, image, faces)
        return degrade(rng, relight(rng, image)), judge(faces, height, width, 0.1)

    def _layer(
        self, rng: Rng, source: Photographs, image: np.ndarray, faces: np.ndarray, free: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lay a photograph under what the composite shows already: only free places show it."""
        photo, own = source.draw(rng)
        matrix = placement(rng, photo.shape[:2], own, free.shape)
        warped, covered = warp(rng, photo, matrix, free.shape)
        shown = covered & free
        moved = turn_faces(own, matrix)
        moved[:, 15] = visible_share(moved[:, 1:5], shown)
        image = np.where(shown[..., None], warped, image)
        return image, np.concatenate([faces, moved]), free & ~covered

    def _paste(
        self, rng: Rng, image: np.ndarray, faces: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Paste a head, cut out along a soft ellipse, anywhere."""
        row = int(rng.integers(len(self._heads.faces)))
        sure = self._heads.faces[row][self._heads.faces[row][:, 0] == 1]
        if not len(sure):
            return image, faces
        main = sure[[int(np.argmax(sure[:, 3] - sure[:, 1]))]]
        photo, shape = self._heads.images[row], image.shape[:2]
        matrix = placement(rng, photo.shape[:2], main, shape)
        warped, _ = warp(rng, photo, matrix, shape)
        mask = head_mask(rng, photo.shape[:2], main[0, 1:5])
        alpha = cv2.warpAffine(mask, centred(matrix), shape[::-1], flags=cv2.INTER_LINEAR)
        moved = turn_faces(main, matrix)
        moved[:, 15] = visible_share(moved[:, 1:5], alpha > 127)
        faces = hide(faces, alpha)
        return blend(image, warped, alpha), np.concatenate([faces, moved])


def head_mask(rng: Rng, shape: tuple[int, int], box: np.ndarray) -> np.ndarray:
    """A soft ellipse (H, W) uint8 about a face's box, hair and chin in it."""
    mask = np.zeros(shape, np.uint8)
    size = box[2:] - box[:2]
    axes = np.maximum(size * rng.uniform((0.6, 0.62), (0.85, 0.8)), 2).astype(int)
    middle = (box[:2] + box[2:]) / 2 - (0, 0.05 * size[1])
    cv2.ellipse(mask, middle.astype(int).tolist(), axes.tolist(), 0, 0, 360, 255, -1)
    return cv2.GaussianBlur(mask, (0, 0), max(float(size.mean()) * rng.uniform(0.01, 0.06), 0.5))


def _paint_smiley(rng: Rng, image: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    height, width = image.shape[:2]
    if rng.random() < 0.5:
        return smileys.page(rng, height, width), EMPTY
    radius = float(np.exp(rng.uniform(np.log(6), np.log(min(height, width) / 3))))
    x, y = rng.uniform(0, (width, height))
    image, alpha = image.copy(), np.zeros((height, width), np.uint8)
    smileys.draw(rng, image, x, y, radius)
    cv2.circle(alpha, (int(x), int(y)), int(radius), 255, -1)
    return image, hide(faces, alpha)
