"""A process that reads inputs under limits of time and memory, and says how each ended.

A crash or a hang ends the process, never the campaign: the next input gets a new one.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import subprocess
import sys
from pathlib import Path
from typing import IO, NamedTuple

__all__ = ["MEMORY", "TIMEOUT", "Outcome", "Worker"]

TIMEOUT = 20.0
"""Seconds that an input may take."""
MEMORY = 2 << 30
"""Bytes that a worker may hold."""

ROOT = Path(__file__).resolve().parents[1]


class Outcome(NamedTuple):
    """How an input ended: ``read``, ``typed``, ``untyped``, ``crash``, ``hang``, ``memory``."""

    kind: str
    message: str = ""


class Worker:
    """A process that reads with the functions of a target's module.

    Parameters
    ----------
    target : str
        Name of a module with ``read(reader, path)``.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:  # noqa: PYI034 (Self is 3.11's)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self, reader: str, path: Path) -> Outcome:
        """Read a file in the process."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([reader, str(path)]).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], TIMEOUT)
        if not ready:
            self._end()
            return Outcome("hang", f"more than {TIMEOUT:g} s")
        line = process.stdout.readline()
        if not line:
            status = process.wait()
            self._end()
            return Outcome("crash", f"exit status {status}")
        return Outcome(*json.loads(line))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fuzz.worker", self._target],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
            )
            assert self._process.stdout is not None
            self._process.stdout.readline()  # imports are done
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _outcome(read: object, reader: str, path: Path) -> Outcome:
    from mien.errors import MienError

    try:
        read(reader, path)  # type: ignore[operator]
    except MienError as error:
        return Outcome("typed", f"{type(error).__name__}: {error}"[:300])
    except MemoryError as error:
        return Outcome("memory", repr(error)[:300])
    except BaseException as error:  # noqa: BLE001 (whatever it is: that is what is counted)
        return Outcome("untyped", f"{type(error).__name__}: {error}"[:300])
    return Outcome("read")


def _serve(target: str, answers: IO[str]) -> None:
    """Read what the lines of stdin name, until they end."""
    read = importlib.import_module(target).read
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        reader, path = json.loads(line)
        outcome = _outcome(read, reader, Path(path))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        if peak > MEMORY:
            outcome = Outcome("memory", f"{peak >> 20} MiB")
        print(json.dumps(outcome), file=answers, flush=True)


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    _serve(sys.argv[1], out)
