"""Letterbox and warp of an image whose pixels aren't square, against OpenCV's resize to square ones
and then the same step.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from step_helpers import PLAIN, smooth
from steps_extension import require_steps

steps = require_steps()

# Stored sides, sample aspect ratio, sides in square pixels: HDV, PAL turned upright, DVCPRO HD.
SHAPES = [
    ((144, 108), 4 / 3, (192, 108)),
    ((72, 90), 45 / 64, (72, 128)),
    ((96, 72), 1.5, (144, 72)),
]
# Both interpolate linearly, one of them twice.
TOLERANCE = 1.5  # grey levels


@pytest.fixture(params=SHAPES, ids=["hdv", "pal-turned", "dvcpro"])
def both(request):
    """The stored image, and the one that OpenCV stretches to square pixels."""
    (width, height), sar, shown = request.param
    rgb = smooth(3, height, width)
    square = cv2.resize(rgb, shown, interpolation=cv2.INTER_LINEAR)
    return steps.Image(rgb, sar=sar), steps.Image(square), square


def test_letterbox(both):
    stored, square, _ = both
    options = {"max_side": 64, "multiple": 32, **PLAIN, "border": 114.0}
    got, wanted = steps.letterbox(stored, **options), steps.letterbox(square, **options)
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, atol=TOLERANCE)


@pytest.mark.parametrize(("angle", "scale"), [(0.0, 0.5), (0.4, 0.7), (-2.5, 0.4)])
def test_warp(both, angle, scale):
    stored, square, rgb = both
    a, b = scale * np.cos(angle), scale * np.sin(angle)
    x, y = rgb.shape[1] / 2, rgb.shape[0] / 2
    similarity = (a, b, 16 - (a * x - b * y), 16 - (b * x + a * y))
    options = {"size": 32, **PLAIN, "border": 114.0}
    got = steps.warp(stored, similarity, **options)
    np.testing.assert_allclose(got, steps.warp(square, similarity, **options), atol=TOLERANCE)


def test_rgb_values(both):
    stored, _, rgb = both
    np.testing.assert_allclose(stored.to_rgb().astype(int), rgb.astype(int), atol=1)
