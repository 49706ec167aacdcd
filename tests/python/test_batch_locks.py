"""One run writes a target at a time; what a run that is gone left locks nothing."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

import mien
from mien import ReadOptions, batch
from mien.batch import _lock
from mien.batch._checkpoint import Checkpoint
from mien.batch._lock import TargetLock, lock_path
from mien.batch._process import is_gone, this_process
from mien.demo import make_clip

HOLDS = """
import sys, time
from pathlib import Path
from mien.batch._lock import TargetLock

with TargetLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "out.parquet"


@pytest.fixture
def other(target):
    """Another process that holds the target."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(target)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def no_flock(*_: object) -> None:
    raise OSError(errno.ENOLCK, "no locks available")


@pytest.fixture(params=["by the kernel", "by content"])
def kind(request, monkeypatch) -> None:
    """With the kernel's locks, and on a file system that has none."""
    if request.param == "by content":
        monkeypatch.setattr(_lock.fcntl, "flock", no_flock)


@pytest.mark.usefixtures("kind")
def test_two_in_one_process(target):
    with TargetLock(target):
        with pytest.raises(mien.OutputError, match=f"another run .*process {os.getpid()} on"):
            TargetLock(target).__enter__()
        with TargetLock(target.with_name("other.parquet")):
            pass
    with TargetLock(target):
        assert lock_path(target).exists()
    assert list(target.parent.iterdir()) == []


def test_another_process_is_named(target, other):
    with pytest.raises(mien.OutputError, match=f"process {other.pid} on "):
        TargetLock(target).__enter__()


def test_a_killed_process_holds_nothing(target, other):
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert lock_path(target).exists()
    with TargetLock(target):
        pass


@pytest.mark.usefixtures("kind")
def test_waits_for_one_that_ends(target):
    held, end = threading.Event(), threading.Event()

    def hold():
        with TargetLock(target):
            held.set()
            end.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    threading.Timer(0.2, end.set).start()
    with TargetLock(target, wait=30):
        assert end.is_set()
    thread.join()


def test_one_that_lost_its_lock_file_leaves_the_next_ones(target):
    with TargetLock(target):
        lock_path(target).unlink()
        with TargetLock(target):
            lock = lock_path(target).read_bytes()
        assert json.loads(lock)["pid"] == os.getpid()


OF_NO_PROCESS = {"pid": 2**22 + 1}  # above the kernel's largest
REUSED = {"started": "1"}
REBOOTED = {"boot": "another"}


@pytest.mark.parametrize("changes", [OF_NO_PROCESS, REUSED, REBOOTED])
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc on this system")
def test_a_stale_lock_without_the_kernels(monkeypatch, target, changes):
    """Of a process that has ended, whose pid another one has, or of before a reboot."""
    monkeypatch.setattr(_lock.fcntl, "flock", no_flock)
    lock_path(target).write_text(json.dumps({**this_process(), **changes}))
    with TargetLock(target, wait=1):
        pass


@pytest.mark.parametrize(
    "changes",
    [{"host": "another"}, {"machine": "another"}, {"namespace": "pid:[1]"}, OF_NO_PROCESS, {}],
)
def test_with_the_kernels_locks_it_does_not_matter_what_the_file_says(target, changes):
    lock_path(target).write_text(json.dumps({**this_process(), **changes}))
    with TargetLock(target):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\0"])
def test_a_damaged_lock_file(target, content):
    lock_path(target).write_bytes(content)
    with TargetLock(target), pytest.raises(mien.OutputError, match="another run"):
        TargetLock(target).__enter__()


def test_a_process_of_another_machine_or_container_is_not_known_to_be_gone(monkeypatch, target):
    for changes in ({"host": "another"}, {"machine": "another"}, {"namespace": "pid:[1]"}):
        assert not is_gone({**this_process(), **OF_NO_PROCESS, **changes})
    assert not is_gone(this_process())
    monkeypatch.setattr(_lock.fcntl, "flock", no_flock)
    lock_path(target).write_text(json.dumps({**this_process(), "host": "elsewhere"}))
    with pytest.raises(mien.OutputError, match=r"elsewhere.*if it is gone, remove .*\.lock"):
        TargetLock(target).__enter__()


def test_a_lock_that_cannot_be_made(monkeypatch, target):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_lock.os, "pwrite", full)
    with pytest.raises(mien.OutputError, match=r"out\.parquet\.lock: can't be written: No space"):
        TargetLock(target).__enter__()


@pytest.fixture(scope="module")
def clip(portrait, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    make_clip(portrait, path)
    return path


@pytest.mark.parametrize("name", ["out.parquet", "tables"])
def test_a_second_run_leaves_the_firsts_work_alone(engine, clip, tmp_path, monkeypatch, name):
    """It begins while the first has parts, and both have other options."""
    monkeypatch.setattr("mien.batch._checkpoint_writer.PART_ROWS", 8)
    monkeypatch.setattr("mien.batch._videos.CHUNK_FRAMES", 8)
    plan = batch.plan([str(clip)], tmp_path / name)
    ((_, target),) = plan.inputs
    add, seconds = Checkpoint.add, []

    def second_comes(self, table):
        add(self, table)
        if len(self.files) == 2:
            for resume in (False, True):
                seconds.extend(batch.run(engine, plan, ReadOptions(every=9), resume=resume))

    monkeypatch.setattr(Checkpoint, "add", second_comes)
    (first,) = batch.run(engine, plan, ReadOptions(every=3))
    assert (first.error, first.frames) == (None, 30)
    assert [report.target for report in seconds] == [None, None]
    assert all("another run is writing it" in report.error for report in seconds)
    wanted = engine.analyze(clip, every=3)
    pd.testing.assert_frame_equal(mien.read_table(target), wanted, check_exact=True)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_second_run_to_one_table(engine, clip, tmp_path):
    inputs = [str(clip), str(clip.parent)]
    (clip.parent / "again.mp4").write_bytes(clip.read_bytes())
    plan = batch.plan(inputs, tmp_path / "all.parquet")
    reports = batch.run(engine, plan, ReadOptions(every=9))
    next(reports)
    with pytest.raises(mien.OutputError, match="another run is writing it"):
        list(batch.run(engine, plan, ReadOptions(every=9)))
    assert [report.error for report in reports] == [None]
    assert mien.read_table(tmp_path / "all.parquet")["input"].nunique() == 2
