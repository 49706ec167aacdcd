"""A campaign: mutations made here, read in worker processes, outcomes counted by kind."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from fuzz.worker import Outcome, Worker

__all__ = ["Case", "Result", "Target", "run_campaign"]


@dataclass(frozen=True)
class Case:
    """A mutated input: files to be written, and the one that is read.

    Attributes
    ----------
    name : str
        Seed and mutation, for the report.
    reader : str
        Which of the target's readers takes it.
    files : dict of str to bytes
        By name; the first is read.
    """

    name: str
    reader: str
    files: dict[str, bytes]


class Target(Protocol):
    """What a module of a target has."""

    __name__: str

    def case(self, number: int) -> Case:
        """Mutation of that number, of which there is one for each number from 0 on."""


@dataclass
class Result:
    """Counts of a campaign.

    Attributes
    ----------
    kinds : Counter
        Outcomes by kind: ``read``, ``typed``, ``untyped``, ``crash``, ``hang``, ``memory``.
    findings : list of (str, str)
        Case and message of each that is neither ``read`` nor ``typed``.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    by_reader: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many inputs were read."""
        return sum(self.kinds.values())

    def add(self, case: Case, outcome: Outcome) -> bool:
        """Count an outcome; True for a finding."""
        self.kinds[outcome.kind] += 1
        self.by_reader[case.reader, outcome.kind] += 1
        if outcome.kind in ("read", "typed"):
            return False
        self.findings.append((f"{outcome.kind}: {case.name}", outcome.message))
        return True

    def summary(self) -> str:
        """Counts by kind and reader, then each kind of finding with its first case."""
        lines = ["  ".join(f"{kind} {n}" for kind, n in sorted(self.kinds.items()))]
        for reader in sorted({reader for reader, _ in self.by_reader}):
            counts = {k: n for (r, k), n in sorted(self.by_reader.items()) if r == reader}
            lines.append(f"  {reader}: " + ", ".join(f"{k} {n}" for k, n in counts.items()))
        shown = {message[:60]: (case, message) for case, message in reversed(self.findings)}
        lines += [f"  {case}: {message[:200]}" for case, message in list(shown.values())[:60]]
        return "\n".join(lines)


def run_campaign(
    target: Any,
    *,
    seconds: float | None = None,
    count: int | None = None,
    first: int = 0,
    workers: int = 2,
    keep: str | Path | None = None,
) -> Result:
    """Read mutations for so many seconds, or so many of them.

    Parameters
    ----------
    target : module
        See `Target`.
    seconds, count : optional
        When to end.
    first : int
        Number of the first mutation.
    workers : int
        Processes at a time.
    keep : path, optional
        Folder for the files of the findings.
    """
    numbers = itertools.count(first) if count is None else range(first, first + count)
    end = None if seconds is None else time.monotonic() + seconds
    result, lock, source = Result(), Lock(), map(target.case, numbers)

    def take() -> Case | None:
        with lock:
            late = end is not None and time.monotonic() > end
            return None if late else next(source, None)

    def work(folder: Path) -> None:
        with Worker(target.__name__) as worker:
            while (case := take()) is not None:
                outcome = _read(worker, case, folder)
                with lock:
                    found = result.add(case, outcome)
                    number = len(result.findings)
                if found and keep is not None:
                    shutil.copytree(folder, Path(keep) / f"{number:04d}", dirs_exist_ok=True)

    with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(workers) as pool:
        folders = [Path(root) / str(i) for i in range(workers)]
        for done in [pool.submit(work, folder) for folder in folders]:
            done.result()
    return result


def _read(worker: Worker, case: Case, folder: Path) -> Outcome:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
    return worker.read(case.reader, folder / next(iter(case.files)))
