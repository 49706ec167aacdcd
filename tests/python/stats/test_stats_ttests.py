"""t-tests and corrections: against SciPy and statsmodels, column by column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats as scipy_stats
from stats_tables import UNITS, make_people, relaxed

from mien import FaceTable, InputError, OptionError
from mien.stats import correct, ttest_1samp, ttest_ind, ttest_rel


def known(table: pd.DataFrame, column: str) -> np.ndarray:
    values = table[column].to_numpy()
    return values[np.isfinite(values)]


def assert_is_scipys(row: pd.Series, expected, confidence: float = 0.95) -> None:
    assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-11)
    assert row["p"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert row["df"] == pytest.approx(expected.df, rel=1e-11)
    interval = expected.confidence_interval(confidence)
    assert row["ci_low"] == pytest.approx(interval.low, rel=1e-9)
    assert row["ci_high"] == pytest.approx(interval.high, rel=1e-9)


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_one_sample_is_scipys(alternative):
    table = make_people()
    found = table.ttest_1samp(0.5, alternative=alternative, confidence=0.9)
    assert found["column"].tolist() == UNITS
    for row in found.to_dict("records"):
        values = known(table, row["column"])
        expected = scipy_stats.ttest_1samp(values, 0.5, alternative=alternative)
        interval = expected.confidence_interval(0.9)
        assert (row["statistic"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))
        # SciPy's interval is of the mean, ours of the difference.
        assert row["ci_low"] + 0.5 == pytest.approx(interval.low)
        assert row["ci_high"] + 0.5 == pytest.approx(interval.high)
        assert row["mean"] == pytest.approx(values.mean())
        assert row["cohen_d"] == pytest.approx(expected.statistic / np.sqrt(len(values)))
        assert row["n"] == len(values)
    assert found.set_index("column").loc["AU12", "n"] == len(table) - 3


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
@pytest.mark.parametrize("equal_var", [True, False], ids=["student", "welch"])
def test_two_samples_are_scipys(equal_var, alternative):
    table = make_people()
    found = table.ttest_ind(by="when", equal_var=equal_var, alternative=alternative)
    groups = [table[table["when"] == label] for label in ("before", "after")]
    for row in found.to_dict("records"):
        a, b = (known(group, row["column"]) for group in groups)
        expected = scipy_stats.ttest_ind(a, b, equal_var=equal_var, alternative=alternative)
        assert_is_scipys(row, expected)
        assert (row["first"], row["second"]) == ("before", "after")
        assert (row["n_first"], row["n_second"]) == (len(a), len(b))
        assert row["difference"] == pytest.approx(a.mean() - b.mean())
        student = scipy_stats.ttest_ind(a, b).statistic
        assert row["cohen_d"] == pytest.approx(student * np.sqrt(1 / len(a) + 1 / len(b)))


def test_cohen_d_is_the_textbooks():
    # Cohen 1988: means 3 and 1, both of standard deviation 1
    table = FaceTable({"AU12": [2.0, 3, 4, 0, 1, 2], "g": list("aaabbb")})
    assert table.ttest_ind(by="g")["cohen_d"].item() == pytest.approx(2.0)


def test_paired_is_scipys():
    table = make_people()
    shuffled = FaceTable(table.sample(frac=1, random_state=1))
    found = shuffled.ttest_rel(sessions=("after", "before"), by="when", pair="who")
    wide = table.pivot(index="who", columns="when", values=UNITS)
    for row in found.to_dict("records"):
        pairs = wide[row["column"]].replace(np.inf, np.nan).dropna()
        expected = scipy_stats.ttest_rel(pairs["after"], pairs["before"])
        assert_is_scipys(row, expected)
        assert row["n"] == len(pairs)
        assert row["mean_first"] == pytest.approx(pairs["after"].mean())
        assert row["cohen_d"] == pytest.approx(expected.statistic / np.sqrt(len(pairs)))
    assert found.set_index("column").loc["AU12", "n"] == 12 - 3


def test_pair_of_one_row_is_left_out():
    table = make_people(missing=False)
    found = ttest_rel(table.iloc[1:], by="when", pair="who", sessions=("after", "before"))
    assert (found["n"] == 11).all()


def test_groups_are_the_sessions_in_their_order():
    table = make_people().set_sessions("when")
    by_session = table.ttest_ind("AU12")
    assert by_session.loc[0, ["first", "second"]].tolist() == ["before", "after"]
    turned = table.ttest_ind("AU12", ("after", "before"))
    assert turned["statistic"].item() == -by_session["statistic"].item()
    labels = table["when"].to_numpy()
    pd.testing.assert_frame_equal(ttest_ind(make_people(), "AU12", by=labels), by_session)


@pytest.mark.parametrize("method", ["fdr_bh", "fdr_by", "holm", "bonferroni"])
def test_corrections_are_statsmodels(method):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(0).beta(0.3, 1, 40)
    expected = multitest.multipletests(p, method=method)[1]
    np.testing.assert_allclose(correct(p, method), expected, rtol=1e-12)
    found = make_people().ttest_1samp(0.5, correction=method)
    expected = multitest.multipletests(found["p"], method=method)[1]
    np.testing.assert_allclose(found["p_corrected"], expected, rtol=1e-12)


p_values = hnp.arrays(float, st.integers(0, 30), elements=st.floats(0, 1))


@relaxed
@given(p_values)
def test_correction_only_raises_and_keeps_the_order(p):
    by_method = {m: correct(p, m) for m in ("fdr_bh", "fdr_by", "holm", "bonferroni")}
    for corrected in by_method.values():
        assert ((corrected >= p - 1e-15) & (corrected <= 1)).all()
        order = np.argsort(p, kind="stable")
        assert (np.diff(corrected[order]) >= -1e-15).all()
    assert (by_method["fdr_bh"] <= by_method["holm"] + 1e-12).all()
    assert (by_method["holm"] <= by_method["bonferroni"] + 1e-12).all()


def test_missing_p_are_no_tests():
    corrected = correct([0.01, np.nan, 0.02], "bonferroni")
    np.testing.assert_allclose(corrected, [0.02, np.nan, 0.04])
    np.testing.assert_array_equal(correct([0.01, np.nan], None), [0.01, np.nan])


def test_without_spread_there_is_no_test():
    """0.1 has no exact mean in floating point: its spread must be 0 all the same."""
    table = FaceTable(
        {
            "AU01": [0.1] * 7,
            "AU04": [np.nan] * 7,
            "AU06": [0.3, *[np.nan] * 6],
            "AU12": np.arange(7) / 7,
            "g": list("aaaabbb"),
        }
    )
    for found in (table.ttest_1samp(), table.ttest_ind(by="g")):
        found = found.set_index("column")
        assert (
            found.loc[["AU01", "AU04", "AU06"], ["statistic", "p", "cohen_d"]].isna().all(axis=None)
        )
        assert found.loc["AU12", "p_corrected"] == found.loc["AU12", "p"]
    assert table.ttest_1samp()["n"].tolist() == [7, 0, 1, 7]


def test_large_offsets_lose_no_digits():
    values = np.random.default_rng(0).normal(0, 1e-3, 50)
    near, far = (FaceTable({"AU12": values + offset}).ttest_1samp(offset) for offset in (0, 1e6))
    assert far["statistic"].item() == pytest.approx(near["statistic"].item(), rel=1e-5)


def test_float32_is_computed_in_double():
    values = np.random.default_rng(0).random((5000, 2)).astype(np.float32) + np.float32(100)
    found = FaceTable(values, columns=["AU01", "AU12"]).ttest_1samp(100.5)
    expected = scipy_stats.ttest_1samp(values.astype(np.float64), 100.5)
    np.testing.assert_allclose(found["statistic"], expected.statistic, rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.ttest_ind("AU12"), "no sessions"),
        (lambda t: t.ttest_ind("AU12", by="who"), "wanted two groups, got 12"),
        (lambda t: t.ttest_ind("AU12", ("p00", "nobody"), by="who"), "no group 'nobody'"),
        (lambda t: t.ttest_ind("AU99", by="when"), "AU99"),
        (lambda t: t.ttest_ind("AU12", by="group"), "no column 'group'"),
        (lambda t: t.ttest_ind("AU12", by=[1, 2]), "wanted 24 labels"),
        (lambda t: t.ttest_ind("status", by="when"), "real numbers"),
        (lambda t: t.ttest_rel("AU12", by="when", pair="name"), "no column 'name'"),
        (lambda t: t.ttest_rel("AU12", by="when", pair="status"), "wanted one row"),
        (lambda t: t.ttest_1samp(columns="blendshapes"), "blendshapes"),
    ],
)
def test_bad_input_says_what_to_do(call, message):
    with pytest.raises(InputError, match=message):
        call(make_people())


def test_bad_options():
    table = make_people()
    with pytest.raises(OptionError, match="alternative"):
        ttest_1samp(table, alternative="more")
    with pytest.raises(OptionError, match="confidence"):
        ttest_1samp(table, confidence=95)
    with pytest.raises(OptionError, match="correction"):
        ttest_1samp(table, correction="fdr")
    with pytest.raises(InputError, match="0 to 1"):
        correct([1.5])


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_one_against_many_is_crawford_and_howells(alternative):
    """SciPy gives the same: a group of one adds nothing to the pooled variance."""
    rng = np.random.default_rng(3)
    others, case = rng.normal(size=17), 0.4
    table = FaceTable({"AU12": [case, *others], "who": ["case"] + ["control"] * 17})
    found = ttest_ind(table, "AU12", by="who", alternative=alternative)
    assert_is_scipys(found.iloc[0], scipy_stats.ttest_ind([case], others, alternative=alternative))
    spread = others.std(ddof=1) * np.sqrt(18 / 17)
    assert found.loc[0, "statistic"] == pytest.approx((case - others.mean()) / spread)
    assert found.loc[0, "df"] == 16
    flipped = ttest_ind(table, "AU12", ["control", "case"], by="who")
    assert flipped.loc[0, "df"] == 16
    welch = ttest_ind(table, "AU12", by="who", equal_var=False)
    assert np.isnan(welch.loc[0, "p"])


def test_one_against_one_has_no_test():
    table = FaceTable({"AU12": [0.1, 0.5], "who": ["a", "b"]})
    assert ttest_ind(table, "AU12", by="who")[["statistic", "df", "p"]].isna().all(axis=None)
