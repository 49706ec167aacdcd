"""Letterbox against OpenCV's resize."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from step_helpers import PLAIN, limited_to, noise, relaxed
from steps_extension import require_steps

steps = require_steps()

sides = st.integers(1, 300)


@relaxed
@given(sides, sides, st.sampled_from([32, 64, 96, 160, 333]), st.sampled_from([1, 16, 32]), sides)
def test_is_opencvs_bilinear_resize_within_one_level(width, height, max_side, multiple, seed):
    rgb = noise(seed, height, width)
    plan = steps.plan_letterbox(width, height, max_side, multiple)
    out = steps.letterbox(steps.Image(rgb), max_side, multiple, **PLAIN, border=114)
    assert out.shape == (3, plan.height, plan.width)
    assert max(plan.content_width, plan.content_height) == max_side
    size = (plan.content_width, plan.content_height)
    wanted = cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    content = out[:, : plan.content_height, : plan.content_width]
    assert np.abs(content - wanted.transpose(2, 0, 1)).max() <= 1
    # Within float rounding where OpenCV rounds nothing either.
    exact = cv2.resize(rgb.astype(np.float64), size, interpolation=cv2.INTER_LINEAR)
    if exact.ndim == 2:
        exact = exact[..., None]
    assert np.abs(content - exact.transpose(2, 0, 1)).max() <= 1e-2
    assert (out[:, plan.content_height :] == 114).all()
    assert (out[:, :, plan.content_width :] == 114).all()


@relaxed
@given(sides, sides, st.sampled_from([32, 320]), st.sampled_from([8, 32]))
def test_plan_keeps_the_aspect_within_half_a_pixel(width, height, max_side, multiple):
    plan = steps.plan_letterbox(width, height, max_side, multiple)
    ratio = max_side / max(width, height)
    assert abs(plan.content_width - max(1, width * ratio)) <= 0.5
    assert abs(plan.content_height - max(1, height * ratio)) <= 0.5
    assert plan.width % multiple == 0
    assert 0 <= plan.width - plan.content_width < multiple
    assert plan.height % multiple == 0
    assert 0 <= plan.height - plan.content_height < multiple
    assert np.isclose(plan.scale_x * plan.content_width, width)
    assert np.isclose(plan.scale_y * plan.content_height, height)


@relaxed
@given(sides, sides, sides)
def test_normalization_is_applied_last(width, height, seed):
    image = steps.Image(noise(seed, height, width))
    mean, std = (120.0, 110.0, 100.0), (50.0, 60.0, 70.0)
    plain = steps.letterbox(image, 64, 32, **PLAIN, border=114)
    normalized = steps.letterbox(image, 64, 32, mean=mean, std=std, border=114)
    shape = (3, 1, 1)
    wanted = (plain - np.reshape(mean, shape)) / np.reshape(std, shape)
    np.testing.assert_allclose(normalized, wanted, atol=1e-5)


@relaxed
@given(sides, sides, st.sampled_from([32, 160]), sides, st.data())
def test_views_and_instruction_sets_make_no_difference(width, height, max_side, seed, data):
    big = noise(seed, height * 2, width * 3)
    rows = slice(None, None, data.draw(st.sampled_from([2, -2])))
    columns = slice(None, None, data.draw(st.sampled_from([3, -3])))
    channels = slice(None, None, data.draw(st.sampled_from([1, -1])))
    view = big[rows, columns, channels]
    copy = np.ascontiguousarray(view)
    wanted = steps.letterbox(steps.Image(copy), max_side, 32, **PLAIN, border=114)
    for isa in ("baseline", "avx2", "avx512"):
        with limited_to(isa):
            got = steps.letterbox(steps.Image(view), max_side, 32, **PLAIN, border=114)
        np.testing.assert_array_equal(got, wanted)
