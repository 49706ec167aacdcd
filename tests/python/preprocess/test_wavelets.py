"""Wavelets of known waves, against direct convolution and PyWavelets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import pywt
from preprocess_tables import RATE, VALUES

from mien import FaceTable, InputError, OptionError
from mien.preprocess import extract_wavelet, morlet
from mien.preprocess.temporal import movements

MODES = ("complex", "filtered", "phase", "magnitude", "power")


def wave(freq, amplitude=1.0, phase=0.0, seconds=40, offset=0.3):
    times = np.arange(int(seconds * RATE)) / RATE
    return FaceTable(
        {"time": times, "AU12": offset + amplitude * np.cos(2 * np.pi * freq * times + phase)}
    )


class TestMorlet:
    def test_a_wave_of_that_frequency_has_its_amplitude(self):
        for rate in (15.0, 30.0, 100.0):
            kernel = morlet(0.5, 3, rate)
            times = np.arange(-len(kernel) // 2 + 1, len(kernel) // 2 + 1) / rate
            assert abs(np.sum(kernel * np.cos(2 * np.pi * 0.5 * times))) == pytest.approx(
                1, rel=1e-3
            )

    def test_shape_is_pywavelets_complex_morlet(self):
        """cmorB-C has B = 2 s^2 at a centre frequency of 1."""
        spread = 5 / (2 * np.pi)
        psi, x = pywt.ContinuousWavelet(f"cmor{2 * spread**2}-1.0").wavefun(length=1001)
        ours = morlet(1.0, 5, 1 / (x[1] - x[0]))
        middle = len(ours) // 2
        inner = np.abs(x) < 3
        at = middle + np.rint(x[inner] * (1 / (x[1] - x[0]))).astype(int)
        np.testing.assert_allclose(
            ours[at] / np.abs(ours).max(), (psi / np.abs(psi).max())[inner], atol=2e-2
        )


class TestExtractWavelet:
    @pytest.mark.parametrize("mode", MODES)
    def test_of_a_known_wave(self, mode):
        table = wave(0.5, amplitude=0.4, phase=0.7)
        done = extract_wavelet(table, 0.5, mode=mode)
        assert list(done) == ["time", f"f0.5_{mode}_AU12"]
        got = done.iloc[450:750, 1].to_numpy()
        angle = 2 * np.pi * 0.5 * table["time"][450:750] + 0.7
        expected = {
            "complex": 0.4 * np.exp(1j * angle),
            "filtered": 0.4 * np.cos(angle),
            "phase": np.angle(np.exp(1j * angle)),
            "magnitude": np.full(300, 0.4),
            "power": np.full(300, 0.16),
        }[mode]
        if mode == "phase":
            got, expected = np.exp(1j * got), np.exp(1j * expected)
        np.testing.assert_allclose(got, expected, atol=5e-3)

    def test_equals_direct_convolution(self, whole):
        done = extract_wavelet(whole, 2.0, num_cyc=4, mode="magnitude")
        x = whole["AU12"].to_numpy(float)
        expected = np.abs(np.convolve(x - x.mean(), morlet(2.0, 4, RATE), mode="same"))
        np.testing.assert_allclose(done["f2.0_magnitude_AU12"], expected, atol=1e-6)

    def test_sessions_and_missing_rows(self, clips):
        done = extract_wavelet(clips, 1.0, mode="power")
        names = [f"f1.0_power_{name}" for name in VALUES]
        assert (done[names].isna().to_numpy() == clips[VALUES].isna().to_numpy()).all()
        part = clips[clips["input"] == "clip1.mp4"]
        alone = extract_wavelet(part.set_sessions(None), 1.0, mode="power")
        np.testing.assert_allclose(done.loc[part.index, names], alone[names], rtol=1e-5, atol=1e-7)
        assert list(done)[:5] == ["input", "frame", "time", "track", "status"]
        assert {"subject", "rating"} < set(done)
        assert (done["f1.0_power_AU12"].dtype, done.session_columns) == (np.float32, ["input"])
        # Rows that aren't there are rows that are missing.
        dropped = extract_wavelet(clips.dropna(subset=["AU12"]), 1.0, mode="power")
        pd.testing.assert_frame_equal(dropped, done.dropna(subset=names))

    def test_without_sessions(self, whole):
        """py-feat's raises AttributeError here."""
        assert len(whole.extract_wavelet(1.0)) == len(whole)

    def test_features_are_values(self, clips):
        means = clips.extract_wavelet(1.0, mode="power").extract_mean()
        assert "mean_f1.0_power_AU12" in means
        assert len(means) == 3

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"freq": 1, "mode": "real"}, "'real'"),
            ({"freq": 15}, "half the rate"),
            ({"freq": 0}, "positive"),
            ({"freq": 1, "num_cyc": 0}, "cycles"),
        ],
    )
    def test_options(self, clips, options, message):
        with pytest.raises(OptionError, match=message):
            clips.extract_wavelet(**options)

    def test_time_is_needed(self, clips):
        with pytest.raises(InputError, match="sampling_rate="):
            clips.drop(columns="time").extract_wavelet(1.0)


class TestBank:
    def test_is_the_single_ones(self, clips):
        bank = clips.extract_multi_wavelet(0.5, 2.0, 3, mode="power")
        for freq in (0.5, 1.0, 2.0):
            alone = clips.extract_wavelet(freq, mode="power")
            names = [n for n in alone if n.startswith("f") and "_power_" in n]
            pd.testing.assert_frame_equal(bank[names], alone[names])
        assert len(bank.columns) == len(clips.columns) + 2 * len(VALUES)

    def test_names_tell_close_frequencies_apart(self, whole):
        names = list(whole.extract_multi_wavelet(0.101, 0.104, 2, mode="power", columns="AU12"))
        assert names[-2:] == ["f0.101_power_AU12", "f0.104_power_AU12"]

    def test_options(self, whole):
        with pytest.raises(OptionError, match="more than min_freq"):
            whole.extract_multi_wavelet(1.0, 0.5)
        with pytest.raises(OptionError, match="1 frequency or more"):
            whole.extract_multi_wavelet(bank=0)


class TestBoft:
    def test_counts_the_movements_of_a_wave(self):
        done = wave(0.5, amplitude=0.5, seconds=60).extract_boft(0.25, 1.0, 3)
        assert list(done)[:3] == ["pos0_hz_1.0_AU12", "pos1_hz_1.0_AU12", "pos2_hz_1.0_AU12"]
        # Half a wave of amplitude a lasts a second and has the area a^2 / 2 = 0.125: the fifth bin.
        assert done["pos4_hz_0.5_AU12"][0] == pytest.approx(30, abs=2)
        assert done["neg4_hz_0.5_AU12"][0] == pytest.approx(30, abs=2)
        assert done.filter(like="_hz_0.5_").sum(axis=1)[0] <= 63

    def test_shape_of_the_default_bank(self, clips):
        """py-feat's raises ValueError for a bank of two or more."""
        done = clips.extract_boft(columns="aus")
        assert len(done) == 3
        assert len([n for n in done if "_hz_" in n]) == 2 * 8 * 12
        assert done["subject"].tolist() == ["s0", "s1", "s0"]

    def test_movements(self):
        signal = np.array([0.0, 1, 2, -1, np.nan, -1, -2, 3])
        place = np.arange(8)
        np.testing.assert_allclose(movements(signal, place, 2.0), [2.5, -0.5, -2.5, 4.5])
        np.testing.assert_allclose(movements(signal[[1, 2]], np.array([0, 5]), 1.0), [1, 4])
        assert movements(np.zeros(3), place[:3], 1.0).size == 0

    def test_a_signal_that_is_missing(self, clips):
        clips.loc[clips["input"] == "clip0.mp4", "AU12"] = np.nan
        done = clips.extract_boft(bank=2, columns="AU12").filter(like="_hz_")
        assert done.iloc[0].isna().all()
        assert done.iloc[1:].notna().all(axis=None)

    def test_edges(self, whole):
        with pytest.raises(OptionError, match="rising"):
            whole.extract_boft(edges=[1, 1])
        assert (
            len(
                whole.extract_boft(bank=1, edges=[0, 1, 2], columns="AU12")
                .filter(like="_hz_")
                .columns
            )
            == 4
        )


class TestDwt:
    def test_equals_pywavelets(self, whole):
        done = whole.extract_dwt("sym4", level=2)
        approximation, second, first = pywt.wavedec(whole["AU12"].to_numpy(float), "sym4", level=2)
        for name, coefficients in (("a2", approximation), ("d2", second), ("d1", first)):
            assert done[f"{name}_energy_AU12"][0] == pytest.approx(
                np.mean(coefficients**2), rel=1e-9
            )

    def test_missing_rows_need_filling(self, clips):
        assert clips.extract_dwt().filter(like="energy").isna().all(axis=None)
        filled = clips.fill_gaps().dropna(subset=VALUES)
        assert filled.extract_dwt().filter(like="energy").notna().all(axis=None)

    def test_errors(self, clips):
        with pytest.raises(OptionError, match="'morlet'"):
            clips.extract_dwt("morlet")
        with pytest.raises(OptionError, match="1 or more"):
            clips.extract_dwt(level=0)
        with pytest.raises(InputError, match="allow level 4 of db4, wanted 9"):
            clips.extract_dwt(level=9)
