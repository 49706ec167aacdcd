"""Composites for training detectors: photographs of faces on backgrounds, degraded.

Scale, place and roll are random; `composite_faces` says what a composite's faces are.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.training.datasets import backgrounds
from models.training.datasets.camera_effects import degrade
from models.training.datasets.composite_faces import hide, judge, turn_faces, visible_share
from models.training.datasets.faces import Dataset

Rng = np.random.Generator
BORDER = 114


class Composer:
    """Makes composites; each is a function of the datasets and the generator's state.

    Parameters
    ----------
    datasets : list of Dataset
        Sources, ``lfw`` among them.
    weights : list of float
        How often each is drawn.
    """

    def __init__(self, datasets: list[Dataset], weights: list[float]) -> None:
        self._datasets = datasets
        self._weights = np.array(weights) / sum(weights)
        self._backdrop = next(c for c in datasets if c.name == "lfw")
        self._photographs = backgrounds.photographs()

    def compose(self, rng: Rng, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """One composite (H, W, 3) uint8 and its faces (K, 16)."""
        draw = rng.random()
        image = self._background(rng, height, width)
        faces = np.zeros((0, 16), np.float32)
        if draw < 0.5:
            image, faces = self._place(rng, image, faces, None)
            if rng.random() < 0.25:
                image, faces = self._place(rng, image, faces, rng.uniform(0.08, 0.35))
        elif draw < 0.7:
            for _ in range(int(rng.integers(2, 8))):
                image, faces = self._place(rng, image, faces, rng.uniform(0.05, 0.45) ** 1.2)
        elif draw < 0.83:
            image, faces = self._mosaic(rng, image)
        image = self._occlude(rng, image, faces)
        faces = judge(faces, height, width, 0.12)
        image = degrade(rng, image)
        if rng.random() < 0.4:
            image, faces = self._letterbox(rng, image, faces)
        return image, faces

    def _background(self, rng: Rng, height: int, width: int) -> np.ndarray:
        draw = rng.random()
        if draw < 0.22:
            return backgrounds.texture(rng, height, width)
        if draw < 0.32:
            return backgrounds.plain(rng, height, width)
        if draw < 0.47:
            return backgrounds.drawing(rng, height, width)
        if draw < 0.59:
            return backgrounds.specks(rng, height, width)
        if draw < 0.75:
            chosen = self._photographs[rng.integers(len(self._photographs))]
            return backgrounds.crop(rng, chosen, height, width)
        return self._without_face(rng, height, width)

    def _without_face(self, rng: Rng, height: int, width: int) -> np.ndarray:
        """A photograph of a person whose face is taken away: what surrounds faces is no face."""
        row = int(rng.integers(len(self._backdrop.faces)))
        image = self._backdrop.images[row].copy()
        for face in self._backdrop.faces[row]:
            x0, y0, x1, y1 = face[1:5]
            x, y = int((x0 + x1) / 2), int((y0 + y1) / 2)
            axes = (max(int((x1 - x0) * 0.65), 1), max(int((y1 - y0) * 0.62), 1))
            mask = np.zeros(image.shape[:2], np.uint8)
            cv2.ellipse(mask, (x, y), axes, 0, 0, 360, 255, -1)
            if rng.random() < 0.6:
                fill = backgrounds.texture(rng, *image.shape[:2])
            else:
                fill = np.empty_like(image)
                fill[:] = image[rng.integers(0, 250, 1), rng.integers(0, 250, 1)]
            image = blend(image, fill, cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 5)))
        return backgrounds.crop(rng, image, height, width)

    def _mosaic(self, rng: Rng, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cover the composite with many small photographs, as of a distant crowd."""
        cell = int(rng.integers(32, 112))
        rows, columns = canvas.shape[0] // cell, canvas.shape[1] // cell
        shift = rng.integers(0, (canvas.shape[0] % cell + 1, canvas.shape[1] % cell + 1))
        image, every = canvas.copy(), [np.zeros((0, 16), np.float32)]
        for place in range(rows * columns):
            if rng.random() < 0.15:
                continue
            top, left = shift + cell * np.array(divmod(place, columns))
            dataset = self._datasets[rng.choice(len(self._datasets), p=self._weights)]
            row = int(rng.integers(len(dataset.faces)))
            photo, scale = dataset.images[row], cell / len(dataset.images[row])
            how = cv2.INTER_AREA if rng.random() < 0.7 else cv2.INTER_LINEAR
            tile = cv2.resize(photo, (cell, cell), interpolation=how)
            matrix = np.array([[scale, 0, left], [0, scale, top]])
            if rng.random() < 0.5:
                tile = tile[:, ::-1]
                matrix = np.array([[-scale, 0, left + cell], [0, scale, top]])
            image[top : top + cell, left : left + cell] = tile
            every.append(turn_faces(dataset.faces[row], matrix))
        return image, np.concatenate(every)

    def _place(
        self, rng: Rng, canvas: np.ndarray, before: np.ndarray, share: float | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lay a photograph on the composite; ``share``: its face's size over the shorter side."""
        dataset = self._datasets[rng.choice(len(self._datasets), p=self._weights)]
        row = int(rng.integers(len(dataset.faces)))
        photo, faces = dataset.images[row], dataset.faces[row]
        height, width = canvas.shape[:2]
        main = np.argmax(np.prod(faces[:, 3:5] - faces[:, 1:3], 1)) if len(faces) else None
        side = (
            float(max(faces[main, 3:5] - faces[main, 1:3])) if main is not None else len(photo) / 2
        )
        if share is None:
            even = rng.random() < 0.6  # over all scales, or else more of the large
            share = np.exp(rng.uniform(np.log(0.06), 0.05)) if even else rng.uniform(0.3, 1.1)
        scale = share * min(height, width) / side
        matrix = self._similarity(
            rng, faces[main, 1:5] if main is not None else None, len(photo), scale, canvas
        )
        if (
            scale < 0.5 and rng.random() < 0.65
        ):  # warpAffine does not average, nor does the engine: show both
            small = max(round(len(photo) * scale), 4)
            photo = cv2.resize(photo, (small, small), interpolation=cv2.INTER_AREA)
        inner = matrix.copy()
        inner[:, :2] *= len(dataset.images[row]) / len(photo)
        inner[:, 2] += (
            inner[:, :2] @ (0.5, 0.5) - 0.5
        )  # from edges to pixel centres, as warpAffine counts
        mask = self._mask(rng, len(photo))
        warped = cv2.warpAffine(photo, inner, (width, height), flags=cv2.INTER_LINEAR)
        alpha = cv2.warpAffine(mask, inner, (width, height), flags=cv2.INTER_LINEAR)
        moved = turn_faces(faces, matrix)
        moved[:, 15] = visible_share(moved[:, 1:5], alpha > 127)
        return blend(canvas, warped, alpha), np.concatenate([hide(before, alpha), moved])

    @staticmethod
    def _similarity(
        rng: Rng, box: np.ndarray | None, side: int, scale: float, canvas: np.ndarray
    ) -> np.ndarray:
        height, width = canvas.shape[:2]
        spread = rng.choice([8.0, 20.0, 60.0], p=[0.55, 0.35, 0.1])
        angle = np.deg2rad(np.clip(rng.normal(0, spread), -170, 170))
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if rng.random() < 0.5:
            turn = turn @ np.diag([-1.0, 1.0])
        anchor = (box[:2] + box[2:]) / 2 if box is not None else np.array([side / 2, side / 2])
        extent = (
            scale * (box[2:] - box[:2]) if box is not None else np.array([scale * side / 2] * 2)
        )
        slack = 0.5 - 0.8 * (rng.random() < 0.12)  # sometimes the rim cuts the face
        low, high = extent * slack, np.array([width, height]) - extent * slack
        low, high = np.minimum(low, high), np.maximum(low, high)
        return np.concatenate([turn, (rng.uniform(low, high) - turn @ anchor)[:, None]], 1)

    @staticmethod
    def _mask(rng: Rng, side: int) -> np.ndarray:
        if rng.random() < 0.5:
            return np.full((side, side), 255, np.uint8)
        mask = np.zeros((side, side), np.uint8)
        rim = max(int(side * rng.uniform(0.02, 0.12)), 1)
        if rng.random() < 0.5:
            mask[rim:-rim, rim:-rim] = 255
        else:
            cv2.ellipse(
                mask,
                (side // 2, side // 2),
                (side // 2 - rim // 2, side // 2 - rim // 2),
                0,
                0,
                360,
                255,
                -1,
            )
        return cv2.blur(cv2.blur(mask, (rim + 1, rim + 1)), (rim + 1, rim + 1))

    @staticmethod
    def _occlude(rng: Rng, image: np.ndarray, faces: np.ndarray) -> np.ndarray:
        for face in faces:
            if rng.random() > 0.22:
                continue
            size = face[3:5] - face[1:3]
            extent = size * rng.uniform(0.15, 0.6, 2)
            if rng.random() < 0.4:  # a band, such as hands, hats and masks hide
                extent = size * (rng.uniform(0.6, 1.2), rng.uniform(0.2, 0.45))
            w, h = np.maximum(extent, 2).astype(int)
            x, y = (face[1:3] + rng.uniform(0, 1, 2) * size - (w / 2, h / 2)).astype(int)
            x0, y0 = max(x, 0), max(y, 0)
            x1, y1 = min(x + w, image.shape[1]), min(y + h, image.shape[0])
            if x1 - x0 < 2 or y1 - y0 < 2:
                continue
            fill = _cover(rng, image, y1 - y0, x1 - x0)
            mask = np.full((y1 - y0, x1 - x0), 255, np.uint8)
            if rng.random() < 0.5:
                mask[:] = 0
                axes = ((x1 - x0) // 2, (y1 - y0) // 2)
                cv2.ellipse(mask, axes, axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
            image[y0:y1, x0:x1] = blend(image[y0:y1, x0:x1], fill, mask)
            face[15] -= (mask > 127).sum() / max(float(np.prod(size)), 1.0)
        return image

    @staticmethod
    def _letterbox(rng: Rng, image: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        height, width = image.shape[:2]
        rest = int(rng.integers(1, 32))
        if rng.random() < 0.5:
            image[height - rest :] = BORDER
            limit = np.array([width, height - rest])
        else:
            image[:, width - rest :] = BORDER
            limit = np.array([width - rest, height])
        before = np.prod(faces[:, 3:5] - faces[:, 1:3], 1)
        faces[:, 1:5] = np.minimum(faces[:, 1:5], np.tile(limit, 2))
        kept = np.prod(faces[:, 3:5] - faces[:, 1:3], 1) / np.maximum(before, 1e-6)
        faces[:, 0] *= kept > 0.6
        return image, faces[kept > 0.1]


def _cover(rng: Rng, image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Something to hide a part of a face with: synthetic, or from elsewhere in the image."""
    draw = rng.random()
    if draw < 0.4:
        return backgrounds.texture(rng, height, width)
    if draw < 0.6:
        return backgrounds.plain(rng, height, width)
    return backgrounds.crop(rng, image, height, width)


def blend(under: np.ndarray, over: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay an image over another of its size (H, W, 3), as opaque as ``alpha`` (H, W) uint8 says."""
    x, y, w, h = cv2.boundingRect(alpha)
    part = np.s_[y : y + h, x : x + w]
    weight = alpha[part].astype(np.float32) * np.float32(1 / 255)
    mixed = under.copy()
    if w and h:
        mixed[part] = cv2.blendLinear(
            np.ascontiguousarray(over[part]), np.ascontiguousarray(under[part]), weight, 1 - weight
        )
    return mixed
