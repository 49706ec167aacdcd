"""Command line: ``python -m fuzz tables 60``."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from fuzz.campaign import run_campaign

TARGETS = ("media", "tables")


def main() -> int:
    """Run a target, print its counts, and fail where an input did what none may do."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("seconds", type=float, nargs="?", default=60)
    parser.add_argument("--count", type=int, help="so many mutations, however long they take")
    parser.add_argument("--seed", type=int, default=0, help="of the first mutation")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", help="folder for the inputs of the findings")
    options = parser.parse_args()
    target = importlib.import_module(f"fuzz.{options.target}")
    begin = time.monotonic()
    result = run_campaign(
        target,
        seconds=None if options.count else options.seconds,
        count=options.count,
        first=options.seed,
        workers=options.workers,
        keep=options.keep,
    )
    print(f"{options.target}: {result.total} mutations in {time.monotonic() - begin:.0f} s")
    print(result.summary())
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
