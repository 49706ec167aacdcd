"""Other rates in true time: what comes out of known waves, and what must not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from preprocess_tables import RATE, VALUES

from mien import FaceTable, InputError, OptionError
from mien.preprocess import downsample, resample, upsample


def wave(times, freq):
    return FaceTable({"time": times, "AU12": np.sin(2 * np.pi * freq * times)})


def phone_times(seconds=20.0, seed=0):
    """A variable frame rate: 24 to 40 frames a second."""
    steps = np.random.default_rng(seed).uniform(1 / 40, 1 / 24, int(seconds * 40))
    times = np.cumsum(steps)
    return times[times < seconds]


class TestResample:
    @pytest.mark.parametrize(
        "times", [np.arange(600) / 30, phone_times()], ids=["even", "variable"]
    )
    def test_slow_waves_pass_and_fast_ones_do_not_alias(self, times):
        inner = slice(15, -15)
        slow = resample(wave(times, 1.0), 10)
        np.testing.assert_allclose(
            slow["AU12"][inner], np.sin(2 * np.pi * slow["time"])[inner], atol=0.03
        )
        fast = resample(wave(times, 9.0), 10)  # would come back as 1 Hz
        assert fast["AU12"][inner].abs().max() < 0.1

    def test_new_times_are_exact_multiples(self):
        done = resample(wave(phone_times(), 1.0), 25)
        np.testing.assert_allclose(done["time"] * 25, np.rint(done["time"] * 25), atol=1e-9)
        np.testing.assert_allclose(np.diff(done["time"]), 1 / 25)

    def test_up_is_interpolation(self):
        table = wave(np.arange(60) / 10, 0.5)
        done = resample(table, 40)
        np.testing.assert_allclose(
            done["AU12"], np.interp(done["time"], table["time"], table["AU12"])
        )
        smooth = resample(table, 40, method="pchip")
        np.testing.assert_allclose(smooth["AU12"], np.sin(np.pi * smooth["time"]), atol=0.02)

    def test_same_rate_is_the_same_table(self, clips):
        done = resample(clips, RATE)
        assert len(done) == len(clips)
        np.testing.assert_allclose(done[VALUES], clips[VALUES], rtol=1e-5, atol=1e-6)
        rest = [name for name in clips if name not in VALUES and name != "time"]
        pd.testing.assert_frame_equal(done[rest], clips[rest])

    def test_gaps_stay_gaps(self):
        table = wave(np.arange(300) / 30, 0.5)
        table.loc[100:130, "AU12"] = np.nan
        done = resample(table, 10)
        missing = done["time"].between(100 / 30, 130 / 30)
        assert done["AU12"].isna().sum() == missing.sum() >= 10
        gone = resample(table.drop(index=range(100, 131)), 10)
        np.testing.assert_allclose(gone["AU12"], done["AU12"], atol=1e-9)

    def test_other_columns_come_from_the_nearest_row(self, clips):
        done = resample(clips, 7.5)
        assert list(done) == list(clips)
        assert (done.dtypes == clips.dtypes).all()
        assert done.groupby("input").size().tolist() == [30, 30, 30]
        assert (done["frame"] / RATE - done["time"]).abs().max() <= 0.5 / RATE + 1e-9
        assert (done.groupby("input")["rating"].nunique() == 1).all()
        assert done.session_columns == ["input"]

    def test_time_is_needed(self, clips):
        with pytest.raises(InputError, match="give sampling_rate="):
            resample(clips.drop(columns="time"), 10)
        done = resample(clips.drop(columns="time"), 10, sampling_rate=RATE)
        np.testing.assert_allclose(done[VALUES], resample(clips, 10)[VALUES], rtol=1e-5, atol=1e-5)
        with pytest.raises(OptionError, match="positive number of Hz"):
            resample(clips, -1)

    def test_the_method_is_pandas_own_for_offsets(self, whole):
        stamped = whole.set_index(pd.to_datetime(whole["time"], unit="s"))
        assert len(stamped.aus.resample("1s").mean()) == 12
        assert len(whole.resample(10)) == 120

    def test_one_row(self):
        table = FaceTable({"time": [0.5], "AU12": [0.3]})
        assert resample(table, 10)["AU12"].tolist() == [0.3]


class TestDownsample:
    def test_hz_means_hz(self):
        """519 rows at 30 Hz are 173 at 10 Hz; py-feat gives 52."""
        table = FaceTable({"time": np.arange(519) / 30, "AU12": np.arange(519.0)})
        done = downsample(table, 10)
        assert len(done) == 173
        assert done["AU12"].iloc[0] == pytest.approx(1.0)
        np.testing.assert_allclose(np.diff(done["time"]), 0.1)

    def test_samples(self):
        done = downsample(FaceTable({"AU12": np.arange(60.0)}), 10, "samples")
        assert len(done) == 6
        assert (done["AU12"].iloc[0], done["AU12"].iloc[-1]) == (4.5, 54.5)
        uneven = downsample(FaceTable({"AU12": np.arange(519.0)}), 10, "samples")
        assert len(uneven) == 52
        assert uneven["AU12"].iloc[-1] == 514.0

    def test_seconds(self):
        table = FaceTable({"time": np.arange(120) / 30, "AU12": np.arange(120.0)})
        assert len(downsample(table, 1, "seconds")) == 4

    def test_median(self):
        table = FaceTable({"AU12": [0.0, 10.0, 1000.0]})
        assert downsample(table, 3, "samples", "median")["AU12"].tolist() == [10.0]

    def test_one_row_a_block_is_the_table(self, clips):
        done = downsample(clips, 1, "samples")
        pd.testing.assert_frame_equal(done, clips, check_exact=False)
        assert done is not clips

    def test_sessions_and_missing_rows(self, clips):
        done = downsample(clips, 7, "samples")
        assert done.groupby("input", sort=False).size().tolist() == [18, 18, 18]
        first = clips.iloc[:7]
        assert done["AU12"][0] == pytest.approx(first["AU12"].mean(), rel=1e-6)  # known rows alone
        clips.loc[:6, VALUES] = np.nan
        assert np.isnan(downsample(clips, 7, "samples")["AU12"][0])

    def test_errors(self, clips):
        with pytest.raises(OptionError, match="more than session 'clip0"):
            downsample(clips, 60)
        with pytest.raises(OptionError, match="'rows'"):
            downsample(clips, 10, "rows")
        with pytest.raises(OptionError, match="'max'"):
            downsample(clips, 10, method="max")
        with pytest.raises(OptionError, match="whole number"):
            downsample(clips, 1.5, "samples")


class TestUpsample:
    def test_hz(self, clips):
        done = upsample(clips, 60)
        assert len(done) == 3 * 239
        assert done.aus.shape[1] == 2  # py-feat loses the groups here
        assert done.provenance["preprocessing"][-1]["target"] == 60

    def test_fifty_to_a_hundred(self):
        done = upsample(FaceTable({"AU12": np.arange(50.0)}), 2, sampling_rate=1)
        assert len(done) == 99  # from the first row to the last, nothing beyond
        assert done["AU12"].tolist() == pytest.approx(np.arange(99) / 2)

    def test_samples_are_rows(self):
        done = upsample(
            FaceTable({"time": np.arange(50) / 10, "AU12": np.arange(50.0)}), 200, "samples"
        )
        assert len(done) == 200
        assert done["time"].iloc[-1] == pytest.approx(4.9)
        assert done["AU12"].iloc[-1] == pytest.approx(49)

    def test_errors(self, clips):
        with pytest.raises(OptionError, match="'rows'"):
            upsample(clips, 60, "rows")
        with pytest.raises(OptionError, match="use downsample or resample"):
            upsample(clips, 20)
        with pytest.raises(OptionError, match="use downsample or resample"):
            upsample(clips, 20, "samples")
