"""Gaps filled in seconds of true time, and boxes that jump."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preprocess_tables import VALUES
from scipy.interpolate import PchipInterpolator

from mien import FaceTable, InputError, OptionError
from mien.preprocess import fill_gaps, rectification


def table_of(values, times=None):
    times = np.arange(len(values)) / 10 if times is None else times
    return FaceTable({"time": times, "AU12": np.array(values, float)})


N = np.nan


def test_limit_is_seconds_between_the_known_values():
    table = table_of([0, N, 2, N, N, 5])
    assert fill_gaps(table, limit=0.2)["AU12"].tolist() == pytest.approx(
        [0, 1, 2, N, N, 5], nan_ok=True
    )
    assert fill_gaps(table, limit=0.3)["AU12"].tolist() == pytest.approx([0, 1, 2, 3, 4, 5])
    assert fill_gaps(table)["AU12"].tolist() == pytest.approx([0, 1, 2, 3, 4, 5])


def test_time_is_true_time():
    table = table_of([0, N, 1], times=[0.0, 0.1, 1.0])
    assert fill_gaps(table)["AU12"].tolist() == pytest.approx([0, 0.1, 1])


def test_nothing_is_invented_at_the_ends():
    table = table_of([N, 1, N, 3, N])
    assert fill_gaps(table)["AU12"].tolist() == pytest.approx([N, 1, 2, 3, N], nan_ok=True)
    assert fill_gaps(table_of([N, N]))["AU12"].isna().all()


def test_sessions_do_not_run_into_each_other():
    table = FaceTable({"input": list("aabb"), "time": [0.0, 0.1, 0.0, 0.1], "AU12": [1, N, N, 2]})
    assert fill_gaps(table.set_sessions("input"))["AU12"].isna().tolist() == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("method", "expected"), [("linear", 0.4), ("nearest", 0.0), ("pchip", None)]
)
def test_methods(method, expected):
    times, values = np.array([0.0, 0.2, 0.5, 0.9]), np.array([0.0, N, 1.0, 0.5])
    if expected is None:
        expected = float(PchipInterpolator(times[[0, 2, 3]], values[[0, 2, 3]])(0.2))
    assert fill_gaps(table_of(values, times), method=method)["AU12"][1] == pytest.approx(expected)


def test_equals_pandas_on_even_rows(whole):
    whole.loc[whole.sample(60, random_state=0).index, VALUES] = N
    done = fill_gaps(whole)
    expected = pd.DataFrame(whole)[VALUES].astype(float).interpolate(limit_area="inside")
    np.testing.assert_allclose(done[VALUES], expected, rtol=1e-5, atol=1e-6)
    assert done["status"].equals(whole["status"])


def test_pandas_interpolate_stays_as_it_is(clips):
    filled = clips.aus.interpolate(method="linear")
    assert filled.isna().sum().sum() < clips.aus.isna().sum().sum()


def test_wrong_options(clips):
    with pytest.raises(OptionError, match="'cubic'"):
        fill_gaps(clips, method="cubic")
    with pytest.raises(OptionError, match="positive number of seconds"):
        fill_gaps(clips, limit=0)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(-1, 1)), min_size=1, max_size=30), st.floats(0.05, 2)
)
def test_known_values_never_change(values, limit):
    table = table_of([N if v is None else v for v in values])
    done = fill_gaps(table, limit)["AU12"]
    known = table["AU12"].notna()
    assert done[known].equals(table["AU12"][known])
    assert done.isna().sum() <= table["AU12"].isna().sum()


def test_rectification_empties_rows_whose_box_jumped(clips):
    clips.loc[5, "FaceRectX"] = 900.0
    clips.loc[250, "FaceRectY"] = -400.0
    done = rectification(clips)
    assert done.loc[[5, 250], [*VALUES, "FaceRectX", "FaceRectY"]].isna().all(axis=None)
    kept = clips.index.difference([5, 250])
    box = clips.groupby("input")["FaceRectX"]
    far = (clips["FaceRectX"] - box.transform("mean")).abs() > 3 * box.transform("std")
    assert far[5]
    assert done.loc[kept, "AU12"].isna().sum() >= clips.loc[kept, "AU12"].isna().sum()
    assert (done["input"] == clips["input"]).all()
    assert (done["rating"] == clips["rating"]).all()


def test_rectification_looks_at_each_session():
    table = FaceTable(
        {"clip": np.repeat(["a", "b"], 50),
         "FaceRectX": np.repeat([0.0, 500.0], 50) + np.tile([0, 1.0], 50),
         "FaceRectY": np.tile([0, 1.0], 50), "AU12": 0.5}
    )  # fmt: skip
    assert rectification(table.set_sessions("clip"), std=1.5)["AU12"].notna().all()
    assert rectification(table.set_sessions("clip"), std=0.5)["AU12"].isna().all()
    with pytest.raises(InputError, match="goes by the face boxes"):
        rectification(table.drop(columns="FaceRectX"))
