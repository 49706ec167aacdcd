"""Light and colour far off the usual: casts, missing and swapped channels, dark and burnt out."""

from __future__ import annotations

import numpy as np

Rng = np.random.Generator

TINT = 0.4  # standard deviation of the logarithm of a channel's gain
EXPOSURE = (0.05, 4.0)


def relight(rng: Rng, image: np.ndarray) -> np.ndarray:
    """An RGB uint8 image (H, W, 3) under another light; half of the time it stays as it is."""
    gains = np.ones(3)
    if rng.random() < 0.35:
        gains *= np.exp(rng.normal(0, TINT, 3))
    if rng.random() < 0.3:
        gains *= np.exp(rng.uniform(*np.log(EXPOSURE)))
    if not (gains == 1).all():
        levels = np.arange(256)[:, None] * gains
        table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        image = np.stack([table[image[..., c], c] for c in range(3)], -1)
    return channels(rng, image) if rng.random() < 0.15 else image


def channels(rng: Rng, image: np.ndarray) -> np.ndarray:
    """The image with its channels in another order, or with one or two flat or dropped."""
    if rng.random() < 0.3:
        return np.ascontiguousarray(image[..., rng.permutation(3)])
    image = image.copy()
    level = 0 if rng.random() < 0.5 else int(rng.integers(0, 256))
    image[..., rng.permutation(3)[: 1 + int(rng.random() < 0.4)]] = level
    return image
