"""What a run does to its disk, event by event, and faults at any of them."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

from mien.formats import _atomic_write

__all__ = ["Event", "count_events", "disk_events", "failing", "removing"]


Event = Callable[[str], None]
"""Called with what is about to be done: open, write, sync, rename, mkdir or unlink."""

# What a full disk still allows.
_FREES = ("unlink", "rename")


class _File:
    """A file whose writes are events."""

    def __init__(self, file: IO[bytes], event: Event) -> None:
        self._file = file
        self._event = event

    def write(self, data: Any) -> int:
        """Write, after the event."""
        self._event("write")
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def disk_events(event: Event) -> Iterator[None]:
    """Call `event` before whatever changes the disk in mien's writers and in paths and folders."""
    begin, fsync = _atomic_write._begin, os.fsync

    def opened(target: Path) -> tuple[Path, Any]:
        event("open")
        part, file = begin(target)
        return part, _File(file, event)

    def synced(descriptor: int) -> None:
        event("sync")
        fsync(descriptor)

    with ExitStack() as stack:
        stack.enter_context(patch.object(_atomic_write, "_begin", opened))
        stack.enter_context(patch.object(os, "fsync", synced))
        for name, what in (("replace", "rename"), ("mkdir", "mkdir"), ("unlink", "unlink")):
            stack.enter_context(patch.object(Path, name, _before(getattr(Path, name), what, event)))
        yield


def _before(method: Callable[..., Any], what: str, event: Event) -> Callable[..., Any]:
    def called(*args: Any, **named: Any) -> Any:
        event(what)
        return method(*args, **named)

    return called


class _Counter:
    """Counts events of all threads, and acts at one."""

    def __init__(self, at: int, act: Event) -> None:
        self.count = 0
        self._at = at
        self._act = act
        self._lock = threading.Lock()

    def __call__(self, what: str) -> None:
        with self._lock:
            self.count += 1
            due = self.count >= self._at
        if due:
            self._act(what)


@contextmanager
def count_events() -> Iterator[Callable[[], int]]:
    """How many there were so far."""
    counter = _Counter(1, lambda _: None)
    with disk_events(counter):
        yield lambda: counter.count


@contextmanager
def failing(at: int, code: int, *, lasting: bool) -> Iterator[None]:
    """The event of this number fails, and those after it if the fault lasts; a full disk lets files
    be removed and renamed.
    """
    failed: list[str] = []

    def fail(what: str) -> None:
        if (failed and not lasting) or (code == errno.ENOSPC and what in _FREES):
            return
        failed.append(what)
        raise OSError(code, os.strerror(code))

    with disk_events(_Counter(at, fail)):
        yield


@contextmanager
def removing(at: int, folder: Path) -> Iterator[None]:
    """Before the event of this number, somebody removes a folder with all that is in it."""
    done: list[str] = []

    def remove(what: str) -> None:
        if not done:
            done.append(what)
            shutil.rmtree(folder, ignore_errors=True)

    with disk_events(_Counter(at, remove)):
        yield
