"""The replication of the paper: the example's numbers against SciPy, scikit-learn and pandas on the
same files.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

sklearn = pytest.importorskip("sklearn", reason="scikit-learn is not installed")

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def example():
    path = ROOT / "examples/news_sample.py"
    spec = importlib.util.spec_from_file_location("news_sample", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["news_sample"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(media):
    return media("../news_sample/clip_attrs.csv").parent


@pytest.fixture(scope="module")
def table(example, folder):
    return example.load(folder)


@pytest.fixture(scope="module")
def found(example, table):
    return example.analyse(table, permutations=50, shifts=200)


@pytest.fixture(scope="module")
def by_pandas(folder) -> pd.DataFrame:
    """Mean of each unit in each clip, straight from the files."""
    rows = {}
    for path in sorted(folder.glob("[0-9]*.csv")):
        units = pd.read_csv(path, usecols=lambda name: re.fullmatch(r"AU\d\d", name))
        rows[path.stem] = units.mean()
    return pd.DataFrame(rows).T


def test_twenty_clips_of_two_kinds(table):
    assert table["input"].nunique() == 20
    assert table.groupby("news")["input"].nunique().to_dict() == {"good": 10, "bad": 10}
    assert len(table.aus.columns) == 20


def test_t_tests_are_scipys(found, by_pandas):
    expected = scipy_stats.ttest_ind(by_pandas[:10], by_pandas[10:])
    rows = found.t_tests.set_index("column").loc["mean_" + by_pandas.columns]
    np.testing.assert_allclose(rows["statistic"], expected.statistic, rtol=1e-6)
    np.testing.assert_allclose(rows["p"], expected.pvalue, rtol=1e-5)
    corrected = scipy_stats.false_discovery_control(expected.pvalue)
    np.testing.assert_allclose(rows["p_corrected"], corrected, rtol=1e-5)
    assert (rows["df"] == 18).all()


def test_smiles_tell_good_news(found):
    smile = found.t_tests.set_index("column").loc["mean_AU12"]
    assert smile["statistic"] > 0
    assert smile["p_corrected"] < 0.05


def test_regression_agrees_with_the_t_tests(found):
    np.testing.assert_allclose(found.regression["t"], found.t_tests["statistic"], rtol=1e-9)
    np.testing.assert_allclose(
        found.regression["p_corrected"], found.t_tests["p_corrected"], rtol=1e-9
    )


def test_decoding_is_sklearns(found, by_pandas):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import LeaveOneOut, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression())
    good = np.arange(20) < 10
    scores = cross_val_score(model, by_pandas.to_numpy(), good, cv=LeaveOneOut())
    assert found.decoding.score == pytest.approx(scores.mean())
    assert found.decoding.score > 0.75
    assert found.decoding.p < 0.05
    weights = model.fit(by_pandas.to_numpy(), good)[-1].coef_[0]
    np.testing.assert_allclose(found.decoding.coefficients["b"], weights, rtol=1e-3, atol=1e-4)
    assert found.decoding.coefficients["term"].tolist() == list("mean_" + by_pandas.columns)


def test_likeness_is_pandas(found, table):
    wide = pd.DataFrame(table).pivot(index="frame", columns="input", values="AU12")
    np.testing.assert_allclose(found.alike.matrix("AU12"), wide.corr(min_periods=3), atol=1e-7)
    assert found.groups["count"].tolist() == [45, 100, 45]


def test_document_has_the_numbers(example, found):
    text = (ROOT / "docs/replication.md").read_text()
    smile = found.t_tests.set_index("column").loc["mean_AU12"]
    assert f"t(18) = {smile['statistic']:.2f}" in text
    assert f"accuracy {found.decoding.score:.2f}" in text
    shown = re.findall(r"^\| (AU\d\d) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$", text, re.MULTILINE)
    rows = found.t_tests.assign(unit=found.t_tests["column"].str.removeprefix("mean_"))
    weights = dict(found.decoding.coefficients.itertuples(index=False))
    expected = [
        (
            r.unit,
            f"{r.statistic:.2f}",
            f"{r.p_corrected:.2g}",
            f"{r.cohen_d:.2f}",
            f"{weights[r.column]:.2f}",
        )
        for r in rows.itertuples()
    ]
    assert shown == expected
    assert "t(18)" in example.report(found)


def test_figure_is_drawn(example, found, tmp_path):
    mpl.use("Agg")
    drawn = example.figure(found)
    assert [len(ax.get_title(loc="left")) > 0 for ax in drawn.axes[:3]] == [True] * 3
    assert len(drawn.axes[0].get_yticks()) == 20
    drawn.savefig(tmp_path / "news.png")
    assert (tmp_path / "news.png").stat().st_size > 20_000
    mpl.pyplot.close(drawn)
