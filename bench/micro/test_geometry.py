"""Suppression of overlapping boxes and the similarity fit, beside OpenCV and NumPy.

All must agree first. mien's times include passing arrays to C++ and back, which the engine doesn't.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import mien_steps as steps

Floats = NDArray[np.floating[Any]]

IOU = 0.4
TEMPLATE = np.array([[41, 38], [71, 38], [56, 55.2], [43.5, 72.8], [68.5, 72.8]], np.float32)


@pytest.fixture(params=(40, 400), ids=lambda n: f"{n}_boxes")
def boxes(request: pytest.FixtureRequest) -> tuple[Floats, Floats]:
    """Boxes (N, 4) about eight faces, and scores (N,) that all differ."""
    rng = np.random.default_rng(2)
    faces = np.concatenate([rng.uniform(0, 250, (8, 2)), rng.uniform(30, 60, (8, 2))], 1)
    near = faces[rng.integers(0, 8, request.param)] + rng.normal(0, 3, (request.param, 4))
    scores = (rng.permutation(request.param) + 1) / request.param
    return near.astype(np.float32), scores.astype(np.float32)


def numpy_nms(boxes: Floats, scores: Floats) -> list[int]:
    """Numbers of the boxes kept, by NumPy."""
    left, top, width, height = boxes.T
    right, bottom, area = left + width, top + height, width * height
    order = np.argsort(-scores)
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        wide = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        high = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        common = np.maximum(wide, 0) * np.maximum(high, 0)
        order = rest[common / (area[best] + area[rest] - common) <= IOU]
    return kept


def opencv_nms(boxes: Floats, scores: Floats) -> list[int]:
    """Numbers of the boxes kept, by OpenCV."""
    return [int(i) for i in cv2.dnn.NMSBoxes(boxes, scores, 0.0, IOU)]


def mien_nms(boxes: Floats, scores: Floats) -> list[int]:
    """Numbers of the boxes kept, by mien."""
    return steps.nms(boxes, scores, IOU, len(scores))


@pytest.mark.parametrize("nms", [mien_nms, opencv_nms, numpy_nms])
def test_nms(benchmark: Any, boxes: tuple[Floats, Floats], nms: Any) -> None:
    """The same boxes are kept."""
    benchmark.group = f"nms, {len(boxes[1])} boxes"
    assert benchmark(nms, *boxes) == numpy_nms(*boxes)


def numpy_fit(source: Floats, target: Floats) -> Floats:
    """Least squares for (a, b, tx, ty): x' = a x - b y + tx, y' = b x + a y + ty."""
    x, y = source[:, 0], source[:, 1]
    one, zero = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    return np.linalg.lstsq(rows, np.concatenate([target[:, 0], target[:, 1]]), rcond=None)[0]


def opencv_fit(source: Floats, target: Floats) -> tuple[float, ...]:
    """OpenCV's robust estimate, with a threshold that accepts all five points."""
    matrix, _ = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=1e3, refineIters=10
    )
    return matrix[0, 0], matrix[1, 0], matrix[0, 2], matrix[1, 2]


@pytest.mark.parametrize("fit", [steps.fit_similarity, opencv_fit, numpy_fit])
def test_similarity(benchmark: Any, fit: Any) -> None:
    """The fit is that of least squares."""
    benchmark.group = "similarity of five points"
    turn = np.array([[0.5, -0.2], [0.2, 0.5]], np.float32)
    face = TEMPLATE @ turn.T + np.float32([40, 30])
    got = benchmark(fit, face, TEMPLATE)
    np.testing.assert_allclose(got, numpy_fit(face, TEMPLATE), atol=2e-2)
