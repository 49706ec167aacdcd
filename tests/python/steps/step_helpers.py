"""Shared by the property tests of the engine's single steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from hypothesis import settings
from steps_extension import require_steps

steps = require_steps()

relaxed = settings(deadline=None, max_examples=60, print_blob=True)
"""No deadline: a test must not fail because the machine is busy."""

PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
"""A normalization that leaves grey levels as they are."""


@contextmanager
def limited_to(isa: str) -> Iterator[bool]:
    """Use no more than this instruction set within; yields whether the processor has it."""
    before = steps.active_isa()
    yield steps.limit_isa(isa) == isa
    steps.limit_isa(before)


def noise(seed: int, height: int, width: int) -> np.ndarray:
    """A (height, width, 3) image of uint8 noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(seed: int, height: int, width: int) -> np.ndarray:
    """A (height, width, 3) uint8 image whose neighbours differ by a few levels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    planes = []
    for _ in range(3):
        fx, fy, phase = rng.uniform(0.01, 0.03), rng.uniform(0.01, 0.03), rng.uniform(0, 6)
        planes.append(127.5 + 120 * np.sin(fx * x + fy * y + phase))
    return np.rint(np.stack(planes, -1)).astype(np.uint8)
