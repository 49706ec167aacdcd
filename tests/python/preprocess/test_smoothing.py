"""Savitzky-Golay against SciPy and exact polynomials; the one-euro filter against its paper's
equations.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preprocess_tables import RATE, VALUES
from scipy.signal import savgol_filter
from synthetic_tables import make_table

from mien import FaceTable, InputError, OptionError
from mien.preprocess import OneEuroFilter, one_euro, smooth


class TestSmooth:
    @pytest.mark.parametrize("derivative", [0, 1, 2])
    def test_equals_scipy_on_even_rows(self, whole, derivative):
        done = smooth(whole, window=0.5, order=3, derivative=derivative)
        x = whole[VALUES].to_numpy(float)
        expected = savgol_filter(x, 15, 3, deriv=derivative, delta=1 / RATE, axis=0)
        np.testing.assert_allclose(done[VALUES], expected, rtol=1e-4, atol=1e-4)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 4), st.integers(0, 2), st.integers(0, 99))
    def test_polynomials_over_uneven_times_pass_unchanged(self, order, derivative, seed):
        derivative = min(derivative, order)
        rng = np.random.default_rng(seed)
        times = np.cumsum(rng.uniform(0.025, 0.042, 60))
        polynomial = np.polynomial.Polynomial(rng.normal(size=order + 1))
        table = FaceTable({"time": times, "AU12": polynomial(times)})
        done = smooth(table, window=0.4, order=order, derivative=derivative)
        np.testing.assert_allclose(done["AU12"], polynomial.deriv(derivative)(times), atol=1e-6)

    def test_each_stretch_alone_and_short_ones_are_missing(self):
        x = np.random.default_rng(0).normal(size=60)
        x[[20, 23, 31]] = np.nan
        done = smooth(FaceTable({"time": np.arange(60) / RATE, "AU12": x}), 0.3, 2)["AU12"]
        np.testing.assert_allclose(done[:20], savgol_filter(x[:20], 9, 2))
        np.testing.assert_allclose(done[32:], savgol_filter(x[32:], 9, 2))
        assert np.isnan(done[20:24]).all()  # two rows are no parabola
        line = np.polynomial.Polynomial.fit(np.arange(7), x[24:31], 2)(np.arange(7))
        np.testing.assert_allclose(done[24:31], line, atol=1e-9)  # seven rows are fitted as a whole

    def test_sessions(self, clips):
        done = smooth(clips)
        alone = smooth(clips[clips["input"] == "clip2.mp4"].set_sessions(None))
        pd.testing.assert_frame_equal(done.loc[alone.index, VALUES], alone[VALUES])
        assert done[VALUES].isna().sum().sum() >= clips[VALUES].isna().sum().sum()

    def test_errors(self, clips):
        with pytest.raises(OptionError, match="order 5 needs more than 5"):
            smooth(clips, 0.1, 5)
        with pytest.raises(OptionError, match="derivative <= order"):
            smooth(clips, 0.5, 1, 2)
        with pytest.raises(InputError, match="sampling_rate="):
            smooth(clips.drop(columns="time"))


def published(values, times, min_cutoff, beta, d_cutoff):
    """The algorithm of the paper, for one signal, written out."""

    def alpha(cutoff, dt):
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau / dt)

    out, speed = [values[0]], 0.0
    for i in range(1, len(values)):
        dt = times[i] - times[i - 1]
        a = alpha(d_cutoff, dt)
        speed = a * (values[i] - out[-1]) / dt + (1 - a) * speed
        a = alpha(min_cutoff + beta * abs(speed), dt)
        out.append(a * values[i] + (1 - a) * out[-1])
    return out


class TestOneEuro:
    times = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.05, 80))
    values = np.random.default_rng(2).normal(size=(80, 3))

    @pytest.mark.parametrize("options", [(1.0, 0.0, 1.0), (0.5, 0.7, 2.0)])
    def test_is_the_paper_s(self, options):
        live = OneEuroFilter(*options)
        done = np.array([live(x, t) for x, t in zip(self.values, self.times, strict=True)])
        for i in range(3):
            expected = published(self.values[:, i], self.times, *options)
            np.testing.assert_allclose(done[:, i], expected, atol=1e-12)

    def test_offline_is_what_live_gave(self, clips):
        done = one_euro(clips, 0.8, 0.3)
        for _, part in clips.itersessions():
            live = OneEuroFilter(0.8, 0.3)
            rows = [
                live(part[VALUES].iloc[i].to_numpy(float), part["time"].iloc[i])
                for i in range(len(part))
            ]
            np.testing.assert_array_equal(done.loc[part.index, VALUES], np.float32(rows))

    def test_missing_stays_missing_and_the_next_goes_on(self):
        live = OneEuroFilter()
        assert live([1.0, 2.0], 0.0).tolist() == [1, 2]
        assert np.isnan(live([np.nan, 3.0], 0.1)[0])
        weight = 1 / (1 + 1 / (2 * np.pi * 0.2))  # the time since the value before the gap
        assert live([2.0, 3.0], 0.2)[0] == pytest.approx(1 + weight)

    def test_a_still_face_stops_trembling_and_a_moving_one_does_not_lag(self):
        rng = np.random.default_rng(0)
        times = np.arange(300) / RATE
        step = np.where(times < 5, 0.0, 1.0)
        noisy = FaceTable({"time": times, "AU12": step + rng.normal(0, 0.02, 300)})
        slow, quick = (one_euro(noisy, 0.3, beta)["AU12"] for beta in (0.0, 3.0))
        still = slice(60, 150)
        assert quick[still].std() < 0.5 * noisy["AU12"][still].std()
        assert abs(quick[155] - 1) < abs(slow[155] - 1)

    def test_faces_go_by_their_track(self):
        table = make_table(frames=9)
        live, alone = OneEuroFilter(), OneEuroFilter()
        for frame, faces in table.groupby("frame"):
            done = live.faces(faces)
            assert list(done) == list(table)
            own = faces[faces["track"] == 0]
            if len(own):
                expected = alone(own.aus.iloc[0].to_numpy(float), frame / 29.97)
                got = done[done["track"] == 0].aus.iloc[0]
                np.testing.assert_allclose(got, expected, rtol=1e-5)
            else:
                assert done.aus.isna().all(axis=None)
        with pytest.raises(InputError, match="no column 'track'"):
            live.faces(table.drop(columns="track"))

    def test_errors(self):
        with pytest.raises(OptionError, match="min_cutoff"):
            OneEuroFilter(0)
        with pytest.raises(OptionError, match="beta"):
            OneEuroFilter(beta=-1)
        live = OneEuroFilter()
        live([1.0], 0.0)
        with pytest.raises(InputError, match="later than 0 s"):
            live([1.0], 0.0)
        with pytest.raises(InputError, match="shape"):
            live([1.0, 2.0], 1.0)
        live.reset()
        assert live([1.0, 2.0], 0.0).tolist() == [1, 2]
