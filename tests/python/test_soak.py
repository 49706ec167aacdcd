"""The arithmetic of `bench.soak`, on samples made by hand: never of this machine's memory."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.soak.__main__ import soak
from bench.soak.trend import FEWEST, Sample, find_trend
from bench.soak.work import take_sample

WARM_UP = 900.0
HOURS = 4.0


def series(slope: float, noise: float = 0.5, count: int = 1000, seed: int = 1) -> list[Sample]:
    """Four hours of a resident set that grows by `slope` MB/h, and by 300 MB in the warm-up."""
    rng = np.random.default_rng(seed)
    seconds = np.linspace(0, HOURS * 3600, count)
    resident = 400 + slope * seconds / 3600 + rng.normal(0, noise, count)
    resident -= 300 * np.exp(-seconds / 60)
    return [Sample(*pair, 10, 8) for pair in zip(seconds, resident, strict=True)]


@pytest.mark.parametrize("slope", [-2.0, 0.0, 0.5, 5.0])
def test_the_slope_is_found_within_its_uncertainty(slope):
    trend = find_trend(series(slope), WARM_UP)
    assert trend.lowest <= slope <= trend.highest
    assert trend.slope == pytest.approx(slope, abs=0.1)
    assert trend.highest - trend.lowest < 0.3
    assert (trend.handles, trend.threads) == (0, 0)


def test_growth_of_more_than_a_megabyte_an_hour_is_a_fault():
    assert find_trend(series(0.8), WARM_UP).faults == []
    (fault,) = find_trend(series(1.5), WARM_UP).faults
    assert fault.startswith("resident set: wanted at most 1 MB/h, got 1.5 (")


def test_a_slope_that_noise_explains_is_no_fault():
    trends = [find_trend(series(0.9, 60, 60, seed), WARM_UP) for seed in range(100)]
    assert sum(trend.lowest <= 0.9 <= trend.highest for trend in trends) >= 95
    assert sum(bool(trend.faults) for trend in trends) <= 3  # of an interval of 99 %


def test_moments_of_much_memory_do_not_bend_the_slope():
    samples = series(0.0)
    for at in range(200, 1000, 40):
        samples[at] = samples[at]._replace(resident=2000.0 + at)
    assert find_trend(samples, WARM_UP).slope == pytest.approx(0, abs=0.1)


def test_an_interval_is_no_narrower_for_samples_that_repeat_each_other():
    rng = np.random.default_rng(3)
    levels = np.repeat(rng.normal(400, 3, 24), 40)  # as an allocator's, which keep for minutes
    seconds = np.linspace(WARM_UP, WARM_UP + 600, len(levels))
    samples = [Sample(*pair, 10, 8) for pair in zip(seconds, levels, strict=True)]
    trend = find_trend(samples, WARM_UP)
    assert trend.highest - trend.lowest > 20
    assert trend.faults == []


def test_steps_between_long_levels_count():
    samples = series(0.0)
    stepped = [s._replace(resident=s.resident + 4 * int(s.seconds / 3600)) for s in samples]
    assert find_trend(stepped, WARM_UP).faults


@pytest.mark.parametrize("name", ["handles", "threads"])
def test_one_more_that_stays_is_a_fault(name):
    samples = series(0.0)
    before = getattr(samples[0], name)
    grown = [s._replace(**{name: before + (i > 600)}) for i, s in enumerate(samples)]
    (fault,) = find_trend(grown, WARM_UP).faults
    assert fault.endswith("wanted as many as at the beginning, got 1 more")
    brief = [s._replace(**{name: before + (i == 900)}) for i, s in enumerate(samples)]
    assert find_trend(brief, WARM_UP).faults == []


def test_too_few_samples_give_no_trend():
    with pytest.raises(ValueError, match=f"wanted at least {FEWEST}, got 3"):
        find_trend(series(0.0)[-3:], WARM_UP)


def test_work_is_done_until_there_are_samples_enough():
    rounds = []
    samples = soak(lambda: rounds.append(time.monotonic()), 0.05, 0.02)
    assert len(samples) == len(rounds)
    assert find_trend(samples, 0.02).samples >= FEWEST
    assert samples[-1].seconds >= 0.05


def test_a_sample_counts_files_and_threads(tmp_path):
    before = take_sample(time.monotonic())
    held = threading.Event()
    thread = threading.Thread(target=held.wait)
    thread.start()
    with (tmp_path / "file").open("w"):
        during = take_sample(time.monotonic())
    held.set()
    thread.join()
    assert (during.handles, during.threads) == (before.handles + 1, before.threads + 1)
    assert during.resident > 1
