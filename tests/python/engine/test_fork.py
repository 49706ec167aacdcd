"""An engine in children of the process that made it: multiprocessing by fork, data loaders."""

from __future__ import annotations

import os

import pytest
from scripts import output_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

START = """
    import multiprocessing, os, sys, threading
    import numpy as np, mien
    from mien.demo import portrait
    image = portrait()[::2, ::2]
    frames = np.stack([image] * 12)
    engine = mien.Engine(device="cpu", threads=2)
    table = engine.analyze(frames)
    parts = engine.stream(frames, 4)
    next(parts)
    def end(pid):
        print("status", os.waitpid(pid, 0)[1], flush=True)
"""


def test_rows_of_a_child_are_those_of_its_parent():
    printed = output_of(
        START
        + """
    if (pid := os.fork()) == 0:
        same = engine.analyze(frames).equals(table)
        sys.exit(0 if same else 1)
    end(pid)
    print(engine.analyze(frames).equals(table), sum(len(part) for part in parts))
    """
    )
    assert printed.split() == ["status", "0", "True", "8"]


def test_a_child_may_end_at_once():
    assert (
        output_of(
            START
            + """
    if (pid := os.fork()) == 0:
        sys.exit(0)
    end(pid)
    """
        )
        == "status 0"
    )


def test_a_child_may_drop_what_it_inherited():
    assert (
        output_of(
            START
            + """
    if (pid := os.fork()) == 0:
        del parts, engine
        sys.exit(0)
    end(pid)
    """
        )
        == "status 0"
    )


def test_a_child_may_make_its_own_engine():
    assert (
        output_of(
            START
            + """
    if (pid := os.fork()) == 0:
        own = mien.Engine(device="cpu", threads=3)
        rest = own.stream(frames, 4)
        sys.exit(0 if len(next(rest)) == 4 else 1)
    end(pid)
    """
        )
        == "status 0"
    )


def test_a_stream_stays_with_its_process():
    printed = output_of(
        START
        + """
    if (pid := os.fork()) == 0:
        try:
            next(parts)
        except mien.errors.InputError as error:
            print(error, flush=True)
        sys.exit(0)
    end(pid)
    """
    )
    assert "wanted the process that opened it" in printed
    assert printed.endswith("status 0")


def test_a_live_sequence_begins_anew():
    assert (
        output_of(
            START
            + """
    engine.analyze_frame(image)
    if (pid := os.fork()) == 0:
        rows = engine.analyze_frame(image)
        sys.exit(int(rows["frame"].iloc[0]) + int(rows["track"].iloc[0]))
    end(pid)
    """
        )
        == "status 0"
    )


def test_forks_come_while_the_engine_is_at_work():
    """What a thread of the parent held at the moment of the fork is never waited for."""
    printed = output_of(
        START
        + """
    stop = threading.Event()
    def work():
        while not stop.is_set():
            engine.analyze(frames)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        if (pid := os.fork()) == 0:
            os._exit(0 if engine.analyze(frames).equals(table) else 1)
        end(pid)
    stop.set()
    for thread in threads:
        thread.join()
    """
    )
    assert printed.splitlines() == ["status 0"] * 6


def test_a_child_of_a_child_works_too():
    assert (
        output_of(
            START
            + """
    if (pid := os.fork()) == 0:
        engine.analyze(frames)
        if (grandchild := os.fork()) == 0:
            sys.exit(0 if engine.analyze(frames).equals(table) else 1)
        sys.exit(os.waitpid(grandchild, 0)[1])
    end(pid)
    """
        )
        == "status 0"
    )


def test_workers_of_a_data_loader_share_an_engine():
    """As PyTorch's DataLoader does: a dataset that holds an engine, in several forked workers."""
    printed = output_of(
        START
        + """
    class Dataset:
        def __len__(self):
            return 6
        def __getitem__(self, index):
            return int(engine.analyze(frames[: index + 1]).shape[0])
    def work(dataset, indices, results):
        for index in indices:
            results.put((index, dataset[index]))
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [context.Process(target=work, args=(Dataset(), range(i, 6, 3), results))
               for i in range(3)]
    for worker in workers:
        worker.start()
    print(sorted(results.get(timeout=100) for _ in range(6)))
    for worker in workers:
        worker.join(20)
    print([worker.exitcode for worker in workers])
    """
    )
    assert printed.splitlines() == [str([(i, i + 1) for i in range(6)]), "[0, 0, 0]"]
