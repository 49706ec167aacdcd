"""Decomposition against scikit-learn, distances against SciPy."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from preprocess_tables import VALUES
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import NMF, PCA, FactorAnalysis, FastICA

from mien import FaceTable, InputError, OptionError
from mien.preprocess import MissingExtraError

PARTS = ["c1", "c2", "c3"]
ESTIMATORS = {"pca": PCA, "ica": FastICA, "nnmf": NMF, "fa": FactorAnalysis}
POSITIVE = ["x_0", "AU01", "AU12", "happiness"]


@pytest.mark.parametrize("algorithm", list(ESTIMATORS))
@pytest.mark.parametrize("axis", [0, 1])
def test_equals_scikit_learn(clips, algorithm, axis):
    clips = clips.iloc[:40]
    options = {"random_state": 0, "max_iter": 5000}
    if algorithm == "pca":
        options.pop("max_iter")
    out = clips.decompose(
        algorithm, axis, n_components=3, columns=POSITIVE, estimator_options=options
    )
    known = clips[POSITIVE].notna().all(axis=1).to_numpy()
    data = clips[POSITIVE].to_numpy(float)[known]
    estimator = ESTIMATORS[algorithm](n_components=3, **options)
    scores = estimator.fit_transform(data if axis == 1 else data.T)
    per_row, per_column = (
        (out["components"], out["weights"]) if axis == 1 else (out["weights"], out["components"])
    )
    by_row, by_column = (
        (scores, estimator.components_.T) if axis == 1 else (estimator.components_.T, scores)
    )
    np.testing.assert_allclose(per_row.loc[known, PARTS], by_row, rtol=1e-6, atol=1e-9)
    assert per_row.loc[~known, PARTS].isna().all(axis=None)
    assert (~known).any()
    np.testing.assert_allclose(per_column[PARTS], by_column, rtol=1e-6, atol=1e-9)
    assert list(per_column.index) == POSITIVE
    assert type(out["decomposition_object"]) is ESTIMATORS[algorithm]
    assert type(per_row) is type(per_column) is FaceTable
    assert per_row["input"].equals(clips["input"])


def test_as_many_components_as_there_can_be(clips):
    out = clips.decompose()
    assert out["weights"].shape == (len(VALUES), len(VALUES))
    again = out["components"][[f"c{i + 1}" for i in range(6)]] @ out["weights"].to_numpy().T
    mean = clips[VALUES].dropna().mean().to_numpy()
    np.testing.assert_allclose(again + mean, clips[VALUES], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"algorithm": "svd"}, OptionError, "'svd'"),
        ({"axis": 2}, OptionError, "0 or 1"),
        ({"n_components": 9}, OptionError, "wanted 1 to 6"),
        ({"algorithm": "nnmf"}, InputError, "column 'Pitch' has; choose columns='aus'"),
    ],
)
def test_errors(clips, options, error, message):
    with pytest.raises(error, match=message):
        clips.decompose(**options)


def test_no_complete_row(clips):
    clips["AU12"] = np.nan
    with pytest.raises(InputError, match="no row has all values"):
        clips.decompose()


def test_missing_library_names_the_extra(clips, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "sklearn":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    from mien.preprocess import extras

    monkeypatch.setattr(extras, "import_module", lambda name: without(name))
    with pytest.raises(MissingExtraError, match=r"scikit-learn.*pip install 'mien\[stats\]'"):
        clips.decompose()


def test_distance(clips):
    clips = clips.iloc[:50]
    done = clips.distance("cosine")
    assert done.shape == (50, 50)
    known = clips[VALUES].notna().all(axis=1)
    expected = squareform(pdist(clips.loc[known, VALUES].to_numpy(float), "cosine"))
    np.testing.assert_allclose(done.loc[known, known], expected, atol=1e-12)
    assert done.loc[~known].isna().all(axis=None)
    with pytest.raises(OptionError, match="'taste'"):
        clips.distance("taste")


def test_a_column_that_was_decomposed_is_not_kept(clips):
    rating = np.random.default_rng(0).uniform(size=len(clips))
    clips = clips.assign(rating=rating, block=1)
    out = clips.decompose("pca", n_components=2, columns=["AU12", "rating"])
    assert "rating" not in out["components"]
    assert "AU12" not in out["components"]
    assert "block" in out["components"]


def test_components_are_counted_once(clips):
    with pytest.raises(OptionError, match="n_components"):
        clips.decompose("pca", n_components=2, estimator_options={"n_components": 3})
