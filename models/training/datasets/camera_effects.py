"""Degradation of images as by poor cameras: colour, light, focus, noise and compression."""

from __future__ import annotations

import cv2
import numpy as np


def degrade(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Degrade an image (H, W, 3) uint8 as poor cameras do, each effect by chance."""
    if rng.random() < 0.7:
        ramp = np.arange(256, dtype=np.float32) / 255
        gamma, gain = np.exp(rng.normal(0, 0.3)), np.exp(rng.normal(0, 0.2))
        shift = rng.normal(0, 0.08)
        tint = np.exp(rng.normal(0, 0.08, 3)) if rng.random() < 0.5 else np.ones(3)
        table = 255 * np.clip((ramp[:, None] ** gamma - 0.5) * gain * tint + 0.5 + shift, 0, 1)
        image = cv2.LUT(image, table.astype(np.uint8)[None])
    if rng.random() < 0.15:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    elif rng.random() < 0.1:
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        image = cv2.addWeighted(image, 0.5, grey, 0.5, 0)
    draw = rng.random()
    if draw < 0.12:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8))
    elif draw < 0.2:
        length = int(rng.integers(2, 8))
        kernel = np.zeros((length, length), np.float32)
        cv2.line(
            kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0
        )
        image = cv2.filter2D(image, -1, kernel / kernel.sum())
    elif draw < 0.3:
        height, width = image.shape[:2]
        scale = rng.uniform(0.35, 0.9)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        image = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.2:
        grain = np.empty(image.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(grain, 0, float(rng.uniform(2, 14)))
        image = cv2.add(image, grain, dtype=cv2.CV_8U)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 95))]
        coded = cv2.imencode(".jpg", image, quality)[1]
        image = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
    return np.ascontiguousarray(image)
