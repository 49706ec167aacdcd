"""Programs that analyse clips, each in a process of its own, with one protocol for all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clips import Clip
from bench.peers.protocol import MARK

ROOT = Path(__file__).parents[1]


class WorkerError(RuntimeError):
    """A worker that ended or didn't do its work; the message holds what it printed last."""


@dataclass(frozen=True)
class Contestant:
    """A program, its clip and its options.

    Attributes
    ----------
    name : str
    module : str
        The worker, below `bench.peers`.
    clip : Clip
    options : dict
        Sent to the worker with each run.
    python : str
        The interpreter that has the peer.
    pins : tuple of tuples of int
        One process for each, bound to these cores. Several share nothing and each analyse the whole
        clip at the same time. By default one process that may use every core.
    """

    name: str
    module: str
    clip: Clip
    options: dict[str, Any] = field(default_factory=dict)
    python: str = sys.executable
    pins: tuple[tuple[int, ...], ...] = ((),)


class Worker:
    """One process of a contestant, ready to analyse clips."""

    def __init__(self, contestant: Contestant, cores: tuple[int, ...]) -> None:
        self.contestant = contestant
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in close)
        self._process = subprocess.Popen(
            [
                contestant.python,
                *("-m", "bench.peers", contestant.module),
                *map(str, cores),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=_environment(contestant),
        )
        self.about = self.answer()

    def ask(self, clip: Path) -> None:
        """Start a run; `answer` waits for its end."""
        assert self._process.stdin is not None
        question = {"clip": str(clip), "options": self.contestant.options}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Result of the run; raises `WorkerError` if the process ended."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                answer: dict[str, Any] = json.loads(line.removeprefix(MARK))
                return answer
        self._process.wait()
        self._errors.seek(0)
        last = "".join(self._errors.readlines()[-20:])
        raise WorkerError(f"{self.contestant.name}: ended without an answer\n{last}")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._errors.close()


def _environment(contestant: Contestant) -> dict[str, str]:
    """This process's environment; without PYTHONPATH for another interpreter."""
    environment = {**os.environ, "GLOG_minloglevel": "2", "TF_CPP_MIN_LOG_LEVEL": "2"}
    if contestant.python != sys.executable:
        environment.pop("PYTHONPATH", None)
    return environment


def processes_per_core() -> tuple[tuple[int, ...], ...]:
    """Pins for one process a core."""
    return tuple((core,) for core in sorted(os.sched_getaffinity(0)))
