"""Times of frames that the caller holds: units, order, and steps of a second and more."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import mien
from mien._engine.timestamps import LiveClock, seconds_of
from mien.errors import OptionError


@pytest.mark.parametrize(
    "times",
    [
        [0, 0.5],
        np.array([0, 500], "timedelta64[ms]"),
        [timedelta(0), timedelta(seconds=0.5)],
        pd.to_timedelta([0, 500], unit="ms"),
        pd.Series(pd.to_timedelta([0, 500], unit="ms")),
    ],
    ids=["seconds", "numpy", "datetime", "index", "series"],
)
def test_durations_are_converted(times):
    np.testing.assert_array_equal(seconds_of(times, "times"), [0, 0.5])


@pytest.mark.parametrize(
    "times",
    [
        np.array(["2024-01-01", "2024-01-02"], "datetime64[s]"),
        [datetime(2024, 1, 1), datetime(2024, 1, 2)],
        pd.date_range("2024-01-01", periods=2, tz="UTC"),
        ["0", "1"],
        [True, False],
        [None, object()],
    ],
    ids=["numpy", "datetime", "zoned", "text", "truth", "objects"],
)
def test_anything_else_is_an_error(times):
    with pytest.raises(OptionError, match="times: wanted seconds"):
        seconds_of(times, "times")


class TestLiveClock:
    def test_times_rise(self):
        clock = LiveClock()
        for time in (0, 0.5, float("nan"), timedelta(seconds=1)):
            clock.passed(clock.read(time))
        for time in (1, 0.9, float("inf"), timedelta(seconds=0.1)):
            with pytest.raises(OptionError, match="time: wanted"):
                clock.read(time)

    def test_the_engine_refuses_them_and_goes_on(self, portrait):
        engine = mien.Engine(device="cpu", threads=1)
        engine.analyze_frame(portrait, 1.0)
        with pytest.raises(OptionError, match="rise from frame to frame"):
            engine.analyze_frame(portrait, 1.0)
        assert engine.analyze_frame(portrait, 1.5)["frame"].item() == 1
        engine.reset()
        assert engine.analyze_frame(portrait, 0.0)["frame"].item() == 0


@pytest.mark.parametrize("fps", [24, None])
def test_steps_of_a_second_keep_the_track(engine, portrait, fps):
    frames = np.broadcast_to(portrait, (960, *portrait.shape))
    table = engine.analyze(frames, fps=fps, every=48)
    assert len(table) == 20
    assert set(table["track"]) == {0}


def test_times_as_durations(engine, portrait):
    frames = np.broadcast_to(portrait, (2, *portrait.shape))
    table = engine.analyze(frames, times=np.array([0, 33], "timedelta64[ms]"))
    np.testing.assert_allclose(table["time"], [0, 0.033])
