"""Fairness, confidence intervals and tables of agreement."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from metric_helpers import relaxed
from scipy import stats

import mien
from mien import metrics

# The example of fairlearn's user guide (common fairness metrics); fairlearn 0.15 gives the true
# positive rates a 0.5, b 0.6, c 0.4 and an equal opportunity difference of 0.2 for it.
TRUTH = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]
GUESS = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0]
GROUP = list("bbabbcccaacabccbcc")

labels = st.integers(1, 20).flatmap(
    lambda n: st.tuples(*[hnp.arrays(np.int64, n, elements=st.integers(0, 2))] * 2)
)


def test_equal_opportunity_is_fairlearns():
    assert metrics.recall_by_group(TRUTH, GUESS, GROUP)[1].to_dict() == pytest.approx(
        {"a": 0.5, "b": 0.6, "c": 0.4}
    )
    difference = metrics.equal_opportunity_difference(TRUTH, GUESS, GROUP, positive=1)
    assert difference == pytest.approx(0.2)


def test_labels_may_be_true_and_false():
    flags = np.array(TRUTH) == 1, np.array(GUESS) == 1
    difference = metrics.equal_opportunity_difference(*flags, GROUP, positive=True)
    assert difference == pytest.approx(0.2)
    ratio = metrics.equality_of_opportunity(*flags, GROUP, classes=[True])
    assert ratio == pytest.approx(0.4 / 0.6)


def test_all_classes_by_hand():
    # recall of 0 / 1: men 1 / 0.5, women 0.5 / 0.5
    truth, guess = list("aabbaabb"), list("aabaabba")
    groups = ["man"] * 4 + ["woman"] * 4
    assert metrics.equality_of_opportunity(truth, guess, groups) == pytest.approx(1.0 / 1.5)
    assert metrics.equality_of_opportunity(truth, guess, groups, classes=["b"]) == 1
    assert metrics.equal_opportunity_difference(truth, guess, groups) == pytest.approx(0.25)


@relaxed
@given(labels)
def test_groups_served_alike_are_served_fairly(pair):
    truth, guess = (np.tile(side, 3) for side in pair)
    groups = np.repeat(["a", "b", "c"], len(pair[0]))
    assert metrics.equal_opportunity_difference(truth, guess, groups) == 0
    ratio = metrics.equality_of_opportunity(truth, guess, groups)
    assert ratio == 1 or (math.isnan(ratio) and not (truth == guess).any())


@relaxed
@given(labels, st.randoms(use_true_random=False))
def test_fairness_keeps_its_range(pair, random):
    groups = [random.choice("ab") for _ in pair[0]]
    for value in (
        metrics.equality_of_opportunity(*pair, groups),
        metrics.equal_opportunity_difference(*pair, groups),
    ):
        assert math.isnan(value) or 0 <= value <= 1


def test_a_class_that_a_group_lacks():
    truth, guess, groups = [0, 1, 0, 0], [0, 1, 0, 1], list("aabb")
    assert metrics.recall_by_group(truth, guess, groups).isna().to_numpy().tolist() == [
        [False, False],
        [False, True],
    ]
    assert math.isnan(metrics.equality_of_opportunity(truth, guess, groups))
    assert metrics.equality_of_opportunity(truth, guess, groups, classes=[0]) == 0.5
    assert metrics.equal_opportunity_difference(truth, guess, groups) == 0.5  # of class 0 alone
    assert math.isnan(metrics.equal_opportunity_difference(truth, guess, groups, positive=1))
    with pytest.raises(mien.InputError, match="7"):
        metrics.equality_of_opportunity(truth, guess, groups, classes=[7])


def test_fairness_ccc_is_the_mean_over_groups():
    rng = np.random.default_rng(8)
    truth, groups = rng.normal(size=90), np.repeat(["a", "b", "c"], [10, 20, 60])
    estimate = truth + rng.normal(0, 0.5, 90)
    each = [metrics.ccc(truth[groups == g], estimate[groups == g]) for g in "abc"]
    assert metrics.fairness_ccc(truth, estimate, groups) == pytest.approx(np.mean(each))
    assert metrics.fairness_ccc(truth, estimate, ["a"] * 90) == metrics.ccc(truth, estimate)
    constant = np.where(groups == "a", 0.5, truth)
    assert math.isnan(metrics.fairness_ccc(constant, constant, groups))


def test_rows_without_a_group_are_left_out():
    groups = [*GROUP[:-2], None, None]
    wanted = metrics.recall_by_group(TRUTH[:-2], GUESS[:-2], GROUP[:-2])
    pd.testing.assert_frame_equal(metrics.recall_by_group(TRUTH, GUESS, groups), wanted)
    with pytest.raises(mien.InputError, match="groups differ"):
        metrics.fairness_ccc([1, 2], [1, 2], ["a"])


def test_interval_is_scipys():
    rng = np.random.default_rng(9)
    truth = rng.normal(size=150)
    estimate = truth + rng.normal(0, 0.7, 150)
    ours = metrics.bootstrap_interval(metrics.ccc, truth, estimate, resamples=3000)
    theirs = stats.bootstrap(
        (truth, estimate),
        metrics.ccc,
        paired=True,
        vectorized=False,
        n_resamples=3000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert ours == pytest.approx(tuple(theirs), abs=0.01)
    assert ours[0] < metrics.ccc(truth, estimate) < ours[1]


def test_the_same_seed_draws_the_same():
    rng = np.random.default_rng(10)
    data = rng.normal(size=(2, 40))
    one, two, other = (
        metrics.bootstrap_interval(metrics.pcc, *data, seed=seed) for seed in (1, 1, 2)
    )
    assert one == two != other


def test_persons_widen_the_interval_of_their_frames():
    rng = np.random.default_rng(11)
    right = rng.random(12) < 0.5  # each person is either always or never right
    persons = np.repeat(np.arange(12), 50)
    truth, guess = np.ones(600, int), np.repeat(right, 50).astype(int)
    rows = metrics.bootstrap_interval(metrics.accuracy, truth, guess)
    people = metrics.bootstrap_interval(metrics.accuracy, truth, guess, persons=persons)
    spread = right.std() / math.sqrt(12)
    assert (people[1] - people[0]) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.2)
    assert (rows[1] - rows[0]) < (people[1] - people[0]) / 4


def test_an_interval_needs_something_to_draw_from():
    nothing = pytest.approx((math.nan, math.nan), nan_ok=True)
    assert metrics.bootstrap_interval(metrics.mae, [1.0], [2.0]) == nothing
    assert metrics.bootstrap_interval(metrics.mae, [1, 2], [2, 2], persons=["a", "a"]) == nothing
    assert metrics.bootstrap_interval(metrics.pcc, [1, 1, 1], [1, 2, 3]) == nothing
    with pytest.raises(mien.InputError, match="1 of 2 rows"):
        metrics.bootstrap_interval(metrics.mae, [1, 2], [2, 2], persons=["a", None])
    for option in ({"level": 1.0}, {"resamples": 0}):
        with pytest.raises(mien.OptionError, match=next(iter(option))):
            metrics.bootstrap_interval(metrics.mae, [1, 2], [2, 2], **option)


def test_group_table():
    people = pd.DataFrame(
        {
            "age": pd.Categorical(["60-", "0-59", "60-", "0-59", None], ["0-59", "60-", "none"]),
            "gender": list("fmfmm"),
        }
    )
    truth, guess = [1, 1, 0, 0, 0], [1, 1, 0, 1, 0]
    table = metrics.group_table(truth, guess, people, {"accuracy": metrics.accuracy}, resamples=50)
    assert table.columns.tolist() == ["attribute", "group", "n", "metric", "value", "low", "high"]
    assert table["group"].tolist() == ["0-59", "60-", "f", "m"]
    assert table["n"].tolist() == [2, 2, 2, 3]
    assert table["value"].tolist() == pytest.approx([0.5, 1, 1, 2 / 3])
    assert (table["low"] <= table["value"]).all()
    with pytest.raises(mien.InputError, match="attributes"):
        metrics.group_table(truth, guess, people[:2], {"accuracy": metrics.accuracy})


def test_group_table_takes_points():
    faces = np.random.default_rng(12).uniform(0, 100, (6, 68, 2))
    people = pd.DataFrame({"gender": list("ffmmmm")})
    table = metrics.group_table(faces, faces + 1, people, {"nme": metrics.nme}, resamples=0)
    assert table["value"].tolist() == [
        metrics.nme(faces[:2], faces[:2] + 1),
        metrics.nme(faces[2:], faces[2:] + 1),
    ]


@pytest.fixture
def coded() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(13)
    truth = pd.DataFrame(rng.random((80, 3)), columns=["AU01", "AU12", "AU12_L"])
    estimate = truth + rng.normal(0, [0.01, 0.3, 0.1], (80, 3))
    estimate.loc[:4, "AU12"] = math.nan
    return truth.assign(happiness=0.5), estimate.assign(AU25=1.0, happiness=0.5)


def test_agreement_has_a_row_a_unit(coded):
    table = metrics.agreement(*coded, resamples=100)
    assert table["column"].tolist() == ["AU01", "AU12", "AU12_L"]
    assert table["n"].tolist() == [80, 75, 80]
    assert table["dropped"].tolist() == [0, 5, 0]
    for name in ("pcc", "ccc", "icc", "rmse"):
        wanted = [getattr(metrics, name)(*(t[c] for t in coded)) for c in table["column"]]
        assert table[name].tolist() == pytest.approx(wanted)
        assert (table[f"{name}_low"] < table[name]).all()
        assert (table[name] < table[f"{name}_high"]).all()


def test_agreement_by_person_and_by_own_metrics(coded):
    chosen = {"f1": lambda t, e: metrics.f1(t >= 0.5, e >= 0.5, average="binary")}
    persons = np.repeat(np.arange(8), 10)
    table = metrics.agreement(*coded, ["AU01"], metrics=chosen, persons=persons, resamples=50)
    assert table.columns.tolist() == ["column", "n", "dropped", "f1", "f1_low", "f1_high"]
    low, high = metrics.bootstrap_interval(
        chosen["f1"], coded[0]["AU01"], coded[1]["AU01"], persons=persons, resamples=50
    )
    assert (table["f1_low"][0], table["f1_high"][0]) == (low, high)
    bare = metrics.agreement(*coded, ["AU01"], metrics=chosen, resamples=0)
    assert bare.columns.tolist() == ["column", "n", "dropped", "f1"]


def test_agreement_of_a_table_with_itself(table):
    found = metrics.agreement(table, table, resamples=0).set_index("column")
    assert found.index.tolist() == list(table.aus)
    assert found["ccc"].tolist() == pytest.approx([1.0] * len(found))
    assert (found["dropped"] == table["AU01"].isna().sum()).all()


def test_agreement_refuses_rows_that_may_not_correspond(coded):
    truth, estimate = coded
    with pytest.raises(mien.InputError, match="80 and 79"):
        metrics.agreement(truth, estimate[1:])
    with pytest.raises(mien.InputError, match="different indexes"):
        metrics.agreement(truth, estimate[::-1])
    with pytest.raises(mien.InputError, match="truth: no column 'AU25'"):
        metrics.agreement(truth, estimate, ["AU25"])
    with pytest.raises(mien.InputError, match="no action unit in common"):
        metrics.agreement(truth[["happiness"]], estimate)
    with pytest.raises(mien.InputError, match="persons"):
        metrics.agreement(truth, estimate, persons=["a"])
