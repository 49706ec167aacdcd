"""Kinds of faults: each meets a run at a moment drawn at random, and what is left is checked."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.torture.disk_events import count_events, failing, removing
from bench.torture.work import Broken, Work, explained

__all__ = ["KINDS", "Fault"]


Fault = Callable[[Work, random.Random, str], None]
"""Injects one into runs to an output of this form; raises Broken."""

_LONGEST = 300  # seconds that a run may take
_LARGE = 64 * 2**20  # bytes: more than all tables


def killed(work: Work, rng: random.Random, form: str) -> None:
    """SIGKILL, one to three times, at any moment."""
    output = work.fresh(form)
    for _ in range(rng.randint(1, 3)):
        process = work.child(form, output)
        _go(process)
        time.sleep(rng.random() ** 2 * 3)
        process.kill()
        process.communicate()
    work.check(form, output)


def input_output_error(work: Work, rng: random.Random, form: str) -> None:
    """EIO, once or from then on, at any event."""
    _at_any_event(work, rng, form, errno.EIO, lasting=rng.random() < 0.5)


def no_space(work: Work, rng: random.Random, form: str) -> None:
    """ENOSPC from any event on, until space is made."""
    _at_any_event(work, rng, form, errno.ENOSPC, lasting=True)


def _at_any_event(work: Work, rng: random.Random, form: str, code: int, *, lasting: bool) -> None:
    output = work.fresh(form)
    at = rng.randint(1, _events(work, form))
    with failing(at, code, lasting=lasting):
        done = work.attempt(form, output, resume=rng.random() < 0.5)
    if done:  # the fault met something that isn't needed
        work.compare(form, output)
    work.check(form, output)


def _events(work: Work, form: str) -> int:
    output = work.fresh(form)
    with count_events() as count:
        work.attempt(form, output, resume=False)
    work.fresh(form)
    return count()


def disk_full(work: Work, rng: random.Random, form: str) -> None:
    """A disk that is full after any number of bytes: one in memory, for root; else files that can't
    grow past any size.
    """
    with _small_disk(work, rng) as (folder, free):
        output = work.fresh(form, folder)
        work.attempt(form, output, resume=False)
        free()
        work.check(form, output)


@contextmanager
def _small_disk(
    work: Work, rng: random.Random
) -> Iterator[tuple[Path | None, Callable[[], object]]]:
    size = int(2 ** rng.uniform(12, 20))
    mount = work.folder / "disk"
    mount.mkdir(exist_ok=True)
    if os.geteuid() == 0 and _mount(f"size={size}", mount):
        try:
            yield mount, lambda: _mount(f"remount,size={_LARGE}", mount)
        finally:
            subprocess.run(["umount", str(mount)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 8, before[1]))
    try:
        yield None, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _mount(options: str, folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def folder_removed(work: Work, rng: random.Random, form: str) -> None:
    """The folder of the parts, or that of the output, goes before any event."""
    at = rng.randint(1, _events(work, form))
    output = work.fresh(form)
    parts = output.with_name(f"{form}.parts")
    with removing(at, rng.choice([parts, output.parent, output])):
        work.attempt(form, output, resume=rng.random() < 0.5)
    work.check(form, output)


def two_writers(work: Work, rng: random.Random, form: str) -> None:
    """Two processes begin with the same target, almost at once: each input is done by one of them,
    and one table for all by either.
    """
    output = work.fresh(form)
    children = [work.child(form, output) for _ in range(2)]
    for child in children:
        _go(child)
        time.sleep(rng.random() ** 2)
    ends = [_end(child) for child in children]
    if form != "tables" and all(status != 0 for status, _ in ends):
        raise Broken(f"neither was done: {ends}")
    for _, errors in ends:
        if any("another run is writing it" not in error for error in errors):
            raise Broken(f"told badly: {errors}")
    work.compare(form, output)


def little_memory(work: Work, rng: random.Random, form: str) -> None:
    """Any amount of memory beside what the engine has: of libraries that then abort no message can
    be asked, only that every row is there.
    """
    output = work.fresh(form)
    child = work.child(form, output, memory=int(rng.random() ** 2 * 400 * 2**20))
    _go(child)
    _, errors = _end(child, may_abort=True)
    explained(errors)
    work.check(form, output)


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _end(process: subprocess.Popen[str], *, may_abort: bool = False) -> tuple[int, list[str]]:
    """Exit status, which must not be a crash's, and errors."""
    try:
        said, log = process.communicate(timeout=_LONGEST)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise Broken("it hangs") from error
    if may_abort and process.returncode in (-signal.SIGABRT, 127):
        return process.returncode, []
    if process.returncode not in (0, 1) or "Traceback" in log:
        raise Broken(f"ended by {process.returncode}: {log[-2000:]}")
    return process.returncode, said.splitlines()


KINDS: dict[str, Fault] = {
    "kill -9": killed,
    "EIO": input_output_error,
    "ENOSPC": no_space,
    "disk full": disk_full,
    "folder removed": folder_removed,
    "two writers": two_writers,
    "little memory": little_memory,
}
