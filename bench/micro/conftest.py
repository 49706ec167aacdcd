"""The images and networks' outputs that the steps are timed on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import mien_steps as steps

SIZES = ((640, 360), (1280, 720), (1920, 1080))


class Images:
    """One smooth image as the planes of a 4:2:0 video frame and as RGB, with a little noise."""

    def __init__(self, width: int, height: int) -> None:
        rng = np.random.default_rng(1)
        self.width, self.height = width, height
        y, x = np.mgrid[:height, :width]
        luma = 125 + 70 * np.sin(x / 23) * np.cos(y / 31) + rng.normal(0, 3, (height, width))
        chroma = [128 + 30 * np.sin(x / 57 + y / f)[::2, ::2] for f in (41, 67)]
        self.planes = [np.clip(p, 16, 235).astype(np.uint8) for p in (luma, *chroma)]
        self.frame = steps.Image(
            self.planes,
            model="yuv",
            chroma_shift_x=1,
            chroma_shift_y=1,
            width=width,
            height=height,
        )
        self.rgb: NDArray[np.uint8] = self.frame.to_rgb()
        # The planes one after another, as OpenCV expects them: (3/2 height, width).
        self.i420 = np.concatenate([p.ravel() for p in self.planes]).reshape(-1, width)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}", scope="session")
def images(request: pytest.FixtureRequest) -> Images:
    """Images of each of `SIZES`."""
    return Images(*request.param)
