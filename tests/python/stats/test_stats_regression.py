"""Regression and mixed models: against statsmodels and the closed form of balanced groups."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from stats_tables import UNITS, make_people

from mien import FaceTable, InputError, OptionError
from mien.stats import MissingExtraError, regress

sm = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")

RULES = {
    "ols": {"cov_type": "nonrobust"},
    "HC0": {"cov_type": "HC0"},
    "HC1": {"cov_type": "HC1"},
    "HC2": {"cov_type": "HC2"},
    "HC3": {"cov_type": "HC3"},
    "cluster": {"cov_type": "cluster"},
}


def fitted(table: pd.DataFrame, x: list[str], y: str, errors: str, intercept: bool = True):
    part = table[[*x, y]].replace([np.inf, -np.inf], np.nan).dropna()
    options = dict(RULES[errors])
    if errors == "cluster":
        options["cov_kwds"] = {"groups": pd.factorize(table.loc[part.index, "who"])[0]}
    design = sm.add_constant(part[x]) if intercept else part[x]
    return sm.OLS(part[y], design).fit(use_t=True, **options), part


@pytest.mark.parametrize("errors", RULES)
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
def test_is_statsmodels(errors, intercept):
    table = make_people()
    x, targets = ["AU04", "AU06"], ["AU12", "AU25"]
    clusters = {"clusters": "who"} if errors == "cluster" else {}
    found = table.regress(x, targets, intercept, errors=errors, confidence=0.9, **clusters)
    for target in targets:
        expected, part = fitted(table, x, target, errors, intercept)
        rows = found.coefficients[found.coefficients["target"] == target]
        interval = np.asarray(expected.conf_int(0.1))
        for name, values in {
            "b": expected.params,
            "se": expected.bse,
            "t": expected.tvalues,
            "p": expected.pvalues,
            "ci_low": interval[:, 0],
            "ci_high": interval[:, 1],
        }.items():
            np.testing.assert_allclose(rows[name], values, rtol=1e-9, atol=1e-13, err_msg=name)
        assert rows["df"].iloc[0] == (11 if errors == "cluster" else expected.df_resid)
        fit = found.fit.set_index("target").loc[target]
        assert fit["n"] == expected.nobs == len(part)
        for name, value in {
            "r2": expected.rsquared,
            "r2_adjusted": expected.rsquared_adj,
            "f": expected.fvalue,
            "f_p": expected.f_pvalue,
            "df_residual": expected.df_resid,
            "sigma": np.sqrt(expected.mse_resid),
        }.items():
            assert fit[name] == pytest.approx(value, rel=1e-9), name
        kept = found.residuals[target].notna()
        assert found.residuals.index[kept].tolist() == part.index.tolist()
        np.testing.assert_allclose(found.residuals.loc[kept, target], expected.resid, atol=1e-12)


def test_unpacks_as_pyfeats():
    table = make_people()
    b, se, t, p, df, residuals = table.regress("AU04, AU06", "aus".replace("aus", "AU12"))
    expected, _ = fitted(table, ["AU04", "AU06"], "AU12", "ols")
    assert list(b.index) == ["intercept", "AU04", "AU06"]
    for found, wanted in ((b, expected.params), (se, expected.bse), (t, expected.tvalues)):
        np.testing.assert_allclose(found["AU12"], wanted, rtol=1e-9)
    assert (p.shape, df.shape, residuals.shape) == ((3, 1), (3, 1), (24, 1))


def test_group_names_and_frames_mean_the_same():
    table = make_people()
    table["Pitch"] = np.linspace(-1, 1, len(table)) ** 2
    named = regress(table, "aus,poses", "when_code" if "when_code" in table else "Pitch", False)
    frame = regress(table, pd.DataFrame(table)[[*UNITS, "Pitch"]], "Pitch", False)
    pd.testing.assert_frame_equal(named.coefficients, frame.coefficients)
    design = table[["when"]] == "after"
    assert regress(table, design.astype(float), "aus").wide("b").shape == (2, 5)


def test_the_callers_design_is_left_alone():
    table = make_people()
    design = pd.DataFrame({"x": np.arange(24.0)})
    before = design.copy()
    regress(table, design, "AU12")
    pd.testing.assert_frame_equal(design, before)


def test_each_target_uses_its_own_rows():
    table = make_people(missing=False)
    table.loc[:5, "AU12"] = np.nan
    found = regress(table, "AU04", ["AU12", "AU25"])
    assert found.fit["n"].tolist() == [18, 24]
    alone = regress(table, "AU04", "AU25").coefficients
    both = found.coefficients[found.coefficients["target"] == "AU25"].reset_index(drop=True)
    np.testing.assert_allclose(both["b"], alone["b"], rtol=1e-12)


def test_text_becomes_indicators_as_in_a_formula():
    import statsmodels.formula.api as smf

    table = make_people(missing=False)
    table["mood"] = list("xyz") * 8
    found = regress(table, ["when", "mood"], "AU12").wide("b")["AU12"]
    expected = smf.ols("AU12 ~ when + mood", pd.DataFrame(table)).fit().params
    assert list(found.index) == ["intercept", "when[before]", "mood[y]", "mood[z]"]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    order = pd.CategoricalDtype(["unused", "before", "after"])
    table["when"] = table["when"].astype(order)
    assert "when[after]" in regress(table, "when", "AU12").wide("b").index


def test_two_groups_are_the_t_test():
    table = make_people(missing=False)
    t_test = table.ttest_ind("AU12", ("after", "before"), by="when")
    by_regression = regress(table, (table["when"] == "after").astype(float), "AU12")
    term = by_regression.coefficients.iloc[1]
    assert term["t"] == pytest.approx(t_test["statistic"].item())
    assert term["p"] == pytest.approx(t_test["p"].item())
    assert term["ci_low"] == pytest.approx(t_test["ci_low"].item())


def test_tiny_p_values_are_not_zero():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    found = regress(FaceTable({"AU01": x, "AU12": x + rng.normal(0, 0.3, 200)}), "AU01", "AU12")
    assert 0 < found.wide("p").loc["AU01", "AU12"] < 1e-20


def test_family_is_all_terms_but_intercepts():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    found = make_people().regress(["AU01", "AU04"], ["AU06", "AU12"]).coefficients
    tested = found["term"] != "intercept"
    expected = multitest.multipletests(found.loc[tested, "p"], method="fdr_bh")[1]
    np.testing.assert_allclose(found.loc[tested, "p_corrected"], expected)
    assert found.loc[~tested, "p_corrected"].isna().all()


def test_badly_scaled_terms_keep_their_digits():
    """Longley 1967, the standard trial of accuracy: statsmodels holds NIST's certified values."""
    data = sm.datasets.longley.load_pandas()
    found = regress(FaceTable(data.exog), data.exog, data.endog)
    certified = [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683,
                 -1.03322686717359, -0.0511041056535807, 1829.15146461355]  # fmt: skip
    np.testing.assert_allclose(found.wide("b").iloc[:, 0], certified, rtol=1e-9)
    errors = [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699,
              0.214274163161675, 0.226073200069370, 455.478499142212]  # fmt: skip
    np.testing.assert_allclose(found.wide("se").iloc[:, 0], errors, rtol=1e-8)


def test_expressions_that_sum_to_one_are_refused():
    rng = np.random.default_rng(0)
    values = rng.dirichlet(np.ones(7), 50).astype(np.float32)
    names = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
    table = FaceTable(values, columns=names)
    table["AU12"] = rng.random(50)
    with pytest.raises(InputError, match="'neutral' follows from the terms before it"):
        table.regress("emotions", "AU12")
    assert table.regress(names[:6], "AU12").wide("b").shape == (7, 1)
    assert table.regress("emotions", "AU12", fit_intercept=False).wide("b").shape == (7, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.regress("AU99", "AU12"), "X: table: no column or group 'AU99'"),
        (lambda t: t.regress(np.ones((3, 2)), "AU12"), "wanted 24 rows .* got 3"),
        (lambda t: t.regress(np.ones((24, 2, 2)), "AU12"), "shape"),
        (lambda t: t.regress(np.ones(24), "AU12"), "same in every"),
        (lambda t: t.regress(np.zeros(24), "AU12", False), "is 0 in every"),
        (lambda t: t.regress(["AU04", "AU04"], "AU12"), "named twice"),
        (lambda t: t.regress("status", "AU12"), "no column that varies"),
        (lambda t: t.head(3).regress("aus", "AU12"), "wanted more than"),
        (lambda t: t.regress(np.full(24, np.nan), "AU12"), "no row"),
        (lambda t: t.regress("AU04", "AU12", errors="cluster", clusters="name"), "'name'"),
        (lambda t: t.regress("AU04", "AU12", errors="cluster", clusters="status"), "two or more"),
    ],
)
def test_bad_input_says_what_to_do(call, message):
    with pytest.raises(InputError, match=message):
        call(make_people())


def test_bad_options():
    table = make_people()
    with pytest.raises(OptionError, match="errors"):
        table.regress("AU04", "AU12", errors="robust")
    with pytest.raises(OptionError, match="clusters"):
        table.regress("AU04", "AU12", clusters="who")
    with pytest.raises(OptionError, match="no sessions"):
        table.regress("AU04", "AU12", errors="cluster")
    with pytest.raises(TypeError):
        table.regress("AU04", "AU12", mode="robust")


def balanced(groups: int = 30, each: int = 6, seed: int = 0) -> FaceTable:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(groups), each)
    table = FaceTable({"who": who, "AU06": np.tile(np.linspace(0, 1, each), groups)})
    table["AU12"] = rng.normal(0, 1, groups)[who] + rng.normal(0, 0.7, len(who))
    table["AU25"] = table["AU12"] + 2 * table["AU06"]
    return table


def test_mixed_is_the_analysis_of_variance():
    """Balanced groups: REML is in closed form (Searle et al. 1992, ch. 4), the fixed slope that of
    ordinary least squares.
    """
    table = balanced()
    values = table["AU12"].to_numpy().reshape(30, 6)
    between = 6 * values.mean(axis=1).var(ddof=1)
    centred = values - values.mean(axis=1, keepdims=True)
    x = np.linspace(0, 1, 6) - 0.5
    slope = (centred * x).sum() / (30 * x @ x)
    within = ((centred - slope * x) ** 2).sum() / (30 * 5 - 1)
    found = table.mixed("AU06", ["AU12", "AU25"], "who")
    fit = found.fit.iloc[0]
    assert fit["variance_residual"] == pytest.approx(within, rel=1e-4)
    assert fit["variance_groups"] == pytest.approx((between - within) / 6, rel=1e-4)
    assert (fit["n"], fit["groups"], fit["converged"]) == (180, 30, True)
    slopes = found.coefficients[found.coefficients["term"] == "AU06"].reset_index(drop=True)
    assert slopes["b"].tolist() == pytest.approx([slope, slope + 2], rel=1e-6)
    assert slopes.loc[0, "se"] == pytest.approx(np.sqrt(within / (30 * x @ x)), rel=1e-4)
    assert fit["icc"] == pytest.approx(
        fit["variance_groups"] / (fit["variance_groups"] + within), rel=1e-4
    )


def test_mixed_is_statsmodels_formula():
    import statsmodels.formula.api as smf

    table = balanced()
    table["AU12"] += np.random.default_rng(1).normal(0, 1.5, 30)[table["who"]] * table["AU06"]
    table.loc[[3, 7], "AU12"] = np.nan
    frame = pd.DataFrame(table).dropna()
    expected = smf.mixedlm("AU12 ~ AU06", frame, groups="who", re_formula="~AU06").fit(reml=False)
    found = table.mixed("AU06", "AU12", "who", slopes="AU06", reml=False)
    rows = found.coefficients
    np.testing.assert_allclose(rows["b"], expected.fe_params, rtol=1e-6)
    np.testing.assert_allclose(rows["se"], expected.bse_fe, rtol=1e-5)
    np.testing.assert_allclose(rows["p"], expected.pvalues[:2], rtol=1e-4)
    np.testing.assert_allclose(rows["ci_low"], expected.conf_int()[0][:2], rtol=1e-4)
    assert found.fit["log_likelihood"].item() == pytest.approx(expected.llf, rel=1e-9)
    assert found.fit["n"].item() == 178


def test_mixed_says_what_statsmodels_warned_of():
    """No variance between groups: the estimate lies on the boundary, which must be reported."""
    rng = np.random.default_rng(3)
    table = FaceTable({"who": np.repeat(np.arange(10), 8), "AU06": rng.random(80)})
    noise = rng.normal(size=(10, 8))
    table["AU12"] = (noise - noise.mean(axis=1, keepdims=True)).ravel()
    fit = table.mixed("AU06", "AU12", "who").fit.iloc[0]
    assert fit["variance_groups"] < 0.01 * fit["variance_residual"]
    assert "hardly any variance" in fit["note"]


def test_mixed_notes_do_not_depend_on_the_unit():
    """statsmodels warns of any variance below 0.01, as all are of intensities from 0 to 1."""
    table = balanced()
    table["AU25"] = table["AU12"] / 100
    fit = table.mixed("AU06", ["AU12", "AU25"], "who").fit
    assert fit["note"].tolist() == ["", ""]
    assert fit["icc"].iloc[0] == pytest.approx(fit["icc"].iloc[1], rel=1e-4)


def test_mixed_bad_input():
    with pytest.raises(OptionError, match="no sessions"):
        balanced().mixed("AU06", "AU12")
    with pytest.raises(InputError, match="two or more"):
        balanced().mixed("AU06", "AU12", np.zeros(180))


def test_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.regression.mixed_linear_model", None)
    with pytest.raises(MissingExtraError, match=r"mien\[stats\]"):
        balanced().mixed("AU06", "AU12", "who")
