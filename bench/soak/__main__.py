"""Command line; see `bench.soak`."""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mien
from bench.machine import machine
from bench.report import report
from bench.soak.trend import FEWEST, Sample, Trend, find_trend
from bench.soak.work import SoakWork, take_sample

__all__ = ["main", "soak"]

_WARM_UP = 0.4  # share of the time ...
_WARM_UP_RANGE = 60.0, 900.0  # ... within so many seconds
_LINES = 12  # of the table


def soak(work: Callable[[], None], seconds: float, warm_up: float) -> list[Sample]:
    """Do the work again and again, and sample after each round.

    Parameters
    ----------
    work : callable
    seconds, warm_up : float
        For how long, and how much of that no trend is told from; longer, where samples are too few.

    Returns
    -------
    list of Sample
    """
    begin = time.monotonic()
    samples: list[Sample] = []
    while not samples or samples[-1].seconds < seconds or _after(samples, warm_up) < FEWEST:
        work()
        gc.collect()  # what waits for the collector is no leak
        samples.append(take_sample(begin))
    return samples


def _warm_up(seconds: float) -> float:
    shortest, longest = _WARM_UP_RANGE
    return min(max(seconds * _WARM_UP, shortest), longest)


def _after(samples: Sequence[Sample], warm_up: float) -> int:
    return sum(sample.seconds >= warm_up for sample in samples)


def _print(samples: Sequence[Sample], trend: Trend) -> None:
    print(f"{'min':>8} {'MB':>9} {'handles':>8} {'threads':>8}")
    step = max(1, (len(samples) - 1) // (_LINES - 1))
    for at in sorted({*range(0, len(samples), step), len(samples) - 1}):
        one = samples[at]
        print(f"{one.seconds / 60:8.1f} {one.resident:9.1f} {one.handles:8} {one.threads:8}")
    print(
        f"{len(samples)} rounds, {trend.samples} after warm-up: {trend.slope:+.2f} MB/h "
        f"(99 %: {trend.lowest:+.2f} to {trend.highest:+.2f})"
    )


def main() -> int:
    """Run from the command line; 1 if something grew."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("hours", type=float)
    parser.add_argument("--threads", type=int)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    if not Path("/proc/self/statm").exists():
        parser.error("wanted Linux, whose /proc says what a process holds")
    seconds = options.hours * 3600
    warm_up = _warm_up(seconds)
    with tempfile.TemporaryDirectory() as folder:
        work = SoakWork(Path(folder), mien.Engine(threads=options.threads))
        samples = soak(work.round, seconds, warm_up)
    trend = find_trend(samples, warm_up)
    _print(samples, trend)
    if options.output:
        result: dict[str, Any] = {"machine": machine(), "mien": mien.__version__}
        report({**result, **trend._asdict(), "series": [list(s) for s in samples]}, options.output)
    for fault in trend.faults:
        print(f"grows: {fault}")
    return 1 if trend.faults else 0


if __name__ == "__main__":
    sys.exit(main())
