"""FER2013: human expression labels, and the images its own splits share."""

from __future__ import annotations

import hashlib

import numpy as np

# Folder of the archive -> name of the expression in the network's head.
LABELS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
HELD_OUT = "public"
UNLABELLED = -1


def expression_of(name: str, expressions: tuple[str, ...]) -> int:
    """Index into `expressions` of a member such as `train/happy/Training_1.jpg`."""
    return expressions.index(LABELS[name.split("/")[1]])


def leaked(names: list[str], images: np.ndarray) -> np.ndarray:
    """Training images that are pixel for pixel in the held-out split as well.

    Returns
    -------
    numpy.ndarray
        (N,) bool; True only for members outside `public/`.
    """
    digests = [hashlib.sha256(image.tobytes()).digest() for image in images]
    held = [name.startswith(HELD_OUT + "/") for name in names]
    known = {digest for digest, out in zip(digests, held, strict=True) if out}
    return np.array([d in known and not out for d, out in zip(digests, held, strict=True)])
