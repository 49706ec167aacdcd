"""Machines whose memory lies in several places (NUMA nodes): each job of a run stays on the cores
of one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from mien.engine import Engine

__all__ = ["Homes", "homes", "usable_nodes"]


ROOT = Path("/sys/devices/system/node")


def usable_nodes(root: Path | None = None) -> list[set[int]]:
    """Cores of each node that this process may use; nothing where the system doesn't tell."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    mine = os.sched_getaffinity(0)
    lists = sorted((root or ROOT).glob("node[0-9]*/cpulist"), key=lambda path: path.parent.name)
    nodes = [_cores(path.read_text()) & mine for path in lists]
    return [cores for cores in nodes if cores]


def _cores(text: str) -> set[int]:
    """Of a list as the kernel writes it: ``0-3,8``."""
    cores: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        cores |= set(range(int(first), int(last or first) + 1))
    return cores


class Homes:
    """Which engine does a job thread's work: the run's own, or that of the node on which the thread
    stays.

    A node's engine is the run's in all but its threads, one for each of the node's cores; they and
    its weights are where the thread that makes it is. Rows are the same.

    Parameters
    ----------
    engine : Engine
        The run's.
    nodes : sequence of set of int
        Cores of each node; without any, every thread works for the run's engine wherever the system
        puts it.
    """

    def __init__(self, engine: Engine, nodes: Sequence[set[int]]) -> None:
        self._engine = engine
        self._nodes = nodes
        self._next = cycle(range(len(nodes)))
        self._made: dict[int, Engine] = {}
        self._lock = threading.Lock()
        self._here = threading.local()

    def settle(self) -> None:
        """Called by every job thread when it begins: it stays on the next node, in turn."""
        if not self._nodes:
            return
        with self._lock:
            self._here.node = next(self._next)
        os.sched_setaffinity(0, self._nodes[self._here.node])  # this thread, and those it starts

    @property
    def engine(self) -> Engine:
        """The calling thread's."""
        node: int | None = getattr(self._here, "node", None)
        if node is None:
            return self._engine
        with self._lock:
            if node not in self._made:
                self._made[node] = _twin(self._engine)
            return self._made[node]


def homes(engine: Engine, jobs: int, tasks: int) -> Homes:
    """Homes for so many jobs and tasks: nodes only where every one gets some, on processors, and
    unless the caller has said how many threads there are to be.
    """
    nodes = usable_nodes()
    fits = 1 < len(nodes) <= min(jobs, tasks)
    all_cores = engine.options["threads"] == sum(map(len, nodes))
    return Homes(engine, nodes if fits and all_cores and engine.provider == "cpu" else [])


def _twin(engine: Engine) -> Engine:
    """The same engine for the cores that this thread may use."""
    options = engine.options
    return Engine(
        engine.pack,
        **{**options, "threads": None, "decoder_threads": options["decoder_threads"] or None},
    )
