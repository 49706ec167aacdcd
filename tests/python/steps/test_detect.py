"""Priors, decoding and suppression against NumPy and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from step_helpers import relaxed
from steps_extension import require_steps

steps = require_steps()

STRIDES = [8, 16, 32]
MIN_SIZES = [[16.0, 32.0], [64.0, 128.0], [256.0, 512.0]]
VARIANCES = (0.1, 0.2)

seeds = st.integers(0, 100_000)


def boxes_and_scores(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (x, y, width, height) that overlap a good deal, and scores with ties."""
    rng = np.random.default_rng(seed)
    boxes = np.concatenate([rng.uniform(0, 60, (n, 2)), rng.uniform(5, 50, (n, 2))], 1)
    return boxes.astype(np.float32), (rng.integers(0, 20, n) / 20).astype(np.float32)


def numpy_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Overlap of each box of (N, 4) with one box, float32 throughout."""
    width = np.minimum(a[:, 0] + a[:, 2], b[0] + b[2]) - np.maximum(a[:, 0], b[0])
    height = np.minimum(a[:, 1] + a[:, 3], b[1] + b[3]) - np.maximum(a[:, 1], b[1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    return common / (a[:, 2] * a[:, 3] + b[2] * b[3] - common)


def numpy_nms(boxes: np.ndarray, scores: np.ndarray, threshold: float, most: int) -> list[int]:
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size and len(kept) < most:
        best, order = order[0], order[1:]
        kept.append(int(best))
        order = order[numpy_iou(boxes[order], boxes[best]) <= np.float32(threshold)]
    return kept


@relaxed
@given(seeds, st.integers(0, 80), st.floats(0.05, 0.95), st.integers(1, 100))
def test_nms_is_the_numpy_reference_exactly(seed, n, threshold, most):
    boxes, scores = boxes_and_scores(seed, n)
    got = steps.nms(boxes, scores, threshold, most)
    assert got == numpy_nms(boxes, scores, threshold, most)


@relaxed
@given(seeds, st.integers(1, 60), st.floats(0.1, 0.9))
def test_nms_is_opencvs(seed, n, threshold):
    boxes, _ = boxes_and_scores(seed, n)
    scores = np.random.default_rng(seed).permutation(n).astype(np.float32) + 1
    overlaps = np.concatenate([numpy_iou(boxes, b) for b in boxes])
    threshold = float(np.float32(threshold))
    if np.abs(overlaps - threshold).min() < 1e-5:  # a tie within rounding may go either way
        threshold += 2e-4
    wanted = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.0, threshold)
    if np.abs(overlaps - threshold).min() >= 1e-5:
        assert steps.nms(boxes, scores, threshold, n) == [int(i) for i in wanted]


@relaxed
@given(seeds)
def test_iou_is_symmetric_and_between_zero_and_one(seed):
    boxes, _ = boxes_and_scores(seed, 2)
    a, b = boxes
    got = steps.iou(a, b)
    assert 0 <= got <= 1
    assert got == steps.iou(b, a)
    np.testing.assert_allclose(got, numpy_iou(boxes[:1], b)[0], rtol=1e-6)
    np.testing.assert_allclose(steps.iou(a, a), 1, rtol=1e-5)


def numpy_priors(width: int, height: int) -> np.ndarray:
    rows = [
        [(column + 0.5) * stride, (row + 0.5) * stride, side]
        for stride, sizes in zip(STRIDES, MIN_SIZES, strict=True)
        for row in range(height // stride)
        for column in range(width // stride)
        for side in sizes
    ]
    return np.array(rows, np.float32)


@relaxed
@given(st.integers(1, 8), st.integers(1, 8))
def test_priors_go_by_stride_row_column_size(columns, rows):
    info = steps.DetectorInfo(STRIDES, MIN_SIZES, VARIANCES)
    got = steps.make_priors(info, 32 * columns, 32 * rows)
    np.testing.assert_array_equal(got, numpy_priors(32 * columns, 32 * rows))


@relaxed
@given(st.integers(20, 900), st.integers(20, 900), seeds, st.floats(0.3, 0.9), st.integers(1, 20))
def test_decoding_is_the_numpy_reference(width, height, seed, threshold, most):
    info = steps.DetectorInfo(STRIDES, MIN_SIZES, VARIANCES)
    plan = steps.plan_letterbox(width, height, 128, 32)
    priors = numpy_priors(plan.width, plan.height).astype(np.float64)
    rng = np.random.default_rng(seed)
    n = len(priors)
    # Mostly background, as in life. Logits keep off the threshold so that rounding decides nothing.
    logits = rng.normal(-4, 3, n)
    limit = np.log(threshold / (1 - threshold))
    logits = np.where(np.abs(logits - limit) < 1e-3, limit - 1e-2, logits).astype(np.float32)
    offsets = rng.normal(0, 1, (n, 4)).astype(np.float32)
    points = rng.normal(0, 3, (n, 10)).astype(np.float32)
    got_boxes, got_scores, got_points = steps.decode_faces(
        info, logits, offsets, points, plan, threshold, 0.4, most
    )

    at = np.flatnonzero(logits >= limit)
    scores = 1 / (1 + np.exp(-logits[at].astype(np.float64)))
    side = priors[at, 2:]
    centre = priors[at, :2] + offsets[at, :2] * VARIANCES[0] * side
    size = side * np.exp(offsets[at, 2:] * VARIANCES[1])
    scale = np.array([width / plan.content_width, height / plan.content_height])
    boxes = np.concatenate([(centre - size / 2) * scale - 0.5, size * scale], 1)
    marks = priors[at, None, :2] + points[at].reshape(-1, 5, 2) * VARIANCES[0] * side[:, None]
    marks = marks * scale - 0.5
    order = numpy_nms(boxes.astype(np.float32), scores.astype(np.float32), 0.4, most)
    assert len(got_scores) == len(order)
    np.testing.assert_allclose(got_scores, scores[order], rtol=1e-5)
    # 1e-5 of the coordinates' own range: differences of large numbers may be small.
    span = max(width, height) * 4
    np.testing.assert_allclose(got_boxes, boxes[order], rtol=1e-5, atol=1e-6 * span)
    np.testing.assert_allclose(got_points, marks[order], rtol=1e-5, atol=1e-6 * span)
