"""What stands behind posed faces: photographs without people, or a plain colour."""

from __future__ import annotations

import cv2
import numpy as np

from models.training.datasets.detection_scenes import Scenes

PLAIN = 0.35  # share
KEPT = 64  # decoded photographs


class Backdrops:
    """Parts of the photographs without people of ``detection/negatives.zip``."""

    def __init__(self) -> None:
        self._scenes = Scenes("negatives")
        self._rows = [r for r, s in enumerate(self._scenes.scenes) if s.use == "negative"]
        self._decoded: dict[int, np.ndarray] = {}

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A square RGB uint8 image of any size."""
        if rng.random() < PLAIN:
            low, high = rng.integers(0, 256, (2, 3))
            ramp = np.linspace(0, 1, 64)[:, None, None] * (rng.random() < 0.5)
            return np.broadcast_to(low + (high - low) * ramp, (64, 64, 3)).astype(np.uint8)
        image = self._photograph(int(rng.choice(self._rows)))
        side = int(min(image.shape[:2]) * rng.uniform(0.3, 1))
        top, left = (int(rng.integers(0, n - side + 1)) for n in image.shape[:2])
        part = image[top : top + side, left : left + side]
        return cv2.GaussianBlur(part, (0, 0), float(rng.uniform(0.3, 4.0)))

    def _photograph(self, row: int) -> np.ndarray:
        if row not in self._decoded:
            if len(self._decoded) >= KEPT:
                self._decoded.pop(next(iter(self._decoded)))
            self._decoded[row] = self._scenes.image(row)
        return self._decoded[row]
