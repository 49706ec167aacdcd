"""What stands behind posed faces: photographs without people, or a plain colour."""

from __future__ import annotations

import json
import zipfile

import cv2
import numpy as np

from models.training.datasets.paths import data_dir, require

PLAIN = 0.35  # share
KEPT = 64  # decoded photographs


class Backdrops:
    """Parts of the photographs without people of ``detection/negatives.zip``."""

    def __init__(self) -> None:
        path = require(data_dir() / "detection" / "negatives.zip", "backgrounds")
        self._archive = zipfile.ZipFile(path)
        lines = self._archive.read("labels.jsonl").decode().splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
        self._names = [r["file"] for r in records if r["use"] == "negative"]
        self._decoded: dict[str, np.ndarray] = {}

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A square RGB uint8 image of any size."""
        if rng.random() < PLAIN:
            low, high = rng.integers(0, 256, (2, 3))
            ramp = np.linspace(0, 1, 64)[:, None, None] * (rng.random() < 0.5)
            return np.broadcast_to(low + (high - low) * ramp, (64, 64, 3)).astype(np.uint8)
        image = self._photograph(str(rng.choice(self._names)))
        side = int(min(image.shape[:2]) * rng.uniform(0.3, 1))
        top, left = (int(rng.integers(0, n - side + 1)) for n in image.shape[:2])
        part = image[top : top + side, left : left + side]
        return cv2.GaussianBlur(part, (0, 0), float(rng.uniform(0.3, 4.0)))

    def _photograph(self, name: str) -> np.ndarray:
        if name not in self._decoded:
            if len(self._decoded) >= KEPT:
                self._decoded.pop(next(iter(self._decoded)))
            data = np.frombuffer(self._archive.read(name), np.uint8)
            image = cv2.imdecode(data, cv2.IMREAD_COLOR)
            if image is None:
                raise ValueError(f"{name}: not an image OpenCV can decode")
            self._decoded[name] = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        return self._decoded[name]
