"""Learning rate over a training, as a share of its peak: a linear rise, then a fall."""

from __future__ import annotations

import math
from collections.abc import Callable

LearningRate = Callable[[float], float]
"""Progress, 0 to 1, to the learning rate."""

SHAPES = ("cosine", "steps")


def one_cycle(progress: float, warm: float) -> float:
    """Rise linearly over the share `warm` of training, then fall by a cosine to 0.1 %."""
    if progress < warm:
        return max(progress / warm, 0.02)
    return max(_cosine(progress, warm), 1e-3)


def cosine(progress: float, warm: float) -> float:
    """Rise linearly over the share `warm` of training, then fall by a cosine to 1 %."""
    if progress < warm:
        return max(progress / warm, 0.01)
    return 0.01 + 0.99 * _cosine(progress, warm)


def step_decay(progress: float, warm: float, drops: tuple[float, ...]) -> float:
    """Rise linearly from a tenth, then fall to a tenth at each of `drops` (progress, 0 to 1)."""
    if progress < warm:
        return max(progress / warm, 0.1)
    return float(0.1 ** sum(progress >= drop for drop in drops))


def _cosine(progress: float, warm: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm)))
