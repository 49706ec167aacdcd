"""YUV to RGB against the standards' formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from step_helpers import PLAIN, relaxed
from steps_extension import require_steps

steps = require_steps()

WEIGHTS = {"601": (0.299, 0.114), "709": (0.2126, 0.0722), "2020": (0.2627, 0.0593)}


def standard_rgb(y, u, v, matrix: str, full_range: bool) -> np.ndarray:
    """ITU-R BT.601, BT.709, BT.2020 in float, rounded; planes of one size each."""
    kr, kb = WEIGHTS[matrix]
    luma = y.astype(float) if full_range else (y - 16.0) * 255 / 219
    chroma = 1 if full_range else 255 / 224
    cb, cr = (u - 128.0) * chroma, (v - 128.0) * chroma
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return np.rint(np.clip(np.stack([red, green, blue], -1), 0, 255))


@relaxed
@given(
    st.integers(1, 70), st.integers(1, 40), st.integers(0, 2), st.integers(0, 1),
    st.sampled_from(sorted(WEIGHTS)), st.booleans(), st.integers(0, 10_000),
)  # fmt: skip
def test_yuv_is_within_one_level_of_the_standards(
    width, height, shift_x, shift_y, matrix, full_range, seed
):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 256, (height, width), dtype=np.uint8)
    chroma = (-(-height >> shift_y), -(-width >> shift_x))
    u, v = (rng.integers(0, 256, chroma, dtype=np.uint8) for _ in range(2))
    image = steps.Image(
        [y, u, v], model="yuv", chroma_shift_x=shift_x, chroma_shift_y=shift_y, matrix=matrix,
        full_range=full_range, width=width, height=height,
    )  # fmt: skip
    at = np.ix_(np.arange(height) >> shift_y, np.arange(width) >> shift_x)
    wanted = standard_rgb(y, u[at], v[at], matrix, full_range)
    rgb = image.to_rgb()
    assert np.abs(rgb - wanted).max() <= 1
    # The frame and its RGB array are the same image to every step.
    array = steps.Image(rgb)
    np.testing.assert_array_equal(
        steps.letterbox(image, 32, 32, **PLAIN, border=114),
        steps.letterbox(array, 32, 32, **PLAIN, border=114),
    )
    s = (0.9, 0.3, 4.0, -2.0)
    np.testing.assert_array_equal(
        steps.warp(image, s, 40, **PLAIN, border=114),
        steps.warp(array, s, 40, **PLAIN, border=114),
    )


@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
@pytest.mark.parametrize("full_range", [False, True])
def test_greys_stay_grey(matrix, full_range):
    y = np.arange(256, dtype=np.uint8)[None]
    half = np.full((1, 256), 128, np.uint8)
    rgb = steps.Image(
        [y, half, half], model="yuv", matrix=matrix, full_range=full_range, width=256, height=1
    ).to_rgb()
    assert (rgb[..., 0] == rgb[..., 1]).all()
    assert (rgb[..., 1] == rgb[..., 2]).all()
    low, high = (0, 255) if full_range else (16, 235)
    assert rgb[0, low, 0] == 0
    assert rgb[0, high, 0] == 255
