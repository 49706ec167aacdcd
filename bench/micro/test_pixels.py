"""Colour, letterbox and warp, each beside OpenCV from the same 4:2:0 frame.

Both must give the same image first. mien's steps convert only the pixels they sample; with OpenCV
the whole frame is converted first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import mien_steps as steps

if TYPE_CHECKING:
    from bench.micro.conftest import Images

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

MEAN, STD, BORDER = (127.5,) * 3, (128.0,) * 3, 114.0
NORMAL = {"mean": MEAN, "std": STD, "border": BORDER}
SIMILARITY = (0.55 * np.cos(0.2), 0.55 * np.sin(0.2), -40.0, -30.0)
LEVEL = 1 / 128
"""One grey level after normalization."""


def opencv_rgb(images: Images) -> Pixels:
    """The frame as RGB."""
    return cv2.cvtColor(images.i420, cv2.COLOR_YUV2RGB_I420)


def opencv_letterbox(images: Images, plan: Any) -> Floats:
    """The frame scaled into a normalized square."""
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


def opencv_warp(images: Images) -> Floats:
    """The crop of the similarity, normalized."""
    a, b, tx, ty = SIMILARITY
    crop = cv2.warpAffine(
        opencv_rgb(images),
        np.array([[a, -b, tx], [b, a, ty]]),
        (112, 112),
        flags=cv2.INTER_LINEAR,
        borderValue=(BORDER,) * 3,
    )
    return cv2.dnn.blobFromImage(crop, 1 / STD[0], mean=MEAN)[0]


def check_rgb(ours: Pixels, theirs: Pixels) -> None:
    """Compare within 3 levels: OpenCV rounds the colour conversion differently."""
    assert np.abs(ours.astype(int) - theirs).max() <= 3


def check_planes(ours: Floats, theirs: Floats) -> None:
    """Compare all but the rim, where one step to the border is many levels."""
    assert np.quantile(np.abs(ours - theirs), 0.98) <= 4 * LEVEL


@pytest.fixture
def group(benchmark: Any, images: Images, request: pytest.FixtureRequest) -> Any:
    """The benchmark, grouped by step and size."""
    step = request.function.__name__.removeprefix("test_").rsplit("_", 1)[0]
    benchmark.group = f"{step} {images.width}x{images.height}"
    return benchmark


def test_colour_mien(group: Any, images: Images) -> None:
    """mien converts colours as OpenCV does."""
    check_rgb(group(images.frame.to_rgb), opencv_rgb(images))


def test_colour_opencv(group: Any, images: Images) -> None:
    """OpenCV converts colours as mien does."""
    check_rgb(group(opencv_rgb, images), images.rgb)


def test_letterbox_mien(group: Any, images: Images) -> None:
    """mien's letterbox is OpenCV's."""
    plan = steps.plan_letterbox(images.width, images.height, 320, 32)
    got = group(steps.letterbox, images.frame, 320, 32, **NORMAL)
    check_planes(got, opencv_letterbox(images, plan))


def test_letterbox_opencv(group: Any, images: Images) -> None:
    """OpenCV's letterbox is mien's."""
    plan = steps.plan_letterbox(images.width, images.height, 320, 32)
    got = group(opencv_letterbox, images, plan)
    check_planes(steps.letterbox(images.frame, 320, 32, **NORMAL), got)


def test_warp_mien(group: Any, images: Images) -> None:
    """mien's crop is OpenCV's."""
    got = group(steps.warp, images.frame, SIMILARITY, 112, **NORMAL)
    check_planes(got, opencv_warp(images))


def test_warp_opencv(group: Any, images: Images) -> None:
    """OpenCV's crop is mien's."""
    got = group(opencv_warp, images)
    check_planes(steps.warp(images.frame, SIMILARITY, 112, **NORMAL), got)
