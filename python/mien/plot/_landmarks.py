"""The 68 landmarks as parts of a face: which are joined by lines, which mirror which."""

from __future__ import annotations

import numpy as np

__all__ = ["EYES", "LINES", "MIRROR", "path"]


LINES = (
    (0, 16, False),
    (17, 21, False),
    (22, 26, False),
    (27, 30, False),
    (31, 35, False),
    (36, 41, True),
    (42, 47, True),
    (48, 59, True),
    (60, 67, True),
)
"""Lines through the landmarks: first, last, and whether the line closes."""

EYES = (tuple(range(36, 42)), tuple(range(42, 48)))
"""Outlines of the subject's right and left eye."""

_PAIRS = (
    *((i, 16 - i) for i in range(8)),
    *((i, 43 - i) for i in range(17, 22)),
    *((31, 35), (32, 34)),
    *((36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)),
    *((48, 54), (49, 53), (50, 52), (55, 59), (56, 58), (60, 64), (61, 63), (65, 67)),
)
MIRROR = np.arange(68)
"""The landmark that takes each one's place in the mirrored face."""
for _right, _left in _PAIRS:
    MIRROR[_right], MIRROR[_left] = _left, _right
MIRROR.flags.writeable = False


def path(first: int, last: int, closed: bool) -> list[int]:
    """Numbers of the landmarks along a line of `LINES`."""
    return [*range(first, last + 1), *([first] if closed else [])]
