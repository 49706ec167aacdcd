"""What a GPU gets done: video files side by side, file to rows, and the device's own steps by
themselves.
"""

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
    """Frames a second of 1920x1080 H.264, one or more files at a time, and what `mien_device_bench`
    finds.

    Returns
    -------
    dict
        `devices`; `frames_per_second`, by mode and number of files: median, least and greatest over
        the rounds; `provider`; `core`. Or `skipped`, by name, why there is nothing.
    """
    use_runtime_library()
    runtime = _core.runtime_info()
    if _core.build_info()["cuda_is_emulated"] or not _core.cuda_devices():
        return {
            "skipped": {"gpu": "no CUDA device answers, or the build is without its CUDA parts"}
        }
    if "cuda" not in runtime["providers"]:
        return {
            "skipped": {
                "gpu": f"{runtime['path']} was built without CUDA: pip install onnxruntime-gpu"
            }
        }
    clip = clips.one(1920, 1080)
    engine = mien.Engine(device="cuda")
    rates: dict[str, dict[str, Any]] = {}
    for mode in MODES:
        _together(engine, clip, mode, 1)  # warm up: kernels are loaded, algorithms chosen
        for streams in STREAMS:
            turns = [_together(engine, clip, mode, streams) for _ in range(rounds)]
            rates[f"{mode}, {streams} at a time"] = {
                "median": round(statistics.median(turns), 1),
                "least": round(min(turns), 1),
                "greatest": round(max(turns), 1),
            }
    return {
        "devices": _core.cuda_devices(),
        "provider": engine.provider,
        "options": engine.options,
        "frames_per_second": rates,
        "core": _core_steps(engine.pack),
    }


def _together(engine: mien.Engine, clip: Clip, mode: str, streams: int) -> float:
    """Frames a second of the same clip, so many times side by side in one engine."""

    def rows(_: int) -> int:
        return sum(part.frame.nunique() for part in engine.stream(clip.path, detect=mode))

    begin = time.perf_counter()
    with ThreadPoolExecutor(streams) as pool:
        frames = list(pool.map(rows, range(streams)))
    took = time.perf_counter() - begin
    if set(frames) != {clip.frames}:
        raise ValueError(f"wanted {clip.frames} frames of each, got {frames}")
    return sum(frames) / took


def _core_steps(pack: mien.Pack) -> Any:
    if not CORE.exists():
        return "skipped: no mien_device_bench; cmake --preset release && cmake --build --preset release"
    command = [CORE, pack.localization, pack.behaviour]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
