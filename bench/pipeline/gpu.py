"""Throughput of a GPU: video files in parallel, file to rows, and the device's steps alone."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mien
from bench.clips import Clip, Clips
from mien import _core
from mien._engine.runtime_library import use_runtime_library

STREAMS = (1, 2, 4, 8)
MODES = ("track", "every")
CORE = Path(__file__).parents[2] / "build" / "release" / "mien_device_bench"


def gpu(clips: Clips, rounds: int) -> dict[str, Any]:
    """Frames a second of 1920x1080 H.264, one or more files at a time, and the device's steps.

    Returns
    -------
    dict
        `devices`; `frames_per_second`, by mode and number of files: median, least and greatest over
        the rounds; `provider`; `core`. Or `skipped`, by name, why there is nothing.
    """
    use_runtime_library()
    if obstacle := _obstacle():
        return {"skipped": {"gpu": obstacle}}
    clip = clips.one(1920, 1080)
    engine = mien.Engine(device="cuda")
    return {
        "devices": _core.cuda_devices(),
        "provider": engine.provider,
        "options": engine.options,
        "frames_per_second": _rates(engine, clip, rounds),
        "core": _core_steps(engine.pack),
    }


def _obstacle() -> str:
    """Why nothing can be measured here; empty if it can."""
    if _core.build_info()["cuda_is_emulated"] or not _core.cuda_devices():
        return "no CUDA device answers, or the build is without its CUDA parts"
    runtime = _core.runtime_info()
    if "cuda" not in runtime["providers"]:
        return f"{runtime['path']} was built without CUDA: pip install onnxruntime-gpu"
    return ""


def _rates(engine: mien.Engine, clip: Clip, rounds: int) -> dict[str, dict[str, float]]:
    """Frames a second by mode and number of files: median, least and greatest."""
    rates: dict[str, dict[str, float]] = {}
    for mode in MODES:
        _parallel_rate(engine, clip, mode, 1)  # warm up: kernels are loaded, algorithms chosen
        for streams in STREAMS:
            turns = [_parallel_rate(engine, clip, mode, streams) for _ in range(rounds)]
            rates[f"{mode}, {streams} at a time"] = {
                "median": round(statistics.median(turns), 1),
                "least": round(min(turns), 1),
                "greatest": round(max(turns), 1),
            }
    return rates


def _parallel_rate(engine: mien.Engine, clip: Clip, mode: str, streams: int) -> float:
    """Frames a second of `streams` analyses of the same clip in parallel in one engine."""

    def count_frames(_: int) -> int:
        """Frames of one analysis."""
        return sum(part.frame.nunique() for part in engine.stream(clip.path, detect=mode))

    begin = time.perf_counter()
    with ThreadPoolExecutor(streams) as pool:
        frames = list(pool.map(count_frames, range(streams)))
    took = time.perf_counter() - begin
    if set(frames) != {clip.frames}:
        raise ValueError(f"wanted {clip.frames} frames of each, got {frames}")
    return sum(frames) / took


def _core_steps(pack: mien.Pack) -> Any:
    if not CORE.exists():
        return (
            "skipped: no mien_device_bench; "
            "cmake --preset release && cmake --build --preset release"
        )
    command = [CORE, pack.detector, pack.behaviour]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
