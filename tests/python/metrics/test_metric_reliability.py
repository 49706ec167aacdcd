"""ICC: Shrout & Fleiss's own table, an analysis of variance by statsmodels, and algebra."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from metric_helpers import relaxed

import mien
from mien import metrics
from mien.metrics.reliability import KINDS

# Shrout & Fleiss (1979), tables 2 and 4: six subjects, four judges.
RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
PUBLISHED = {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}

ratings = hnp.arrays(
    float,
    st.tuples(st.integers(3, 12), st.integers(2, 4)),
    elements=st.integers(-50, 50).map(float),
)


@pytest.mark.parametrize("kind", KINDS)
def test_published_table(kind):
    assert metrics.icc(RATINGS, kind=kind) == pytest.approx(PUBLISHED[kind], abs=0.005)


def test_mean_squares_are_statsmodels():
    smf = pytest.importorskip("statsmodels.formula.api", reason="statsmodels is not installed")
    from statsmodels.stats.anova import anova_lm

    rng = np.random.default_rng(5)
    x = rng.normal(size=(20, 1)) + rng.normal(0, 0.5, (20, 3)) + [0, 0.5, 1]
    n, k = x.shape
    long = pd.DataFrame(
        {"y": x.ravel(), "subject": np.repeat(np.arange(n), k), "judge": np.tile(np.arange(k), n)}
    )
    table = anova_lm(smf.ols("y ~ C(subject) + C(judge)", long).fit())
    between, judge, error = table["mean_sq"][["C(subject)", "C(judge)", "Residual"]]
    assert metrics.icc(x) == pytest.approx((between - error) / (between + (k - 1) * error))
    two = (between - error) / (between + (k - 1) * error + k * (judge - error) / n)
    assert metrics.icc(x, kind="2,1") == pytest.approx(two)


@relaxed
@given(ratings, st.integers(-20, 20))
def test_offsets_of_judges_matter_not_in_3_1(x, offset):
    assume(np.ptp(x.mean(1)) > 0)
    moved = x + np.arange(x.shape[1]) * offset
    assert metrics.icc(moved) == pytest.approx(metrics.icc(x), abs=1e-9, nan_ok=True)


@relaxed
@given(ratings)
def test_the_mean_of_judges_follows_spearman_and_brown(x):
    k, one = x.shape[1], metrics.icc(x)
    assume(not math.isnan(one) and one > -0.9 / (k - 1))
    assert metrics.icc(x, kind="3,k") == pytest.approx(k * one / (1 + (k - 1) * one), abs=1e-9)
    assert one <= 1 + 1e-12


@relaxed
@given(ratings)
def test_order_of_judges_and_subjects_does_not_matter(x):
    for kind in KINDS:
        assert metrics.icc(x[::-1, ::-1], kind=kind) == pytest.approx(
            metrics.icc(x, kind=kind), abs=1e-9, nan_ok=True
        )


def test_vectors_are_a_matrix_by_columns():
    assert metrics.icc(*RATINGS.T) == metrics.icc(RATINGS)


def test_a_subject_that_a_judge_misses_is_left_out():
    holed = RATINGS.astype(float)
    holed[2, 1] = math.nan
    assert metrics.icc(holed) == metrics.icc(np.delete(RATINGS, 2, 0))


def test_nothing_to_tell_apart():
    assert math.isnan(metrics.icc(np.full((5, 3), 0.1)))
    assert math.isnan(metrics.icc([[1, 2]]))


def test_bad_input_is_refused():
    with pytest.raises(mien.InputError, match="two vectors or more"):
        metrics.icc([1, 2, 3])
    with pytest.raises(mien.InputError, match="3, 2 rows"):
        metrics.icc([1, 2, 3], [1, 2])
    with pytest.raises(mien.InputError, match="wanted numbers"):
        metrics.icc(["a", "b"], ["a", "b"])
    with pytest.raises(mien.OptionError, match="ICC3"):
        metrics.icc(RATINGS, kind="ICC3")
