"""Labels and scores: against scikit-learn and statsmodels, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from metric_helpers import relaxed

import mien
from mien import metrics
from mien.schema import EMOTIONS

labels = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[hnp.arrays(np.int64, n, elements=st.integers(0, 3))] * 2)
)


@pytest.fixture(scope="module")
def sk():
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")


@pytest.fixture(scope="module")
def faces() -> tuple[np.ndarray, np.ndarray]:
    """Labels and guesses of 300 faces, rare classes among them, six in ten right."""
    rng = np.random.default_rng(2)
    truth = rng.choice(EMOTIONS, 300, p=[0.15, 0.02, 0.13, 0.3, 0.15, 0.05, 0.2])
    return truth, np.where(rng.random(300) < 0.6, truth, rng.choice(EMOTIONS, 300))


def test_classification_is_sklearns(sk, faces):
    truth, guess = faces
    assert metrics.accuracy(truth, guess) == pytest.approx(sk.accuracy_score(truth, guess))
    assert metrics.uar(truth, guess) == pytest.approx(sk.balanced_accuracy_score(truth, guess))
    for average in ("macro", "weighted"):
        wanted = sk.f1_score(truth, guess, average=average)
        assert metrics.f1(truth, guess, average=average) == pytest.approx(wanted)
    joy = (truth == "happiness", guess == "happiness")
    assert metrics.f1(*joy, average="binary") == pytest.approx(sk.f1_score(*joy))
    counts = metrics.confusion(truth, guess)
    assert counts.index.tolist() == sorted(EMOTIONS)
    np.testing.assert_array_equal(counts, sk.confusion_matrix(truth, guess))


def test_class_table_is_sklearns(sk, faces):
    table = metrics.class_table(*faces)
    precision, recall, f1, n = sk.precision_recall_fscore_support(*faces)
    assert table["class"].tolist() == sorted(EMOTIONS)
    assert table["n"].tolist() == n.tolist()
    for name, wanted in (("precision", precision), ("recall", recall), ("f1", f1)):
        np.testing.assert_allclose(table[name], wanted)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_is_sklearns(sk, weights):
    rng = np.random.default_rng(3)
    a = rng.integers(0, 4, 100)
    b = np.clip(a + rng.integers(-1, 2, 100), 0, 3)
    wanted = sk.cohen_kappa_score(a, b, weights=weights)
    assert metrics.cohen_kappa(a, b, weights=weights) == pytest.approx(wanted)


def test_kappa_is_statsmodels(faces):
    rater = pytest.importorskip(
        "statsmodels.stats.inter_rater", reason="statsmodels is not installed"
    )
    counts = metrics.confusion(*faces).to_numpy()
    wanted = rater.cohens_kappa(counts, return_results=False)
    assert metrics.cohen_kappa(*faces) == pytest.approx(wanted)


def test_kappa_by_hand():
    # 20 + 15 of 50 agree; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5 would
    a = [1] * 25 + [0] * 25
    b = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert metrics.cohen_kappa(a, b) == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert math.isnan(metrics.cohen_kappa([1, 1], [1, 1]))


@relaxed
@given(labels)
def test_kappa_is_symmetric_and_at_most_one(pair):
    a, b = pair
    one, other = metrics.cohen_kappa(a, b), metrics.cohen_kappa(b, a)
    assert one == pytest.approx(other, nan_ok=True)
    assert math.isnan(one) or one <= 1


@relaxed
@given(labels)
def test_what_agrees_with_itself_is_perfect(pair):
    a, b = pair
    assert metrics.accuracy(a, a) == metrics.uar(a, a) == metrics.f1(a, a) == 1
    assert 0 <= metrics.f1(a, b) <= 1
    named = np.array(["w", "x", "y", "z"])
    assert metrics.f1(named[a], named[b]) == metrics.f1(a, b)  # names don't matter


@pytest.mark.parametrize("shared", [1, 2, 5, 1000])
def test_areas_are_sklearns_ties_or_not(sk, shared):
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 200)
    score = rng.integers(0, shared, 200) / shared + 0.001 * (shared == 1000) * truth
    assert metrics.roc_auc(truth, score) == pytest.approx(sk.roc_auc_score(truth, score))
    assert metrics.pr_auc(truth, score) == pytest.approx(sk.average_precision_score(truth, score))


@relaxed
@given(
    st.integers(2, 30).flatmap(
        lambda n: st.tuples(
            hnp.arrays(bool, n), hnp.arrays(np.int64, n, elements=st.integers(-5, 5))
        )
    )
)
def test_areas_depend_on_ranks_alone(pair):
    truth, score = pair
    for metric in (metrics.roc_auc, metrics.pr_auc):
        value = metric(truth, score)
        assert metric(truth, score**3 + 7) == pytest.approx(value, nan_ok=True)
        assert math.isnan(value) or 0 <= value <= 1
    if truth.any() and not truth.all():
        assert metrics.roc_auc(truth, score) == pytest.approx(1 - metrics.roc_auc(~truth, score))


def test_what_one_class_leaves_undefined():
    assert math.isnan(metrics.roc_auc([1, 1], [0.2, 0.3]))
    assert math.isnan(metrics.pr_auc([0, 0], [0.2, 0.3]))
    assert metrics.f1([0, 0], [0, 0], average="binary") == 0  # as the papers have it
    missing = metrics.class_table(["a", "a"], ["a", "b"]).set_index("class").loc["b"]
    assert missing["n"] == 0
    assert math.isnan(missing["recall"])


def test_missing_labels_are_left_out():
    truth = pd.Series(["joy", None, "fear", "joy"])
    guess = pd.Series(["joy", "joy", None, "fear"], dtype="category")
    assert metrics.accuracy(truth, guess) == 0.5
    assert metrics.roc_auc([0, 1, 1, math.nan], [0.1, 0.2, math.nan, 5]) == 1
    for metric in (metrics.accuracy, metrics.uar, metrics.f1, metrics.cohen_kappa):
        assert math.isnan(metric([None], ["joy"]))
    assert metrics.confusion([], []).empty


def test_what_can_not_be_meant_is_refused():
    with pytest.raises(mien.InputError, match="two kinds"):
        metrics.accuracy(["0", "1"], [0, 1])
    with pytest.raises(mien.InputError, match="wanted 0 and 1"):
        metrics.f1([0, 1, 2], [0, 1, 1], average="binary")
    with pytest.raises(mien.InputError, match="compare first"):
        metrics.roc_auc(["joy", "fear"], [0.1, 0.2])
    with pytest.raises(mien.InputError, match="3 and 2 rows"):
        metrics.confusion([1, 2, 3], [1, 2])
    with pytest.raises(mien.OptionError, match="micro"):
        metrics.f1([0, 1], [0, 1], average="micro")
    with pytest.raises(mien.OptionError, match="cubic"):
        metrics.cohen_kappa([0, 1], [0, 1], weights="cubic")
