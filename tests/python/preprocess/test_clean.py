"""Cleaning against SciPy and least squares, with gaps, and what py-feat's tests demand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from preprocess_tables import RATE, VALUES, make_clips
from scipy import signal, stats

from mien import FaceTable, InputError, OptionError
from mien.preprocess import clean, clean_signal


def steps(table):
    return [entry["step"] for entry in table.provenance["preprocessing"]]


def test_equals_scipy_without_gaps(whole):
    done = clean(whole, low_pass=5.0, high_pass=0.2)
    x = signal.detrend(whole[VALUES].to_numpy(float), axis=0)
    sections = signal.butter(5, [0.2, 5.0], "bandpass", fs=RATE, output="sos")
    expected = stats.zscore(signal.sosfiltfilt(sections, x, axis=0), ddof=1)
    np.testing.assert_allclose(done[VALUES], expected, atol=2e-6)
    assert (done.dtypes == whole.dtypes).all()
    assert steps(done) == ["clean"]


@pytest.mark.parametrize(("option", "kind"), [("low_pass", "lowpass"), ("high_pass", "highpass")])
def test_one_cut_off(whole, option, kind):
    done = clean(whole, detrend=False, standardize=False, **{option: 3.0})
    sections = signal.butter(5, 3.0, kind, fs=RATE, output="sos")
    expected = signal.sosfiltfilt(sections, whole[VALUES].to_numpy(float), axis=0)
    np.testing.assert_allclose(done[VALUES], expected, rtol=1e-5, atol=1e-5)


def test_sessions_are_cleaned_apart(clips):
    done = clean(clips, low_pass=5.0)
    for (_, part), (_, own) in zip(clips.itersessions(), done.itersessions(), strict=True):
        alone = clean(part.set_sessions(None), low_pass=5.0)
        np.testing.assert_allclose(own[VALUES], alone[VALUES], atol=1e-6)
    again = clean(
        clips.sample(frac=1, random_state=0).sort_values("time", kind="stable"), low_pass=5.0
    )
    pd.testing.assert_frame_equal(again.sort_index(), done)  # rows of sessions may interleave


def test_missing_rows_stay_missing_and_count_for_nothing(clips):
    done = clean(clips)
    assert (done[VALUES].isna() == clips[VALUES].isna()).all(axis=None)
    known = clips[clips["input"] == "clip1.mp4"].dropna(subset=["AU12"])
    slope, intercept = np.polyfit(known["time"], known["AU12"].astype(float), 1)
    expected = stats.zscore(known["AU12"].astype(float) - slope * known["time"] - intercept, ddof=1)
    np.testing.assert_allclose(done.loc[known.index, "AU12"], expected, atol=1e-5)


def test_the_filter_runs_over_each_stretch_alone():
    x = np.random.default_rng(1).normal(size=200)
    x[[60, 61, 75, 150]] = np.nan
    table = FaceTable({"time": np.arange(200) / RATE, "AU12": x})
    done = clean(table, detrend=False, standardize=False, low_pass=5.0)["AU12"].to_numpy()
    sections = signal.butter(5, 5.0, fs=RATE, output="sos")
    for part in (slice(0, 60), slice(76, 150), slice(151, 200)):
        np.testing.assert_allclose(done[part], signal.sosfiltfilt(sections, x[part]))
    assert np.isnan(done[60:76]).all()  # 13 rows between two gaps are too few for the filter
    # Rows that aren't there are the same gap as rows that are missing.
    dropped = clean(table.dropna(), detrend=False, standardize=False, low_pass=5.0)
    np.testing.assert_array_equal(dropped["AU12"], done[~np.isnan(x)])


@pytest.mark.parametrize(
    ("options", "rows"), [({"low_pass": 5}, 18), ({"low_pass": 5, "high_pass": 1}, 33)]
)
def test_how_short_is_too_short(options, rows):
    for count, fits in ((rows, False), (rows + 1, True)):
        table = FaceTable({"time": np.arange(count) / RATE, "AU12": np.arange(count) % 5.0})
        done = clean(table, standardize=False, **options)["AU12"]
        assert done.notna().all() == fits
        assert done.isna().all() != fits


def test_signals_with_different_gaps_do_not_touch_each_other(clips):
    clips.loc[::7, "AU12"] = np.nan
    clips.loc[::11, "AU01"] = np.inf
    done = clean(clips, confounds="Pitch")
    for name in ("AU12", "AU01", "happiness"):
        alone = clean(clips, confounds="Pitch", columns=[name])
        np.testing.assert_allclose(alone[name], done[name], atol=1e-6)
    assert done.loc[::11, "AU01"].isna().all()


def test_confounds_are_gone_and_come_filtered(whole):
    done = clean(whole, confounds=["Pitch", "rating"], low_pass=4.0, columns=["AU12"])
    filtered = clean(whole, low_pass=4.0, columns=["Pitch"])
    assert abs(np.corrcoef(done["AU12"], filtered["Pitch"])[0, 1]) < 1e-6
    given = clean(whole, confounds=whole[["Pitch", "rating"]], low_pass=4.0, columns=["AU12"])
    np.testing.assert_allclose(given["AU12"], done["AU12"], atol=1e-6)
    mean = clean(whole, detrend=False, standardize=False, confounds="Pitch", columns="AU12")
    assert mean["AU12"].mean() == pytest.approx(whole["AU12"].mean(), rel=1e-5)


def test_strings_and_times_are_not_in_the_way(clips):
    """py-feat's clean fails on what its detectors return."""
    done = clips.clean()
    rest = [name for name in clips if name not in VALUES]
    pd.testing.assert_frame_equal(done[rest], clips[rest])
    assert done.session_columns == ["input"]


def test_no_rate_needed_where_time_plays_no_part(clips):
    done = clean(clips.drop(columns="time"), detrend=False)
    assert done.groupby("input")[VALUES].std().to_numpy() == pytest.approx(1, abs=1e-5)
    same = clean(clips.drop(columns="time"), low_pass=5.0, sampling_rate=RATE)
    pd.testing.assert_frame_equal(
        same[VALUES], clean(clips, low_pass=5.0)[VALUES], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"low_pass": 15.0}, OptionError, "less than 15 Hz, half the rate of session 'clip0.mp4'"),
        ({"low_pass": 0}, OptionError, "positive"),
        ({"high_pass": 6.0, "low_pass": 5.0}, OptionError, "less than low_pass"),
        ({"confounds": np.zeros(3)}, InputError, "wanted 360 rows"),
        ({"confounds": "mood"}, InputError, "no column or group 'mood'"),
    ],
)
def test_what_does_not_fit(clips, options, error, message):
    with pytest.raises(error, match=message):
        clean(clips, **options)


def test_time_that_does_not_fit(clips):
    with pytest.raises(InputError, match="give sampling_rate="):
        clean(clips.drop(columns="time"))
    with pytest.raises(InputError, match=r"set_sessions\(\['input', 'track'\]\)"):
        clean(clips.set_sessions(None))
    with pytest.raises(InputError, match="3 rows have no time"):
        clean(clips.assign(time=clips["time"].where(clips.index > 2)))
    with pytest.raises(InputError, match="seconds as numbers"):
        clean(clips.assign(time="00:01"))
    for steps in (np.tile([0.025, 0.045], 50), np.repeat([1 / 24, 1 / 30], 50)):
        uneven = clips.iloc[:100].assign(time=np.cumsum(steps))
        with pytest.raises(InputError, match=r"not evenly spaced.*call resample\(rate\) first"):
            clean(uneven, low_pass=2.0)
    assert clean(uneven)["AU12"].notna().any()  # a trend needs no even steps


def test_milliseconds_are_even_enough():
    """Containers round to milliseconds, and the rounding must not drift."""
    times = np.round(np.arange(3000) / 29.97, 3)
    table = FaceTable({"time": times, "AU12": np.sin(2 * np.pi * times)})
    done = clean(table, detrend=False, standardize=False, low_pass=5.0)
    np.testing.assert_allclose(done["AU12"], table["AU12"], atol=0.02)


def test_interleaved_faces():
    clips = make_clips(clips=2, missing=False)
    clips["track"] = np.repeat([0, 1], 120)
    clips["input"] = "clip.mp4"
    both = clips.sort_values(["frame", "track"]).set_sessions(["input", "track"])
    done = clean(both, low_pass=5.0).sort_index()
    alone = clean(clips[clips.track == 1], low_pass=5.0)
    pd.testing.assert_frame_equal(done[done.track == 1][VALUES], alone[VALUES])


class TestSignal:
    rate = 1000.0
    times = np.arange(2000) / 1000.0

    def test_a_line_is_a_trend(self):
        assert np.abs(clean_signal(3 + 2 * self.times, self.rate, standardize=False)).max() < 1e-9

    def test_standardized(self):
        done = clean_signal(np.random.default_rng(0).normal(5, 3, (500, 4)), 30.0)
        np.testing.assert_allclose(done.mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(done.std(axis=0, ddof=1), 1, atol=1e-9)

    def test_confound(self):
        rng = np.random.default_rng(0)
        nuisance = rng.normal(size=500)
        done = clean_signal(rng.normal(size=500) + 2 * nuisance, 30.0, confounds=nuisance)
        assert abs(np.corrcoef(done, signal.detrend(nuisance))[0, 1]) < 1e-10

    @pytest.mark.parametrize(
        ("options", "gone"), [({"low_pass": 20}, (100, 300)), ({"high_pass": 50}, (0, 20))]
    )
    def test_frequencies(self, options, gone):
        x = np.sin(2 * np.pi * 5 * self.times) + np.sin(2 * np.pi * 200 * self.times)
        done = clean_signal(x, self.rate, standardize=False, **options)
        spectrum = np.abs(np.fft.rfft(done))
        freqs = np.fft.rfftfreq(len(x), 1 / self.rate)
        assert spectrum[(freqs >= gone[0]) & (freqs <= gone[1])].max() < 5
        assert spectrum.max() > 500

    def test_missing_values_can_be_made_finite(self):
        x = np.random.default_rng(0).normal(size=100)
        x[3], x[50] = np.nan, np.inf
        assert np.isnan(clean_signal(x, 30.0)[[3, 50]]).all()
        done = clean_signal(x, 30.0, ensure_finite=True)
        assert np.isfinite(done).all()
        assert (done[[3, 50]] == 0).all()

    def test_runs(self):
        x = np.concatenate([np.random.default_rng(0).normal(m, s, 50) for m, s in ((0, 1), (9, 4))])
        done = clean_signal(x, 30.0, sessions=np.repeat(["a", "b"], 50))
        for part in (done[:50], done[50:]):
            assert part.mean() == pytest.approx(0, abs=1e-9)
            assert part.std(ddof=1) == pytest.approx(1)

    @pytest.mark.parametrize("level", [0.0, 0.1, 7.0, -1e6])
    def test_constants(self, level):
        assert (clean_signal(np.full(50, level), 30.0) == 0).all()

    def test_shape_and_lengths(self):
        assert clean_signal(np.arange(9.0), 30.0).shape == (9,)
        assert clean_signal(np.ones((9, 2)), 30.0).shape == (9, 2)
        with pytest.raises(InputError, match="wanted 9 rows"):
            clean_signal(np.arange(9.0), 30.0, confounds=np.zeros(8))
        with pytest.raises(InputError, match="wanted 9 labels"):
            clean_signal(np.arange(9.0), 30.0, sessions=[1])
        with pytest.raises(InputError, match="one or two dimensions"):
            clean_signal(np.zeros((2, 2, 2)), 30.0)

    def test_the_argument_is_left_alone(self):
        x = np.arange(60.0)
        clean_signal(x, 30.0, low_pass=5.0)
        np.testing.assert_array_equal(x, np.arange(60.0))
