"""How long one frame in memory takes, by itself: percentiles of `Engine.analyze_frame`, frame to table."""

from __future__ import annotations

import time
from typing import Any

import av
import numpy as np

import mien
from bench.clips import Clip


def latency(clip: Clip, rounds: int) -> dict[str, Any]:
    """Milliseconds from an RGB array to its table, over every frame of the short clip, several times.

    Returns
    -------
    dict
        `median`, `p90`, `p99`, `most` over all calls, and `round_medians`.
    """
    with av.open(str(clip.short)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    engine = mien.Engine()
    _round(engine, frames)
    turns = [_round(engine, frames) for _ in range(rounds)]
    calls = np.concatenate(turns)
    percentiles = {"median": 50, "p90": 90, "p99": 99, "most": 100}
    return {
        "clip": clip.about,
        "calls": len(calls),
        **{name: round(float(np.percentile(calls, p)), 3) for name, p in percentiles.items()},
        "round_medians": [round(float(np.median(turn)), 3) for turn in turns],
    }


def _round(engine: mien.Engine, frames: list[Any], times: int = 5) -> np.ndarray:
    engine.reset()
    took = []
    for number in range(times):
        for i, frame in enumerate(frames):
            begin = time.perf_counter()
            engine.analyze_frame(frame, (number * len(frames) + i) / 30)
            took.append(1000 * (time.perf_counter() - begin))
    return np.array(took)
