"""Prediction: against scikit-learn's own cross-validation and permutation test; nothing of a group
leaks.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from stats_tables import UNITS, make_people, relaxed

from mien import FaceTable, InputError, OptionError
from mien.stats import MissingExtraError, predict
from mien.stats._cross_validation import shuffled

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

import joblib
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_val_score,
    permutation_test_score,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

X = ["AU04", "AU06", "AU12"]


def clips(count: int = 12, each: int = 5, seed: int = 0) -> FaceTable:
    """Frames of clips of good and bad news, each clip with a level of its own that says nothing
    about the news.
    """
    rng = np.random.default_rng(seed)
    clip = np.repeat(np.arange(count), each)
    own = rng.normal(size=(count, 3))[clip]
    table = FaceTable(own + rng.normal(0, 0.05, own.shape), columns=X)
    table["clip"] = [f"c{i:02d}" for i in clip]
    table["news"] = np.where(clip % 2 == 0, "good", "bad")
    return table


@pytest.mark.parametrize("cv", [GroupKFold(4), LeaveOneGroupOut()], ids=["k", "one"])
def test_regression_is_sklearns(cv):
    table = make_people(missing=False)
    found = table.predict(X, "AU25", Ridge(0.1), groups="who", cv=cv)
    x, y, who = table[X].to_numpy(), table["AU25"].to_numpy(), table["who"].to_numpy()
    expected = cross_val_predict(Ridge(0.1), x, y, groups=who, cv=cv)
    np.testing.assert_allclose(found.predictions["predicted"], expected, rtol=1e-12)
    assert found.score == pytest.approx(r2_score(y, expected))
    scores = cross_val_score(Ridge(0.1), x, y, groups=who, cv=cv, scoring="r2")
    np.testing.assert_allclose(found.scores["score"], scores, rtol=1e-9)
    np.testing.assert_allclose(found.model.coef_, Ridge(0.1).fit(x, y).coef_, rtol=1e-12)
    np.testing.assert_allclose(found.coefficients["b"], found.model.coef_)
    assert found.coefficients["term"].tolist() == X


def test_classification_is_sklearns():
    table = clips()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    found = table.predict(X, "news", model, groups="clip", cv="leave_one_out")
    x, y, clip = table[X].to_numpy(), table["news"].to_numpy(str), table["clip"].to_numpy(str)
    options = {"groups": clip, "cv": LeaveOneGroupOut()}
    assert (found.predictions["predicted"] == cross_val_predict(model, x, y, **options)).all()
    chances = cross_val_predict(model, x, y, method="predict_proba", **options)
    np.testing.assert_allclose(found.predictions[["p[bad]", "p[good]"]], chances, rtol=1e-12)
    assert found.score == pytest.approx(accuracy_score(y, found.predictions["predicted"]))
    assert found.scores["n_test"].tolist() == [5] * 12
    assert found.scores["n_train"].tolist() == [55] * 12
    by_area = table.predict(X, "news", model, groups="clip", cv="leave_one_out", metric="roc_auc")
    assert by_area.score == pytest.approx(roc_auc_score(y, chances[:, 1]))
    by_margin = table.predict(X, "news", LinearSVC(), groups="clip", metric="roc_auc")
    assert 0 <= by_margin.score <= 1


def test_frames_of_a_clip_do_not_leak():
    """Each clip has a level of its own: a neighbour in the same clip gives its news away, one of
    another clip does not.
    """
    table = clips(count=30)
    model = KNeighborsClassifier(1)
    assert predict(table, X, "news", model, groups=False).score > 0.95
    apart = predict(table, X, "news", model, groups="clip")
    assert apart.score < 0.8
    fold_of_clip = apart.predictions.groupby(table["clip"])["fold"].nunique()
    assert (fold_of_clip == 1).all()
    # A table with sessions needs no telling.
    by_session = predict(table.set_sessions("clip"), X, "news", model)
    pd.testing.assert_frame_equal(by_session.predictions, apart.predictions)


def test_permutation_test_is_sklearns():
    """Where rows stand alone the null distribution is that of `permutation_test_score`; a strong
    effect has the least p.
    """
    table = make_people(missing=False)
    table["AU25"] = table["AU06"] + 0.01 * table["AU04"]
    cv = KFold(4, shuffle=True, random_state=0)
    found = table.predict(X, "AU25", permutations=80, groups=False, cv=cv, metric="neg_mae")
    x, y = table[X].to_numpy(), table["AU25"].to_numpy()
    options = {"cv": cv, "n_permutations": 80, "scoring": "neg_mean_absolute_error"}
    score, null, p = permutation_test_score(LinearRegression(), x, y, random_state=0, **options)
    assert found.score == pytest.approx(score)
    assert found.p == p == 1 / 81
    assert scipy_stats.ks_2samp(found.null, null).pvalue > 0.01


def test_permutation_test_of_nothing():
    table = clips(seed=1)
    options = {"groups": "clip", "permutations": 40, "cv": 4}
    found = table.predict(X, "news", LogisticRegression(), **options)
    assert found.p > 0.05
    with joblib.parallel_config(backend="threading"):  # processes would import everything again
        again = table.predict(X, "news", LogisticRegression(), n_jobs=2, **options)
    np.testing.assert_array_equal(again.null, found.null)
    # A model that ignores the terms is as good as any shuffle: ties count against it.
    dummy = table.predict(X, "news", DummyClassifier(), **options)
    assert dummy.p > 0.2


@relaxed
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1), st.integers(0, 9))
def test_shuffling_keeps_groups_together(rows, seed):
    groups, y = np.array(rows).T
    rng = np.random.default_rng(seed)
    of_group = np.arange(5) * 10
    swapped = shuffled(of_group[groups], groups, rng)
    assert all(len(set(swapped[groups == g])) == 1 for g in set(groups))
    within = shuffled(y, groups, rng)
    uniform = all(len(set(y[groups == g])) == 1 for g in set(groups))
    for g in set(groups):
        if not uniform:
            assert sorted(within[groups == g]) == sorted(y[groups == g])
    assert sorted(shuffled(y, None, rng)) == sorted(y)


def test_incomplete_rows_are_left_out():
    table = make_people()
    found = table.predict(X, "AU25", groups="who")
    complete = np.isfinite(table[[*X, "AU25"]]).all(axis=1)
    assert (found.predictions["predicted"].notna() == complete).all()
    assert (found.predictions.loc[~complete, "fold"] == -1).all()
    assert found.scores["n_test"].sum() == complete.sum()
    assert found.predictions.index.equals(table.index)


def test_unpacks_as_pyfeats():
    table = make_people(missing=False)
    model, scores = table.predict("AU12", "AU25", LinearRegression, cv=3)
    assert isinstance(model, LinearRegression)
    assert len(scores) == 3
    by_frame, _ = table.predict(table[["AU12"]], table["AU25"], cv=3)
    assert by_frame.coef_[0] == model.coef_[0] < 0
    assert table.predict("aus", "AU25").terms == UNITS


def test_callers_metric_and_model_are_left_alone():
    table = make_people(missing=False)
    model = Ridge()
    found = table.predict(
        X, "AU25", model, metric=lambda truth, guess: -np.abs(truth - guess).max()
    )
    assert found.score == pytest.approx(
        -np.abs(found.predictions["truth"] - found.predictions["predicted"]).max()
    )
    assert not hasattr(model, "coef_")


def test_one_row_a_fold_has_no_r2():
    found = make_people(missing=False).predict(X, "AU25", cv="leave_one_out")
    assert found.scores["score"].isna().all()
    assert np.isfinite(found.score)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"y": "news"}, InputError, "a classifier"),
        ({"y": "AU99"}, InputError, "no column 'AU99'"),
        ({"X": "AU99"}, InputError, "AU99"),
        ({"y": ["news", "clip"]}, InputError, "wanted 60 rows"),
        ({"groups": "person"}, InputError, "no column 'person'"),
        ({"cv": 1}, OptionError, "cv"),
        ({"cv": 40, "groups": "clip"}, OptionError, "12 groups of rows can't be split"),
        ({"metric": "mse"}, OptionError, "metric"),
        ({"metric": "roc_auc"}, OptionError, "probabilities"),
        ({"permutations": -1}, OptionError, "permutations"),
        ({"model": "ridge"}, OptionError, "estimator"),
    ],
)
def test_bad_input_says_what_to_do(options, error, message):
    options = {"X": "AU04", "y": "AU12", **options}
    with pytest.raises(error, match=message):
        clips().predict(options.pop("X"), options.pop("y"), **options)


def test_one_class_is_refused():
    with pytest.raises(InputError, match="two classes"):
        clips().predict(X, ["good"] * 60, LogisticRegression())


def test_model_without_coefficients():
    with pytest.raises(InputError, match="no coefficient"):
        _ = clips().predict(X, "news", KNeighborsClassifier(3)).coefficients


def test_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(MissingExtraError, match=r"mien\[stats\]"):
        clips().predict("AU04", "AU12")
