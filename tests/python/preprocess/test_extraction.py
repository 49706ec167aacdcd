"""Features of sessions against pandas, and what comes along with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from preprocess_tables import VALUES, make_clips

from mien import FaceTable, OptionError
from mien.preprocess import source_of, value_columns


@pytest.mark.parametrize("feature", ["mean", "min", "max", "std", "sem"])
def test_equals_pandas(clips, feature):
    done = getattr(clips, f"extract_{feature}")()
    grouped = pd.DataFrame(clips)[VALUES].astype(float).groupby(clips["input"])
    names = [f"{feature}_{name}" for name in VALUES]
    # Means of float32 have a float32's digits, or all of them from pandas 3.1 on.
    np.testing.assert_allclose(done[names], getattr(grouped, feature)(), rtol=1e-6, atol=1e-8)
    assert value_columns(done) == names
    assert type(done) is FaceTable


@pytest.mark.parametrize("feature", ["mean", "min", "max", "std", "sem"])
def test_without_sessions_a_row(clips, feature):
    plain = pd.DataFrame(clips)[VALUES].astype(float)
    for done in (
        getattr(clips, f"extract_{feature}")(ignore_sessions=True),
        getattr(clips.set_sessions(None), f"extract_{feature}")(),
    ):
        assert len(done) == 1
        np.testing.assert_allclose(
            done[[f"{feature}_{n}" for n in VALUES]].iloc[0].astype(float),
            getattr(plain, feature)(),
            rtol=1e-12,
        )


def test_what_is_the_same_throughout_comes_along(clips):
    done = clips.extract_mean()
    assert list(done)[:4] == ["input", "track", "subject", "rating"]
    assert done["subject"].tolist() == ["s0", "s1", "s0"]
    assert done["rating"].tolist() == [0, 1, 2]
    assert list(done.sessions) == ["clip0.mp4", "clip1.mp4", "clip2.mp4"]
    assert done.provenance["preprocessing"] == [{"step": "extract", "features": ["mean"]}]


def test_features_of_features(clips):
    done = clips.extract_mean().set_sessions("subject").extract_max()
    assert done["max_mean_AU12"][0] == clips.extract_mean()["mean_AU12"][[0, 2]].max()
    assert source_of("max_mean_AU12") == "AU12"


def test_summary_has_all_and_any(clips):
    done = clips.extract_summary()
    values = value_columns(done)
    assert (len(done), len(values)) == (3, 5 * len(VALUES))
    assert [n.split("_")[0] for n in values[:: len(VALUES)]] == ["mean", "sem", "std", "max", "min"]
    for name in ("mean", "sem", "std", "max", "min"):
        only = clips.extract_summary(**{n: n == name for n in ("mean", "sem", "std", "max", "min")})
        pd.testing.assert_frame_equal(only, getattr(clips, f"extract_{name}")())
    with pytest.raises(OptionError, match="one or more"):
        clips.extract_summary(mean=False, std=False, sem=False, max=False, min=False)


def test_peak_is_the_farthest_from_zero_and_when():
    table = FaceTable(
        {"clip": list("aaab"), "time": [0.0, 0.1, 0.2, 5.0], "valence": [0.1, -0.8, 0.5, np.nan],
         "AU12": [0.2, 0.9, 0.9, 0.4]}
    ).set_sessions("clip")  # fmt: skip
    done = table.extract_peak()
    assert done["peak_valence"].tolist() == pytest.approx([-0.8, np.nan], nan_ok=True)
    assert done["peak_time_valence"].tolist() == pytest.approx([0.1, np.nan], nan_ok=True)
    assert done["peak_AU12"].tolist() == [0.9, 0.4]
    assert done["peak_time_AU12"].tolist() == [0.1, 5.0]
    assert value_columns(done) == ["peak_valence", "peak_AU12"]
    assert "peak_time_AU12" not in table.drop(columns="time").extract_peak()


def test_a_session_without_a_face_is_missing():
    clips = make_clips(rows=4, clips=2, missing=False).set_sessions("input")
    clips.loc[:3, VALUES] = np.nan
    done = clips.extract_summary()
    values = done[value_columns(done)]
    assert values.iloc[0].isna().all()
    assert values.iloc[1].notna().all()


def test_long_tables_keep_their_digits():
    """A million float32 rows: sums in float32 would be off in the third digit."""
    x = np.full(1_000_000, 0.1, np.float32)
    assert FaceTable({"AU12": x}).extract_mean()["mean_AU12"][0] == pytest.approx(
        float(np.float32(0.1)), rel=1e-9
    )


def test_integers_and_nullable_numbers_are_values():
    table = FaceTable(
        {"AU12": [0, 1, 2], "AU01": pd.array([1, None, 3], dtype="Int64"), "AU04": ["a", "b", "c"]}
    )
    done = table.extract_mean()
    assert done["mean_AU12"].tolist() == [1]
    assert done["mean_AU01"].tolist() == [2]
    assert "mean_AU04" not in done


def test_empty_table(clips):
    assert clips.iloc[:0].extract_mean().shape[0] == 0
    assert len(clips.iloc[:0].set_sessions(None).extract_mean()) == 1


FEATURES = {
    "extract_mean": {},
    "extract_min": {},
    "extract_max": {},
    "extract_std": {},
    "extract_sem": {},
    "extract_peak": {},
    "extract_summary": {},
    "extract_wavelet": {"freq": 1.0},
    "extract_multi_wavelet": {"min_freq": 0.5, "max_freq": 2.0, "bank": 3, "mode": "power"},
    "extract_boft": {"min_freq": 0.5, "max_freq": 2.0, "bank": 2},
    "extract_dwt": {"level": 1},
}


@pytest.mark.parametrize("method", FEATURES)
def test_features_keep_the_group_of_their_column(clips, method):
    """What was an action unit is in `aus` under its new name, and nothing else is."""
    if method == "extract_dwt":
        pytest.importorskip("pywt")
    done = getattr(clips.assign(mean_AU12_notes=0.5), method)(**FEATURES[method])
    made = set(done.columns) - set(clips.columns) - {"mean_AU12_notes"}
    times = {name for name in made if name.startswith("peak_time_")}
    for group, names in clips[VALUES].groups.items():
        wanted = {name for name in made - times if source_of(name) in names}
        assert wanted
        assert set(done.groups[group]) == wanted
    assert times | {"mean_AU12_notes"} <= set(done.design)
    assert set(done.landmarks_x) == {n for n in made - times if str(source_of(n)).startswith("x_")}
