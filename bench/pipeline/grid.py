"""mien end to end along one axis at a time: size, codec, faces, threads, batch.

Each is measured with both modes of detection.
"""

from __future__ import annotations

from typing import Any

from bench.clips import CODECS, Clip, Clips
from bench.rounds import compete
from bench.workers import Contestant, processes_per_core

MODES = ("track", "every")


def pipeline(clips: Clips, rounds: int) -> dict[str, Any]:
    """A contest for each axis.

    Returns
    -------
    dict
        `axes`, by name, as `compete` returns them; `added_face`, by mode, what one more face costs.

    Raises
    ------
    ValueError
        Other threads or batch sizes gave other rows.
    """
    one = clips.one()
    sizes = [clips.one(*size) for size in ((640, 360), (1280, 720), (1920, 1080))]
    axes = {
        "size": [_entry(_size(clip), clip, m) for clip in sizes for m in MODES],
        "codec": [_entry(codec, clips.one(codec=codec), "track") for codec in CODECS],
        "faces": [_entry(str(n), clips.group(n), m) for n in (0, 1, 5) for m in MODES],
        "threads": [e for m in MODES for e in _threads(one, m)],
        "batch": [_entry(str(n), one, m, batch_size=n) for n in (1, 8, 32) for m in MODES],
    }
    contests = {name: compete(entries, rounds) for name, entries in axes.items()}
    for axis in ("threads", "batch"):
        _require_same_rows(axis, contests[axis])
    added = {mode: _added_face(contests["faces"]["contestants"], mode) for mode in MODES}
    return {"rounds": rounds, "axes": contests, "added_face": added}


def _size(clip: Clip) -> str:
    return f"{clip.about['width']}x{clip.about['height']}"


def _entry(label: str, clip: Clip, mode: str, **engine: Any) -> Contestant:
    return Contestant(
        f"{label}, {mode}", "mien_engine", clip, {"engine": engine, "analyze": {"detect": mode}}
    )


def _threads(clip: Clip, mode: str) -> list[Contestant]:
    """One thread bound to one core, decoding included; then every core."""
    cores = processes_per_core()
    options = {"engine": {"threads": 1}, "analyze": {"detect": mode}}
    alone = Contestant(f"1 thread on 1 core, {mode}", "mien_engine", clip, options, pins=cores[:1])
    entries = [alone]
    count = 2
    while count <= len(cores):
        entries.append(_entry(f"{count} threads", clip, mode, threads=count))
        count *= 2
    return entries


def _require_same_rows(axis: str, contest: dict[str, Any]) -> None:
    for mode in MODES:
        of_mode = [c for name, c in contest["contestants"].items() if name.endswith(mode)]
        if len({c["digest"] for c in of_mode}) > 1:
            raise ValueError(f"{axis}, {mode}: the rows differ")


def _added_face(contestants: dict[str, Any], mode: str) -> dict[str, float]:
    """Cost per frame of each face after the first: core milliseconds and wall milliseconds."""
    one, five = (contestants[f"{n}, {mode}"] for n in (1, 5))
    faces = five["faces_per_frame"] - one["faces_per_frame"]
    busy = five["core_ms_per_frame"] - one["core_ms_per_frame"]
    wait = 1000 / five["median_fps"] - 1000 / one["median_fps"]
    return {"core_ms": round(busy / faces, 3), "wall_ms": round(wait / faces, 3)}
