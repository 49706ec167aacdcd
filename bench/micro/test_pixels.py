"""Colour, letterbox and warp, each beside OpenCV from the same 4:2:0 frame; both must give the same
image first.

mien's steps convert only the pixels they sample; OpenCV converts the frame first, as whoever builds
on it does.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import mien_steps as steps

MEAN, STD, BORDER = (127.5,) * 3, (128.0,) * 3, 114.0
NORMAL = {"mean": MEAN, "std": STD, "border": BORDER}
SIMILARITY = (0.55 * np.cos(0.2), 0.55 * np.sin(0.2), -40.0, -30.0)
LEVEL = 1 / 128
"""One grey level after normalization."""


def opencv_rgb(images):
    return cv2.cvtColor(images.i420, cv2.COLOR_YUV2RGB_I420)


def opencv_letterbox(images, plan):
    size = (plan.content_width, plan.content_height)
    small = cv2.resize(opencv_rgb(images), size, interpolation=cv2.INTER_LINEAR)
    small = cv2.copyMakeBorder(
        small,
        0,
        plan.height - plan.content_height,
        0,
        plan.width - plan.content_width,
        cv2.BORDER_CONSTANT,
        value=(BORDER,) * 3,
    )
    return cv2.dnn.blobFromImage(small, 1 / STD[0], mean=MEAN)[0]


def opencv_warp(images):
    a, b, tx, ty = SIMILARITY
    crop = cv2.warpAffine(
        opencv_rgb(images),
        np.array([[a, -b, tx], [b, a, ty]]),
        (112, 112),
        flags=cv2.INTER_LINEAR,
        borderValue=(BORDER,) * 3,
    )
    return cv2.dnn.blobFromImage(crop, 1 / STD[0], mean=MEAN)[0]


def check_rgb(ours, theirs):
    """OpenCV rounds the colour conversion in its own way."""
    assert np.abs(ours.astype(int) - theirs).max() <= 3


def check_planes(ours, theirs):
    # Away from the rim of what the frame covers, where one step to the border is many levels.
    assert np.quantile(np.abs(ours - theirs), 0.98) <= 4 * LEVEL


@pytest.fixture
def group(benchmark, images, request):
    step = request.function.__name__.removeprefix("test_").rsplit("_", 1)[0]
    benchmark.group = f"{step} {images.width}x{images.height}"
    return benchmark


def test_colour_mien(group, images):
    check_rgb(group(images.frame.to_rgb), opencv_rgb(images))


def test_colour_opencv(group, images):
    check_rgb(group(opencv_rgb, images), images.rgb)


def test_letterbox_mien(group, images):
    plan = steps.plan_letterbox(images.width, images.height, 320, 32)
    got = group(steps.letterbox, images.frame, 320, 32, **NORMAL)
    check_planes(got, opencv_letterbox(images, plan))


def test_letterbox_opencv(group, images):
    plan = steps.plan_letterbox(images.width, images.height, 320, 32)
    got = group(opencv_letterbox, images, plan)
    check_planes(steps.letterbox(images.frame, 320, 32, **NORMAL), got)


def test_warp_mien(group, images):
    got = group(steps.warp, images.frame, SIMILARITY, 112, **NORMAL)
    check_planes(got, opencv_warp(images))


def test_warp_opencv(group, images):
    got = group(opencv_warp, images)
    check_planes(steps.warp(images.frame, SIMILARITY, 112, **NORMAL), got)
