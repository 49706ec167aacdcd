"""A run in a process of its own, for faults that end processes; see `Work.child`."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import mien
from bench.torture.work import run_batch
from mien.errors import MienError

__all__ = ["main"]


def main() -> int:
    """Run what the first argument says; errors go to stdout, one a line."""
    task = json.loads(sys.argv[1])
    engine = mien.Engine(device="cpu", threads=2)
    print("ready", flush=True)
    sys.stdin.readline()
    if task["memory"] is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + task["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    inputs = [Path(path) for path in task["inputs"]]
    try:
        errors = run_batch(engine, inputs, Path(task["output"]), resume=True)
    except MienError as error:
        errors = [str(error)]
    print(*(error.replace("\n", " ") for error in errors), sep="\n", end="")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
