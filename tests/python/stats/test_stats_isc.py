"""Intersubject correlation: against NumPy and pandas, and against loops that turn, draw and
correlate one by one.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats as scipy_stats
from stats_tables import UNITS, cube, make_viewers, relaxed

from mien import FaceTable, InputError, OptionError
from mien.stats import isc
from mien.stats._masked import at_all_shifts, standardized
from mien.stats._resampling import summarize


def pair_values(series: np.ndarray) -> list[float]:
    """Pairwise-complete correlations by pandas."""
    matrix = pd.DataFrame(series.T).corr(min_periods=3).to_numpy()
    return [matrix[i, j] for i, j in combinations(range(len(series)), 2)]


@pytest.mark.parametrize("missing", [False, True], ids=["complete", "gaps"])
def test_pairs_over_time_are_pandas(missing):
    table = make_viewers(missing=missing)
    found = table.isc("aus")
    series = cube(table)
    for number, name in enumerate(UNITS):
        expected = pair_values(series[..., number])
        np.testing.assert_allclose(found.values[number], expected, atol=1e-12)
        row = found.table.iloc[number]
        assert row["column"] == name
        assert row["isc"] == pytest.approx(np.median(expected))
        assert row["n"] == 15
    mean = table.isc("AU12", summary="mean").table["isc"].item()
    assert mean == pytest.approx(np.tanh(np.arctanh(pair_values(series[..., 3])).mean()))


def test_matrix_is_pandas():
    table = make_viewers(missing=True)
    found = table.isc("AU12").matrix()
    expected = table.pivot(index="frame", columns="input", values="AU12").corr()
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found.iloc[0, 0] == 1
    assert found.index.tolist() == expected.index.tolist()
    assert table.isc(["AU12", "AU01"]).matrix("AU01").shape == (6, 6)


@pytest.mark.parametrize("missing", [False, True], ids=["complete", "gaps"])
def test_leave_one_out_over_time_is_numpy(missing):
    table = make_viewers(missing=missing)
    found = table.isc("AU12", method="leave_one_out")
    series = pd.DataFrame(cube(table)[..., 3])
    for viewer in range(6):
        others = series.drop(index=viewer).mean()
        expected = series.loc[viewer].corr(others)
        assert found.values[0, viewer] == pytest.approx(expected, abs=1e-12)
    assert found.table["n"].item() == 6
    with pytest.raises(OptionError, match="pairs"):
        found.matrix()


def test_over_columns_is_numpy():
    table = make_viewers(missing=True)
    pairs = table.isc("aus", axis="features")
    single = table.isc("aus", axis="features", method="leave_one_out")
    values = cube(table)
    for frame in (0, 17, 79):
        rows = values[:, frame]
        matrix = pd.DataFrame(rows.T).corr(min_periods=3).to_numpy()
        expected = [matrix[i, j] for i, j in combinations(range(6), 2)]
        np.testing.assert_allclose(pairs.values[frame], expected, atol=1e-12)
        for viewer in range(6):
            others = pd.DataFrame(np.delete(rows, viewer, axis=0)).mean()
            expected_r = pd.Series(rows[viewer]).corr(others)
            np.testing.assert_allclose(single.values[frame, viewer], expected_r, atol=1e-12)
    assert pairs.table["frame"].tolist() == list(range(80))
    assert single.values.shape == (80, 6)


@pytest.mark.parametrize("missing", [False, True], ids=["complete", "gaps"])
def test_all_shifts_are_those_of_a_loop(missing):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 31)) + 100
    if missing:
        a[:, 4:9] = np.nan
        b[1, ::3] = np.nan
    found = at_all_shifts(*standardized(a), *standardized(b))
    for shift in range(31):
        turned = np.roll(b, -shift, axis=1)
        for row in range(3):
            expected = pd.Series(a[row]).corr(pd.Series(turned[row]), min_periods=3)
            assert found[row, shift] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", ["pairwise", "leave_one_out"])
@pytest.mark.parametrize("axis", ["time", "features"])
def test_circular_shifts_are_those_of_a_loop(method, axis):
    """The null distribution, turned subject by subject with np.roll and measured as untouched
    series are.
    """
    table = make_viewers(viewers=4, frames=23, missing=axis == "time")
    found = table.isc("aus", method=method, axis=axis, test="circular_shift", samples=7, seed=3)
    turns = np.random.default_rng(3).integers(0, 23, (7, 4))
    values = cube(table)
    for sample, turn in enumerate(turns):
        rolled = np.stack([np.roll(v, t, axis=0) for v, t in zip(values, turn, strict=True)])
        sides = rolled if axis == "time" else rolled.transpose(0, 2, 1)
        still = values if axis == "time" else values.transpose(0, 2, 1)
        for row in range(sides.shape[2]):
            if method == "pairwise":
                r = pair_values(sides[..., row])
            else:
                others = [
                    np.nanmean(np.delete(still[..., row], i, axis=0), axis=0) for i in range(4)
                ]
                pairs = zip(sides[..., row], others, strict=True)
                r = [pd.Series(a).corr(pd.Series(b)) for a, b in pairs]
            assert found.null[sample, row] == pytest.approx(np.nanmedian(r), abs=1e-12)
    observed, null = found.table["isc"].to_numpy(), found.null
    p = (1 + (np.abs(null) >= np.abs(observed)).sum(axis=0)) / 8
    np.testing.assert_allclose(found.table["p"], p)
    np.testing.assert_allclose(
        found.table["p_corrected"], scipy_stats.false_discovery_control(p), rtol=1e-12
    )


@pytest.mark.parametrize("method", ["pairwise", "leave_one_out"])
def test_bootstrap_is_that_of_a_loop(method):
    """Chen et al. 2016: subjects drawn with replacement, pairs of one subject with itself left out,
    moved to 0.
    """
    table = make_viewers(missing=True)
    found = table.isc("aus", method=method, test="bootstrap", samples=50, seed=5, confidence=0.8)
    draws = np.random.default_rng(5).integers(0, 6, (50, 6))
    for row, name in enumerate(UNITS):
        samples = []
        for draw in draws:
            if method == "leave_one_out":
                r = found.values[row, draw]
            else:
                matrix = found.matrix(name).to_numpy()
                r = [matrix[a, b] for a, b in combinations(draw, 2) if a != b]
            samples.append(np.median(r))
        observed = found.table.loc[row, "isc"]
        np.testing.assert_allclose(found.null[:, row], np.array(samples) - observed, atol=1e-12)
        low, high = np.quantile(samples, [0.1, 0.9])
        assert found.table.loc[row, "ci_low"] == pytest.approx(low)
        assert found.table.loc[row, "ci_high"] == pytest.approx(high)


@pytest.mark.parametrize("test", ["bootstrap", "circular_shift"])
@pytest.mark.parametrize("method", ["pairwise", "leave_one_out"])
def test_what_is_shared_is_found_and_what_is_not_is_not(test, method):
    table = make_viewers(viewers=10, frames=150)
    found = table.isc("aus", test=test, method=method, samples=300).table.set_index("column")
    assert (found.loc[UNITS[1:], "p_corrected"] < 0.02).all()
    assert found.loc["AU01", "p_corrected"] > 0.02
    assert abs(found.loc["AU01", "isc"]) < 0.15 < found.loc["AU12", "isc"]


def test_false_alarms_are_as_rare_as_promised():
    """Unrelated autocorrelated series: p-values of the shifts are about uniform."""
    rng = np.random.default_rng(0)
    walks = rng.normal(size=(60, 5, 90))
    smooth = sum(np.roll(walks, k, axis=2) for k in range(8))
    parts = {f"AU{i:02d}": smooth[i].ravel() for i in range(60)}
    table = FaceTable(
        {"input": np.repeat(list("abcde"), 90), "frame": np.tile(np.arange(90), 5), **parts}
    )
    p = table.isc(list(parts), test="circular_shift", samples=200).table["p"]
    assert scipy_stats.kstest(p, "uniform").pvalue > 0.01


def test_same_seed_same_numbers():
    table = make_viewers()
    one, two = (table.isc("AU12", test="circular_shift", samples=20, seed=s).null for s in (1, 1))
    np.testing.assert_array_equal(one, two)
    other = table.isc("AU12", test="circular_shift", samples=20, seed=2).null
    assert (one != other).any()


def test_order_of_rows_does_not_matter():
    table = make_viewers(missing=True)
    mixed = FaceTable(table.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(
        mixed.isc("AU12").matrix().sort_index(axis=0).sort_index(axis=1), table.isc("AU12").matrix()
    )


def test_sessions_are_subjects():
    table = make_viewers()
    table["who"] = table["input"].str[:2]
    assert table.set_sessions("who").isc("AU12").subjects == [f"v{i}" for i in range(6)]
    assert table.isc("AU12", subjects=["input", "who"]).matrix().shape == (6, 6)


def test_what_is_not_defined_is_nan():
    table = make_viewers(viewers=3)
    table.loc[table["input"] == "v1.mp4", "AU12"] = 0.1
    table.loc[table["input"] == "v2.mp4", "AU04"] = np.nan
    found = table.isc(["AU12", "AU04"], test="circular_shift", samples=10)
    assert found.table["n"].tolist() == [1, 1]
    assert np.isnan(found.matrix("AU12").loc["v0.mp4", "v1.mp4"])
    table["AU12"] = 0.1
    found = table.isc("AU12", test="bootstrap", samples=10).table
    assert found[["isc", "ci_low", "p", "p_corrected"]].isna().all(axis=None)


@relaxed
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(1, 5), st.integers(0, 6)),
        elements=st.sampled_from([-0.5, 0.0, 0.3, 1.0, np.nan]),
    )
)
def test_summaries_are_numpys(values):
    found = summarize(values, "median")
    for row, value in zip(values, found, strict=True):
        known = row[np.isfinite(row)]
        np.testing.assert_allclose(value, np.median(known) if len(known) else np.nan)


def test_many_pairs_go_by_parts(monkeypatch):
    table = make_viewers(missing=True)
    whole = table.isc("aus", test="circular_shift", samples=9)
    drawn = table.isc("aus", test="bootstrap", samples=9)
    monkeypatch.setattr("mien.stats._coupling.CELLS", 200)
    monkeypatch.setattr("mien.stats._resampling.CELLS", 200)
    np.testing.assert_array_equal(
        table.isc("aus", test="circular_shift", samples=9).null, whole.null
    )
    np.testing.assert_array_equal(table.isc("aus", test="bootstrap", samples=9).null, drawn.null)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"index": "when"}, InputError, "no column 'when'"),
        ({"subjects": "person"}, InputError, "no column 'person'"),
        ({"subjects": "film"}, InputError, "two or more, got 1"),
        ({"subjects": "pair", "method": "leave_one_out"}, InputError, "rows at frame 0"),
        ({"index": "row"}, InputError, "resample"),
        ({"columns": "AU99"}, InputError, "AU99"),
        ({"columns": ["AU01", "AU04"], "axis": "features"}, InputError, "3 or more, got 2"),
        ({"method": "all"}, OptionError, "method"),
        ({"axis": 0}, OptionError, "axis"),
        ({"test": "permutation"}, OptionError, "test"),
        ({"samples": 0}, OptionError, "samples"),
        ({"confidence": 2}, OptionError, "confidence"),
        ({"correction": "none"}, OptionError, "correction"),
    ],
)
def test_bad_input_says_what_to_do(options, error, message):
    table = make_viewers()
    table["film"] = "one"
    table["pair"] = [f"{i[:2] in ('v0', 'v1')}" for i in table["input"]]
    table["row"] = np.arange(len(table)) / 3
    with pytest.raises(error, match=message):
        isc(table, **options)


def test_two_subjects_cannot_be_drawn_from():
    with pytest.raises(InputError, match="three or more"):
        make_viewers(viewers=2).isc("AU12", test="bootstrap")
