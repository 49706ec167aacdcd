"""Faults by the hundred; see `bench.torture`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import mien
from bench.torture.faults import KINDS
from bench.torture.work import FORMS, Broken, Work

__all__ = ["main", "torture"]


def torture(work: Work, count: int, seed: int, kinds: list[str]) -> tuple[Counter[str], list[str]]:
    """Inject faults of these kinds in turn.

    Parameters
    ----------
    work : Work
    count : int
    seed : int
        Of the first; a fault's own seed is this and its number.
    kinds : list of str
        Of `KINDS`.

    Returns
    -------
    faults : Counter
        By kind.
    broken : list of str
        What went wrong, with what makes it again.
    """
    faults: Counter[str] = Counter()
    broken: list[str] = []
    for number in range(seed, seed + count):
        rng = random.Random(number)
        kind, form = kinds[number % len(kinds)], rng.choice(FORMS)
        begun, told = time.monotonic(), ""
        try:
            KINDS[kind](work, rng, form)
        except Broken as error:
            told = str(error)
        except Exception:  # noqa: BLE001 (whatever a run lets out is a finding)
            told = traceback.format_exc()
        faults[kind] += 1
        print(f"{number} {kind}, {form}: {time.monotonic() - begun:.1f} s", flush=True)
        if told:
            broken.append(f"{kind}, {form}, --seed {number}: {told}")
            print(f"BROKEN {broken[-1]}", flush=True)
    return faults, broken


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append", choices=list(KINDS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Work.make(Path(folder), mien.Engine(device="cpu", threads=2))
        kinds = options.kind or list(KINDS)
        faults, broken = torture(work, options.count, options.seed, kinds)
    print(", ".join(f"{kind} {count}" for kind, count in faults.items()))
    print(f"{sum(faults.values())} faults, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
