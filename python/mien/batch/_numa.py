"""NUMA machines, whose memory lies at several nodes: each job stays on one node's cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from mien.engine import Engine

__all__ = ["NodeEngines", "node_engines", "usable_nodes"]


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
    """Numbers of a list as the kernel writes it: ``0-3,8``."""
    cores: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        cores |= set(range(int(first), int(last or first) + 1))
    return cores


class NodeEngines:
    """The engine for each job thread: the run's own, or that of the node that the thread is pinned
    to.

    A node's engine is the run's in all but its threads, one for each of the node's cores. The first
    thread of the node makes it, so that its threads and weights are there. Rows are the same.

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

    def pin_thread(self) -> None:
        """Called by every job thread when it begins: pins it to the next node, in turn."""
        if not self._nodes:
            return
        with self._lock:
            self._here.node = next(self._next)
        os.sched_setaffinity(0, self._nodes[self._here.node])  # this thread, and those it starts

    @property
    def engine(self) -> Engine:
        """The engine for the calling thread."""
        node: int | None = getattr(self._here, "node", None)
        if node is None:
            return self._engine
        with self._lock:
            if node not in self._made:
                self._made[node] = _engine_here(self._engine)
            return self._made[node]


def node_engines(engine: Engine, jobs: int, tasks: int) -> NodeEngines:
    """Engines for so many jobs and tasks: nodes count only where every one gets some, on a CPU, and
    unless the caller has said how many threads there are to be.
    """
    nodes = usable_nodes()
    fits = 1 < len(nodes) <= min(jobs, tasks)
    all_cores = engine.options["threads"] == sum(map(len, nodes))
    use = fits and all_cores and engine.provider == "cpu"
    return NodeEngines(engine, nodes if use else [])


def _engine_here(engine: Engine) -> Engine:
    """The same engine for the cores that this thread may use."""
    return Engine(engine.pack, options=replace(engine._loaded.given, threads=None))
