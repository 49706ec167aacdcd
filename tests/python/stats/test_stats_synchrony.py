"""Windowed cross-correlation: against np.corrcoef window by window, and lags that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from mien import FaceTable, InputError, OptionError
from mien.stats import synchrony

RATE = 25.0


def course(seconds: float = 40, seed: int = 0, units: int = 2) -> np.ndarray:
    """Smooth random courses, (rows, units)."""
    noise = np.random.default_rng(seed).normal(size=(round(seconds * RATE), units))
    return ndimage.gaussian_filter1d(noise, 5, axis=0)


def face(values: np.ndarray, start: float = 0.0, rate: float = RATE) -> FaceTable:
    columns = [f"AU{i + 12}" for i in range(values.shape[1])]
    table = FaceTable(values, columns=columns)
    table.insert(0, "time", start + np.arange(len(values)) / rate)
    return table


def test_is_numpys_window_by_window():
    x, y = course(seed=1), course(seed=2)
    found = face(x, 3.0).synchrony(face(y, 3.0), window=2.0, max_lag=0.6, step=1.0)
    assert found.correlations.shape == (2, len(found.times), 31)
    np.testing.assert_allclose(found.lags, np.arange(-15, 16) / RATE)
    for window in (0, 7, len(found.times) - 1):
        start = window * 25
        assert found.times[window] == pytest.approx(3.0 + (start + 24.5) / RATE)
        for place, lag in enumerate(range(-15, 16)):
            at_x, at_y = start + max(0, -lag), start + max(0, lag)
            for unit in range(2):
                expected = np.corrcoef(x[at_x : at_x + 50, unit], y[at_y : at_y + 50, unit])[0, 1]
                assert found.correlations[unit, window, place] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("lag", [-0.6, 0.0, 0.2, 1.0])
def test_known_lag_in_seconds(lag):
    """The second face does the same `lag` seconds later."""
    values = course()
    found = face(values).synchrony(face(values, lag), window=4.0, max_lag=1.5)
    assert found.summary["best_lag"].to_numpy() == pytest.approx(lag, abs=1e-9)
    assert (found.summary["best_r"] > 0.999).all()
    if abs(lag) < 0.5:  # beyond, chance peaks are nearer to 0
        assert found.peaks["lag"].dropna().to_numpy() == pytest.approx(lag)
        assert found.summary["lag"].to_numpy() == pytest.approx(lag, abs=1e-9)
        assert (found.summary["r"] > 0.999).all()
        assert (found.summary["first_leads"] == (0.5 if lag == 0 else lag > 0)).all()


def test_lag_is_by_time_not_by_rows():
    """Two cameras of other rates, one of them dropping frames."""
    rng = np.random.default_rng(0)
    slow = np.arange(0, 60, 1 / 24.0)
    fast = np.delete(np.arange(0, 60, 1 / 50.0), rng.choice(2900, 300, replace=False))
    grid = np.linspace(-2, 62, 6400)
    smooth = ndimage.gaussian_filter1d(rng.normal(size=6400), 30)
    first = FaceTable({"time": slow, "AU12": np.interp(slow, grid, smooth)})
    second = FaceTable({"time": fast, "AU12": np.interp(fast - 0.7, grid, smooth)})
    found = synchrony(first, second, "AU12", window=6, max_lag=2)
    assert found.summary["best_lag"].item() == pytest.approx(0.7, abs=0.02)
    assert np.diff(found.lags) == pytest.approx(1 / 50)


def test_exchange_changes_the_sign_of_the_lag_alone():
    x, y = face(course(seed=1)), face(0.5 * course(seed=1) + course(seed=2), 0.3)
    one, two = synchrony(x, y), synchrony(y, x)
    np.testing.assert_allclose(one.correlations, two.correlations[:, :, ::-1], atol=1e-10)
    np.testing.assert_allclose(one.peaks["lag"], -two.peaks["lag"])


def test_gaps_stay_gaps():
    values = course()
    holed = values.copy()
    holed[200:400] = np.nan
    found = face(values).synchrony(face(holed), window=2, max_lag=0.4, step=0.4, coverage=1.0)
    inside = (found.times > 8 + 1.6) & (found.times < 16 - 1.6)
    outside = (found.times < 8 - 1.6) | (found.times > 16 + 1.6)
    assert np.isnan(found.correlations[:, inside]).all()
    assert np.isfinite(found.correlations[:, outside]).all()
    assert found.peaks["lag"].isna().sum() >= 2 * inside.sum()
    assert (found.summary["peaks"] < found.summary["windows"]).all()
    dropped = FaceTable(face(holed).dropna())  # the same as rows left out
    again = face(values).synchrony(dropped, window=2, max_lag=0.4, step=0.4, coverage=1.0)
    np.testing.assert_allclose(again.correlations, found.correlations, atol=1e-9)


def test_peak_is_the_nearest_to_lag_zero():
    """A rhythm of 1 Hz peaks at each second of lag; Boker et al. take the nearest."""
    time = np.arange(0, 30, 1 / RATE)
    wave = np.sin(2 * np.pi * time)[:, None]
    found = face(wave).synchrony(face(wave, 0.2), window=4, max_lag=2.0)
    assert found.peaks["lag"].to_numpy() == pytest.approx(0.2)


def test_surrogates_tell_synchrony_from_chance():
    x = course(80, seed=1, units=1)
    together = np.hstack([x + 0.3 * course(80, seed=3, units=1), course(80, seed=4, units=1)])
    found = face(np.hstack([x, x])).synchrony(face(together), surrogates=39)
    assert found.summary["p"].iloc[0] == pytest.approx(1 / 40)
    assert found.summary["p"].iloc[1] > 0.05
    assert (found.summary["p_corrected"] >= found.summary["p"]).all()


def test_constant_faces_have_no_peak():
    found = face(np.full((500, 1), 0.1)).synchrony(face(course(20, units=1)))
    assert np.isnan(found.correlations).all()
    assert found.summary[["best_lag", "best_r", "r", "lag", "first_leads"]].isna().all(axis=None)
    assert found.summary["peaks"].item() == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"columns": "AU99"}, InputError, "AU99"),
        ({"window": 39, "max_lag": 3}, InputError, "they share"),
        ({"window": 0}, OptionError, "window"),
        ({"window": 0.05}, OptionError, "less than 3 steps"),
        ({"step": 0.001}, OptionError, "step"),
        ({"coverage": 0}, OptionError, "coverage"),
        ({"peak": 3.0}, OptionError, "peak"),
        ({"surrogates": -1}, OptionError, "surrogates"),
        ({"surrogates": 5, "window": 20}, InputError, "surrogates"),
        ({"rate": -1}, OptionError, "rate"),
    ],
)
def test_bad_input_says_what_to_do(options, error, message):
    table = face(course())
    with pytest.raises(error, match=message):
        synchrony(table, table, **options)


def test_tables_that_are_not_one_face_in_time():
    table = face(course())
    with pytest.raises(InputError, match="no column 'AU13'"):
        table.synchrony(table[["time", "AU12"]])
    with pytest.raises(InputError, match="no column 'time'"):
        table.synchrony(table[["AU12", "AU13"]])
    with pytest.raises(InputError, match="doesn't rise"):
        table.synchrony(FaceTable(pd.concat([table, table])))
    with pytest.raises(InputError, match="two rows"):
        table.synchrony(table.head(1))
