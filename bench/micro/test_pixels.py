"""Colour, letterbox and warp, each beside OpenCV from the same 4:2:0 frame; both must give the same picture first.

mien's steps convert only the pixels they sample; OpenCV converts the frame first, as whoever builds on it does.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mien._core import steps

MEAN, STD, BORDER = (127.5,) * 3, (128.0,) * 3, 114.0
NORMAL = {"mean": MEAN, "std": STD, "border": BORDER}
SIMILARITY = (0.55 * np.cos(0.2), 0.55 * np.sin(0.2), -40.0, -30.0)
LEVEL = 1 / 128
"""One grey level after normalization."""


def opencv_rgb(pictures):
    return cv2.cvtColor(pictures.i420, cv2.COLOR_YUV2RGB_I420)


def opencv_letterbox(pictures, plan):
    size = (plan.content_width, plan.content_height)
    small = cv2.resize(opencv_rgb(pictures), size, interpolation=cv2.INTER_LINEAR)
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


def opencv_warp(pictures):
    a, b, tx, ty = SIMILARITY
    crop = cv2.warpAffine(
        opencv_rgb(pictures),
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
def group(benchmark, pictures, request):
    step = request.function.__name__.removeprefix("test_").rsplit("_", 1)[0]
    benchmark.group = f"{step} {pictures.width}x{pictures.height}"
    return benchmark


def test_colour_mien(group, pictures):
    check_rgb(group(pictures.frame.to_rgb), opencv_rgb(pictures))


def test_colour_opencv(group, pictures):
    check_rgb(group(opencv_rgb, pictures), pictures.rgb)


def test_letterbox_mien(group, pictures):
    plan = steps.plan_letterbox(pictures.width, pictures.height, 320, 32)
    got = group(steps.letterbox, pictures.frame, 320, 32, **NORMAL)
    check_planes(got, opencv_letterbox(pictures, plan))


def test_letterbox_opencv(group, pictures):
    plan = steps.plan_letterbox(pictures.width, pictures.height, 320, 32)
    got = group(opencv_letterbox, pictures, plan)
    check_planes(steps.letterbox(pictures.frame, 320, 32, **NORMAL), got)


def test_warp_mien(group, pictures):
    got = group(steps.warp, pictures.frame, SIMILARITY, 112, **NORMAL)
    check_planes(got, opencv_warp(pictures))


def test_warp_opencv(group, pictures):
    got = group(opencv_warp, pictures)
    check_planes(steps.warp(pictures.frame, SIMILARITY, 112, **NORMAL), got)
