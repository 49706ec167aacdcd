"""Jobs stay on one memory node each, where there are several; the nodes here are synthetic."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

import mien
from mien import ReadOptions, batch
from mien.batch import _numa
from mien.batch._numa import usable_nodes
from mien.demo import make_clip


def tree(folder: Path, **lists: str) -> Path:
    """A folder as /sys/devices/system/node."""
    for name, cores in lists.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "cpulist").write_text(cores + "\n")
    (folder / "power").mkdir()
    return folder


@pytest.fixture
def may_use(monkeypatch):
    def only(cores: set[int]) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)

    return only


def test_nodes_are_read_as_the_kernel_writes_them(tmp_path, may_use):
    may_use(set(range(12)))
    root = tree(tmp_path / "node", node0="0-3,8", node1="4-7,9-11")
    assert usable_nodes(root) == [{0, 1, 2, 3, 8}, {4, 5, 6, 7, 9, 10, 11}]


def test_only_cores_of_the_process_count(tmp_path, may_use):
    may_use({2, 3, 5})
    root = tree(tmp_path / "node", node0="0-3", node1="4-7", node2="8-11", node3="")
    assert usable_nodes(root) == [{2, 3}, {5}]


def test_a_system_that_tells_nothing(tmp_path, monkeypatch):
    assert usable_nodes(tmp_path) == []
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_nodes() == []


@pytest.fixture
def two_nodes(tmp_path, monkeypatch):
    """This machine's cores in two halves."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        pytest.skip("needs two cores that the system tells apart")
    halves = [cores[: len(cores) // 2], cores[len(cores) // 2 :]]
    lists = {f"node{i}": ",".join(map(str, half)) for i, half in enumerate(halves)}
    monkeypatch.setattr(_numa, "ROOT", tree(tmp_path / "node", **lists))
    return [set(half) for half in halves]


@pytest.fixture
def placed(monkeypatch):
    """Where each video was analysed: the cores, and the engine's threads."""
    seen: list[tuple[set[int], int]] = []
    analysis = mien.Engine._analysis

    def noted(self, *args):
        seen.append((os.sched_getaffinity(0), self.options["threads"]))
        return analysis(self, *args)

    monkeypatch.setattr(mien.Engine, "_analysis", noted)
    return seen


@pytest.fixture(scope="module")
def whole():
    return mien.Engine(device="cpu")


@pytest.fixture(scope="module")
def clips(portrait, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for i in range(3):
        make_clip(portrait, folder / f"{i}.mp4")
    return folder


def analyze(engine, inputs, output, **how) -> mien.FaceTable:
    plan = batch.plan([str(inputs)], output)
    (*reports,) = batch.run(engine, plan, ReadOptions(every=4), **how)
    assert [report.error for report in reports] == [None] * len(reports)
    return mien.read_table(output)


def test_every_job_stays_on_a_node_and_rows_are_the_same(whole, clips, tmp_path, two_nodes, placed):
    before = os.sched_getaffinity(0)
    table = analyze(whole, clips, tmp_path / "all.parquet", jobs=2)
    assert len(placed) == 3
    assert {frozenset(cores) for cores, _ in placed} == {frozenset(n) for n in two_nodes}
    assert all(threads == len(cores) for cores, threads in placed)
    assert os.sched_getaffinity(0) == before
    wanted = whole.analyze(sorted(clips.iterdir()), every=4)
    pd.testing.assert_frame_equal(table, wanted, check_exact=True)


def test_one_job_one_input_or_a_number_of_threads_leaves_them_alone(
    whole, clips, tmp_path, two_nodes, placed
):
    cores = set().union(*two_nodes)
    analyze(whole, clips, tmp_path / "one-job.parquet", jobs=1)
    analyze(whole, clips / "0.mp4", tmp_path / "one-input.parquet", jobs=2)
    one_thread = mien.Engine(device="cpu", threads=1)
    analyze(one_thread, clips, tmp_path / "threads.parquet", jobs=2)
    assert {frozenset(where) for where, _ in placed} == {frozenset(cores)}
    assert {threads for _, threads in placed} == {len(cores), 1}
