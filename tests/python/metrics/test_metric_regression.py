"""CCC, PCC, RMSE, MAE, SAGR: against SciPy and scikit-learn, and their algebra."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from metric_helpers import relaxed
from scipy import stats

import mien
from mien import metrics

ALL = (metrics.ccc, metrics.pcc, metrics.rmse, metrics.mae, metrics.sagr)

numbers = st.floats(-1e3, 1e3, allow_subnormal=False).map(lambda x: round(x, 3))
pairs = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        hnp.arrays(float, n, elements=numbers), hnp.arrays(float, n, elements=numbers)
    )
)


@pytest.fixture(scope="module")
def samples() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=200)
    return truth, 0.7 * truth + rng.normal(0.2, 0.5, 200)


def test_pcc_is_scipys(samples):
    assert metrics.pcc(*samples) == pytest.approx(stats.pearsonr(*samples).statistic, abs=1e-12)


def test_errors_are_sklearns(samples):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    assert metrics.rmse(*samples) == pytest.approx(sklearn.root_mean_squared_error(*samples))
    assert metrics.mae(*samples) == pytest.approx(sklearn.mean_absolute_error(*samples))


def test_ccc_by_hand():
    # means 2 and 3, variances 2/3 and 8/3 over N, covariance 4/3: 2 * 4/3 / (2/3 + 8/3 + 1)
    assert metrics.ccc([1, 2, 3], [1, 3, 5]) == pytest.approx(8 / 13)
    assert metrics.ccc([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert metrics.ccc([0.1, 0.2], [0.1, 0.3]) == pytest.approx(2 / 3)


def test_ccc_is_correlation_times_the_bias_of_scipys_moments(samples):
    a, b = samples
    (ma, mb), (va, vb) = (a.mean(), b.mean()), (stats.moment(a, 2), stats.moment(b, 2))
    bias = 2 * math.sqrt(va * vb) / (va + vb + (ma - mb) ** 2)  # Lin 1989, C_b
    assert metrics.ccc(a, b) == pytest.approx(stats.pearsonr(a, b).statistic * bias)


@relaxed
@given(pairs)
def test_ccc_is_symmetric_and_at_most_the_correlation(pair):
    a, b = pair
    assume(np.ptp(a) > 1e-2 and np.ptp(b) > 1e-2)
    value = metrics.ccc(a, b)
    assert value == pytest.approx(metrics.ccc(b, a), abs=1e-9)
    assert abs(value) <= abs(metrics.pcc(a, b)) + 1e-9


@relaxed
@given(pairs, st.floats(0.1, 10), st.floats(-10, 10))
def test_one_scale_for_both_changes_nothing(pair, scale, shift):
    a, b = pair
    assume(np.ptp(a) > 1e-2 and np.ptp(b) > 1e-2)
    turned = (scale * a + shift, scale * b + shift)
    assert metrics.ccc(*turned) == pytest.approx(metrics.ccc(a, b), abs=1e-6)
    assert metrics.pcc(turned[0], b) == pytest.approx(metrics.pcc(a, b), abs=1e-6)
    assert metrics.rmse(*turned) == pytest.approx(scale * metrics.rmse(a, b), rel=1e-6, abs=1e-9)


@relaxed
@given(pairs)
def test_an_offset_costs_concordance_and_not_correlation(pair):
    a, _ = pair
    assume(np.ptp(a) > 1e-2)
    assert metrics.pcc(a, a + 5) == pytest.approx(1)
    assert metrics.ccc(a, a + 5) < metrics.ccc(a, a) == pytest.approx(1)


@relaxed
@given(pairs)
def test_mae_is_at_most_rmse(pair):
    assert metrics.mae(*pair) <= metrics.rmse(*pair) + 1e-9


def test_sagr_counts_zero_as_a_sign_of_its_own():
    assert metrics.sagr([1, -1, 0, 0, 2], [3, -0.1, 0, 1, -2]) == pytest.approx(3 / 5)


@pytest.mark.parametrize("metric", ALL)
def test_pairs_with_a_missing_side_are_left_out(metric):
    a, b = [0.5, 1.0, math.nan, -3.0, 2.0], [0.4, math.nan, 9.0, -2.0, 2.5]
    assert metric(a, b) == metric([0.5, -3.0, 2.0], [0.4, -2.0, 2.5])
    nullable = (
        pd.array([0.5, 1.0, None, -3.0, 2.0], "Float64"),
        pd.array([0.4, None, 9, -2, 2.5], "Float64"),
    )
    assert metric(*nullable) == metric(a, b)
    assert metrics.complete_pairs(a, b)[2] == 2


@pytest.mark.parametrize("metric", ALL)
def test_of_nothing_nothing_is_known(metric):
    assert math.isnan(metric([], []))
    assert math.isnan(metric([math.nan], [1.0]))


def test_a_constant_has_no_correlation():
    constant = np.full(7, 0.1)  # its mean is not exactly 0.1
    assert math.isnan(metrics.pcc(constant, np.arange(7)))
    assert math.isnan(metrics.ccc(constant, constant))
    assert metrics.ccc(constant, np.arange(7)) == 0


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ([1, 2], [1], "2 and 1 rows"),
        ([[1, 2]], [[1, 2]], r"shape \(1, 2\)"),
        (["a", "b"], ["a", "b"], "wanted numbers"),
    ],
)
def test_what_is_no_pair_of_vectors_is_refused(metric, a, b, says):
    with pytest.raises(mien.InputError, match=says):
        metric(a, b)
