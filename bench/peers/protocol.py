"""The worker's side: a program that analyses clips on demand, a JSON line a question and an answer.

It uses only the standard library, so that a peer can run in an environment of its own. Questions
are objects with `clip` (a path) and `options`. The answer has the number of frames, of frames with
a face (`found`) and of faces, and the time: `seconds` of the wall clock, `core_seconds` over all
threads of the process. Equal results have equal `digest`, from workers that return them.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "@bench "
"""Begins every line of an answer; a library may print others."""


@dataclass
class Count:
    """Frames and faces of a run."""

    frames: int = 0
    found: int = 0
    faces: int = 0
    numbers: bytes = b""

    def add(self, faces: int) -> None:
        """Count one more frame with this number of faces."""
        self.frames += 1
        self.found += faces > 0
        self.faces += faces


class Stopwatch:
    """Seconds between `start` and `stop`, summed: a peer may measure only a part of its work."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.core_seconds = 0.0
        self.start()

    def start(self) -> None:
        """Measure from now on."""
        self._begin = time.perf_counter()
        self._core_begin = time.process_time()

    def stop(self) -> None:
        """Add the time since `start`."""
        self.seconds += time.perf_counter() - self._begin
        self.core_seconds += time.process_time() - self._core_begin
        self.start()


Run = Callable[[str, dict[str, Any]], Count]


def serve(about: dict[str, Any], run: Run) -> None:
    """Send `about`, then answer questions until the input ends."""

    def run_timed(clip: str, options: dict[str, Any]) -> tuple[Count, Stopwatch]:
        """Measure the whole run."""
        watch = Stopwatch()
        count = run(clip, options)
        watch.stop()
        return count, watch

    serve_timed(about, run_timed)


def serve_timed(
    about: dict[str, Any], run: Callable[[str, dict[str, Any]], tuple[Count, Stopwatch]]
) -> None:
    """As `serve`, for a peer that measures its own time."""
    _send(about)
    for line in sys.stdin:
        question = json.loads(line)
        count, watch = run(question["clip"], question["options"])
        _send(
            {
                "frames": count.frames,
                "found": count.found,
                "faces": count.faces,
                "seconds": watch.seconds,
                "core_seconds": watch.core_seconds,
                "digest": hashlib.sha256(count.numbers).hexdigest() if count.numbers else None,
                "peak_mb": peak_mb(),
            }
        )


def peak_mb() -> float:
    """Peak memory of this process, MiB (2^20 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held when it started this process
        kib = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kib.split()[1]) / 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def _send(answer: dict[str, Any]) -> None:
    print(MARK + json.dumps(answer), flush=True)
