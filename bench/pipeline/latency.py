"""How long one frame in memory takes, by itself: percentiles of `Engine.analyze_frame`, frame to
table.
"""

from __future__ import annotations

import time
from typing import Any

import av
import numpy as np

import mien
from bench.clips import Clip
from bench.pipeline.grid import MODES


def latency(clip: Clip, rounds: int) -> dict[str, Any]:
    """Milliseconds from an RGB array to its table, over every frame of the short clip, several
    times; the modes in turn.

    Returns
    -------
    dict
        By mode of detection: `median`, `p90`, `p99`, `most` over all `calls`, and `round_medians`.
    """
    with av.open(str(clip.short)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    engine = mien.Engine()
    for mode in MODES:
        _round(engine, frames, mode)
    turns: dict[str, list[np.ndarray]] = {mode: [] for mode in MODES}
    for _ in range(rounds):
        for mode in MODES:
            turns[mode].append(_round(engine, frames, mode))
    return {mode: _summary(of_mode) for mode, of_mode in turns.items()}


def _round(engine: mien.Engine, frames: list[Any], mode: str, times: int = 5) -> np.ndarray:
    engine.reset()
    took = []
    for number in range(times):
        for i, frame in enumerate(frames):
            begin = time.perf_counter()
            engine.analyze_frame(frame, (number * len(frames) + i) / 30, detect=mode)
            took.append(1000 * (time.perf_counter() - begin))
    return np.array(took)


def _summary(turns: list[np.ndarray]) -> dict[str, Any]:
    calls = np.concatenate(turns)
    percentiles = {"median": 50, "p90": 90, "p99": 99, "most": 100}
    return {
        "calls": len(calls),
        **{name: round(float(np.percentile(calls, p)), 3) for name, p in percentiles.items()},
        "round_medians": [round(float(np.median(turn)), 3) for turn in turns],
    }
