"""Average precision: by hand, and what must hold for any detections."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_helpers import relaxed

import mien
from mien import metrics

FACE, OTHER, FAR = (0, 0, 10, 10), (100, 100, 110, 110), (500, 500, 510, 510)
CROWD = (200, 200, 400, 400)


def box(coordinates, score):
    return (*coordinates, score)


corner = st.integers(0, 12)
boxes = st.tuples(corner, corner, st.integers(1, 12), st.integers(1, 12)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
images = st.lists(
    st.tuples(
        st.lists(
            st.tuples(boxes, st.integers(1, 9)).map(lambda d: box(d[0], d[1] / 10)), max_size=5
        ),
        st.lists(boxes, max_size=4),
    ),
    min_size=1,
    max_size=3,
)


def split(images):
    return [found for found, _ in images], [truth for _, truth in images]


def test_iou_by_hand():
    assert metrics.box_iou([FACE], [(5, 0, 15, 10), FACE, OTHER]).tolist() == [
        [pytest.approx(50 / 150), 1, 0]
    ]


def test_all_points_by_hand():
    # By falling score: right, wrong, right. Precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3 of three
    # faces; the envelope gives 1/3 * 1 + 1/3 * 2/3.
    found = [[box(FACE, 0.9), box(FAR, 0.8), box(OTHER, 0.7)], []]
    truth = [[FACE, OTHER], [FACE]]
    assert metrics.average_precision(found, truth) == pytest.approx(5 / 9)
    curve = metrics.detection_curve(found, truth)
    assert curve["precision"].tolist() == pytest.approx([1, 1 / 2, 2 / 3])
    assert curve["recall"].tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3])


def test_is_sklearns_step_sum_where_precision_only_falls():
    sk = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    scores = np.linspace(0.9, 0.1, 8)
    right = [True] * 5 + [False] * 3
    found = [[box(FACE if r else FAR, s)] for r, s in zip(right, scores, strict=True)]
    wanted = sk.average_precision_score(right, scores)
    assert metrics.average_precision(found, [[FACE]] * 5 + [[]] * 3) == pytest.approx(wanted)


def test_a_face_is_found_once():
    twice = [[box(FACE, 0.9), box(FACE, 0.8)]]
    assert metrics.detection_curve(twice, [[FACE]])["precision"].tolist() == [1, 0.5]


def test_the_threshold_of_overlap_is_met_by_equality():
    half = (0, 0, 10, 5)
    assert metrics.average_precision([[box(half, 0.9)]], [[FACE]], iou=0.5) == 1
    assert metrics.average_precision([[box(half, 0.9)]], [[FACE]], iou=0.51) == 0


def test_regions_to_ignore_count_neither_way():
    in_crowd = (210, 210, 220, 220)
    found, truth = [[box(in_crowd, 0.95), box(FACE, 0.9)]], [[FACE]]
    assert metrics.average_precision(found, truth) == 0.5
    assert metrics.average_precision(found, truth, ignore=[[CROWD]]) == 1
    assert len(metrics.detection_curve(found, truth, ignore=[[CROWD]])) == 1
    # a face that is labelled inside such a region can still be found
    assert metrics.average_precision([[box(in_crowd, 0.9)]], [[in_crowd]], ignore=[[CROWD]]) == 1


def test_ends():
    assert metrics.average_precision([[]], [[FACE]]) == 0
    assert metrics.average_precision([[box(FACE, 0.9)]], [[FACE]]) == 1
    assert math.isnan(metrics.average_precision([[box(FACE, 0.9)]], [[]]))


@relaxed
@given(images)
def test_between_0_and_1_and_no_better_by_a_stricter_overlap(images):
    found, truth = split(images)
    values = [metrics.average_precision(found, truth, iou=iou) for iou in (0.2, 0.5, 0.8, 1.0)]
    if any(truth):
        assert all(0 <= v <= 1 for v in values)
        assert values == sorted(values, reverse=True)


@relaxed
@given(images)
def test_depends_on_the_order_of_scores_alone(images):
    found, truth = split(images)
    other = [[(*d[:4], d[4] ** 2 + 3) for d in image] for image in found]
    assert metrics.average_precision(other, truth) == pytest.approx(
        metrics.average_precision(found, truth), nan_ok=True
    )


@relaxed
@given(images)
def test_a_false_detection_never_helps_and_a_sure_hit_never_harms(images):
    found, truth = split(images)
    before = metrics.average_precision([*found, []], [*truth, [FACE]])
    wrong = metrics.average_precision([*found, [box(FAR, 0.95)]], [*truth, [FACE]])
    right = metrics.average_precision([*found, [box(FACE, 0.95)]], [*truth, [FACE]])
    assert wrong <= before <= right


def test_bad_input_is_refused():
    with pytest.raises(mien.InputError, match="found has 1, truth 2"):
        metrics.average_precision([[]], [[], []])
    with pytest.raises(mien.InputError, match=r"found: wanted boxes \(K, 5\)"):
        metrics.average_precision([[FACE]], [[FACE]])
    with pytest.raises(mien.InputError, match="NaN"):
        metrics.average_precision([[box(FACE, math.nan)]], [[FACE]])
    with pytest.raises(mien.OptionError, match="iou"):
        metrics.average_precision([[]], [[]], iou=0)
