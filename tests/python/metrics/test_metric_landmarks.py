"""Error of landmarks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_helpers import relaxed

import mien
from mien import metrics

STEP = np.array([3.0, 4.0])  # five long


@pytest.fixture
def face() -> np.ndarray:
    """Points whose outer eye corners are 100 apart and whose eyes' middles are 60 apart."""
    points = np.random.default_rng(6).uniform(0, 200, (68, 2))
    points[36:42] = (70, 100)
    points[42:48] = (130, 100)
    points[36], points[39] = (50, 100), (90, 100)
    points[45], points[42] = (150, 100), (110, 100)
    return points


def test_by_hand(face):
    moved = face + STEP  # every point five away
    assert metrics.nme(face, moved) == pytest.approx(0.05)
    assert metrics.nme(face, moved, by="pupils") == pytest.approx(5 / 60)
    one = face.copy()
    one[30] += (0, 68)
    assert metrics.nme(face, one) == pytest.approx(0.01)


@relaxed
@given(st.floats(0, 2 * math.pi), st.floats(0.1, 10), st.floats(-100, 100))
def test_turning_scaling_and_moving_both_changes_nothing(angle, scale, shift):
    rng = np.random.default_rng(7)
    a = rng.uniform(0, 100, (3, 68, 2))
    b = a + rng.normal(0, 2, a.shape)
    turn = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    for by in ("outer_eyes", "pupils"):
        moved = metrics.nme(a @ turn + shift, b @ turn + shift, by=by)
        assert moved == pytest.approx(metrics.nme(a, b, by=by))


def test_a_face_that_misses_a_point_is_left_out(face):
    truth = np.stack([face] * 3)
    estimate = truth + STEP
    estimate[1, 5, 0] = math.nan
    estimate[2] += STEP
    errors = metrics.point_errors(truth, estimate)
    assert errors == pytest.approx([0.05, math.nan, 0.1], nan_ok=True)
    assert metrics.nme(truth, estimate) == pytest.approx(0.075)
    assert math.isnan(metrics.nme(truth[:1], estimate[1:2]))


def test_tables_give_their_landmarks(table):
    points = metrics.landmark_points(table)
    assert points.shape == (len(table), 68, 2)
    np.testing.assert_array_equal(points[:, 7, 0], table["x_7"].to_numpy(float))
    np.testing.assert_array_equal(points[:, 67, 1], table["y_67"].to_numpy(float))
    assert metrics.nme(table, table) == 0


def test_bad_input_is_refused(face, table):
    with pytest.raises(mien.InputError, match=r"\(N, 68, 2\)"):
        metrics.nme(face[:5], face[:5])
    with pytest.raises(mien.InputError, match="1 and 2 faces"):
        metrics.nme(face, np.stack([face, face]))
    with pytest.raises(mien.InputError, match="without x_3"):
        metrics.nme(table.drop(columns="x_3"), table)
    with pytest.raises(mien.OptionError, match="nose"):
        metrics.nme(face, face, by="nose")
