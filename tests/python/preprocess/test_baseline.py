"""Baselines against pandas' own arithmetic, and where their result is not a number."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preprocess_tables import OTHERS, VALUES

from mien import FaceTable, InputError, OptionError, OutputError
from mien.preprocess import Baseline


def by_pandas(clips, how):
    plain = pd.DataFrame(clips)[VALUES]
    return plain - plain.groupby(clips["input"]).transform({"begin": "first"}.get(how, how))


@pytest.mark.parametrize("how", ["median", "mean", "begin"])
def test_subtracts_each_session_its_own(clips, how):
    done = clips.baseline(how)
    pd.testing.assert_frame_equal(
        pd.DataFrame(done)[VALUES], by_pandas(clips, how), rtol=1e-5, atol=1e-5
    )
    assert (done.dtypes == clips.dtypes).all()


def test_all_else_is_carried_along(clips):
    done = clips.baseline()
    assert type(done) is FaceTable
    assert list(done) == list(clips)
    rest = [name for name in clips if name not in VALUES]
    pd.testing.assert_frame_equal(done[rest], clips[rest])
    assert set(OTHERS) <= set(rest)
    assert done.provenance["preprocessing"] == [{"step": "baseline", "baseline": "median"}]
    assert done.session_columns == ["input"]


def test_sessions_can_be_ignored(clips):
    plain = pd.DataFrame(clips)[VALUES]
    done = clips.baseline("mean", ignore_sessions=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(done)[VALUES], plain - plain.mean(), rtol=1e-4, atol=1e-5
    )


def test_percent_and_its_domain():
    table = FaceTable(
        {"AU12": [0.2, 0.3, np.nan], "AU01": [0.0, 0.5, 0.5], "valence": [-0.5, -0.25, 0.5]}
    )
    done = table.baseline("begin", normalize="pct")
    assert done["AU12"].tolist() == pytest.approx([0, 50, np.nan], nan_ok=True)
    assert done["AU01"].isna().all()  # a baseline of 0 has no percents
    assert done["valence"].tolist() == pytest.approx([0, 50, 200])  # more is positive


def test_decibel_and_its_domain():
    table = FaceTable({"AU12": [0.1, 1.0, 0.0, np.nan], "valence": [-0.5, 0.5, 0.5, 0.5]})
    done = table.baseline("begin", normalize="db")
    assert done["AU12"].tolist() == pytest.approx([0, 10, np.nan, np.nan], nan_ok=True)
    assert done["valence"].isna().all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=20), st.floats(1e-3, 1.0))
def test_decibel_is_defined_for_all_positive_values(values, reference):
    done = FaceTable({"AU12": values}).baseline(pd.Series({"AU12": reference}), normalize="db")
    np.testing.assert_allclose(
        done["AU12"], 10 * (np.log10(values) - np.log10(reference)), atol=1e-9
    )


def test_begin_is_the_first_known_value():
    table = FaceTable({"AU12": [np.nan, 0.2, 0.5], "AU01": [0.1, 0.2, 0.3]})
    done = table.baseline("begin")
    assert done["AU12"].tolist() == pytest.approx([np.nan, 0, 0.3], nan_ok=True)
    assert done["AU01"].tolist() == pytest.approx([0, 0.1, 0.2])


def test_a_series(clips):
    reference = clips[VALUES].mean()
    done = clips.baseline(reference)
    np.testing.assert_allclose(done[VALUES], clips[VALUES] - reference, rtol=1e-4, atol=1e-5)
    with pytest.raises(InputError, match="no value for 5 columns such as 'x_0'"):
        clips.baseline(pd.Series({"AU12": 0.1}))
    only = clips.baseline(pd.Series({"AU12": 0.1}), columns="AU12")
    pd.testing.assert_series_equal(only["AU01"], clips["AU01"])


@pytest.mark.parametrize(
    ("options", "message"),
    [({"baseline": "middle"}, "'middle'"), ({"normalize": "percent"}, "'percent'")],
)
def test_other_names_are_errors(clips, options, message):
    with pytest.raises(OptionError, match=message):
        clips.baseline(**options)


def test_columns_choose(clips):
    done = clips.baseline(columns=["aus", "rating"])
    changed = [name for name in clips if not done[name].equals(clips[name])]
    assert changed == ["AU01", "AU12", "rating"]
    assert (done["rating"] == 0).all()  # the same throughout each session
    with pytest.raises(InputError, match="no column or group 'faces'"):
        clips.baseline(columns="faces")
    with pytest.raises(InputError, match="wanted real numbers"):
        clips.baseline(columns="subject")


def test_without_values_it_says_so():
    with pytest.raises(InputError, match="no numeric column of the groups"):
        FaceTable({"rating": [1.0]}).baseline()


class TestBaselineObject:
    def test_fits_clips_and_applies_to_others(self, clips):
        neutral, rest = clips[clips["input"] == "clip0.mp4"], clips[clips["input"] != "clip0.mp4"]
        fitted = Baseline.fit(neutral)
        expected = pd.DataFrame(rest)[VALUES] - pd.DataFrame(neutral)[VALUES].median()
        np.testing.assert_allclose(fitted.apply(rest)[VALUES], expected, rtol=1e-4, atol=1e-5)
        pd.testing.assert_frame_equal(fitted.apply(rest), rest.baseline(fitted))

    def test_each_person_their_own(self, clips):
        fitted = Baseline.fit([clips.iloc[:200], clips.iloc[200:]], "mean", by="subject")
        plain = pd.DataFrame(clips)
        expected = plain[VALUES] - plain.groupby("subject")[VALUES].transform("mean")
        np.testing.assert_allclose(fitted.apply(clips)[VALUES], expected, rtol=1e-4, atol=1e-5)
        one = fitted.apply(clips.drop(columns="subject"), person="s1")
        np.testing.assert_allclose(
            one["AU12"],
            plain["AU12"] - plain[plain.subject == "s1"]["AU12"].mean(),
            rtol=1e-4,
            atol=1e-5,
        )

    def test_people_it_does_not_know(self, clips):
        fitted = Baseline.fit(clips[clips.subject == "s0"], by="subject")
        with pytest.raises(InputError, match="no person 's1'"):
            fitted.apply(clips)
        with pytest.raises(InputError, match="give person="):
            fitted.apply(clips.drop(columns="subject"))
        nobody = clips.assign(subject=None)
        assert fitted.apply(nobody)[VALUES].isna().all(axis=None)

    def test_single_rows_live(self, clips):
        fitted = Baseline.fit(clips, by="subject")
        done = fitted.apply(clips)
        frame = fitted.apply(clips.iloc[[7]])
        pd.testing.assert_frame_equal(frame, done.iloc[[7]])
        row = fitted.apply(clips.iloc[7])
        assert list(row.index) == list(clips)
        np.testing.assert_allclose(
            row[VALUES].astype(float), done.iloc[7][VALUES].astype(float), rtol=1e-6
        )
        assert row["input"] == "clip0.mp4"

    @pytest.mark.parametrize("suffix", [".json", ".parquet"])
    @pytest.mark.parametrize("by", [None, "subject"])
    def test_saved_and_loaded(self, clips, tmp_path, suffix, by):
        clips.loc[clips.subject == "s1", "Pitch"] = np.nan
        fitted = Baseline.fit(clips, by=by)
        again = Baseline.load(fitted.save(tmp_path / f"neutral{suffix}"))
        assert (again.statistic, again.by) == ("median", by)
        pd.testing.assert_frame_equal(again.values, fitted.values, check_exact=True)
        pd.testing.assert_frame_equal(again.apply(clips), fitted.apply(clips))

    def test_files_that_are_none(self, clips, tmp_path):
        fitted = Baseline.fit(clips)
        with pytest.raises(OptionError, match=r"\.json or \.parquet"):
            fitted.save(tmp_path / "a.csv")
        with pytest.raises(OutputError, match="can't be written"):
            fitted.save(tmp_path / "nowhere" / "a.json")
        with pytest.raises(InputError, match="can't be read"):
            Baseline.load(tmp_path / "b.json")
        for name, content in (
            ("c.json", "{}"),
            ("d.json", "]"),
            ("e.parquet", "no"),
            ("f.json", json.dumps({"mien_baseline": 9})),
        ):
            (tmp_path / name).write_text(content)
            with pytest.raises(InputError, match=name):
                Baseline.load(tmp_path / name)

    def test_nothing_to_fit(self, clips):
        with pytest.raises(InputError, match="wanted rows"):
            Baseline.fit(clips.iloc[:0])
        with pytest.raises(InputError, match="no column 'person'"):
            Baseline.fit(clips, by="person")
