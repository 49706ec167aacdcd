"""One run a target: a lock file beside it, which says who holds it.

The kernel holds the lock (flock), not what the file says: it ends with its process, however that
ends, and a file that a killed run, another boot, host or container left locks nothing. Libraries of
locks don't say who holds one, or leave its file for ever; past that, only a system call is left.

Where a file system has no such locks, the file itself is the lock, and goes if what it says is of a
process that is gone.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from mien.batch._process import Holder, is_gone, this_process
from mien.errors import OutputError
from mien.formats._atomic_write import writing

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["TargetLock", "lock_path"]


_UNSUPPORTED = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)
_POLL_SECONDS = 0.02


def lock_path(target: Path) -> Path:
    """The lock file of a target."""
    return target.with_name(f".{target.name}.lock")


class TargetLock:
    """The right to write a target and its parts, for as long as a ``with`` block lasts.

    Parameters
    ----------
    target : Path
        Its folder is there.
    wait : float
        Seconds to wait for another run that holds it.

    Raises
    ------
    OutputError
        On entering: another run holds it, or the lock file can't be written.
    """

    def __init__(self, target: Path, wait: float = 0.0) -> None:
        self._target = target
        self._path = lock_path(target)
        self._wait = wait
        self._file: int | None = None
        self._by_kernel = True

    def __enter__(self) -> TargetLock:  # noqa: PYI034 (Self is 3.11's)
        until = time.monotonic() + self._wait
        with writing(self._path):
            while not self._try():
                if time.monotonic() >= until:
                    raise OutputError(self._held())
                time.sleep(_POLL_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        file, self._file = self._file, None
        assert file is not None  # entered
        with suppress(OSError):  # somebody removed it, or its folder
            if self._is_named(file):
                self._path.unlink()  # before another can lock it
        os.close(file)

    def _try(self) -> bool:
        try:
            file, created = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True
        except FileExistsError:
            try:
                file, created = os.open(self._path, os.O_RDWR), False
            except FileNotFoundError:  # its holder removed it between
                return False
        try:
            if self._owns(file, created) and self._is_named(file):  # else it was just removed
                os.ftruncate(file, 0)
                os.pwrite(file, json.dumps(this_process()).encode(), 0)
                self._file = file
        finally:
            if self._file is None:
                os.close(file)
        return self._file is not None

    def _owns(self, file: int, created: bool) -> bool:
        """Whether the open lock file is this run's; `created` if this run made it."""
        try:
            if fcntl is None:
                raise OSError(errno.ENOSYS, "no flock")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            self._by_kernel = False
            if not created and is_gone(_read(file)) and self._is_named(file):
                self._path.unlink(missing_ok=True)  # whoever makes it anew first has it
            return created
        return True

    def _is_named(self, file: int) -> bool:
        """Whether the open file is still the one beside the target."""
        try:
            return os.path.samestat(os.fstat(file), self._path.stat())
        except FileNotFoundError:
            return False

    def _held(self) -> str:
        holder = None
        with suppress(OSError):  # its holder has just removed it
            file = os.open(self._path, os.O_RDONLY)
            holder = _read(file)
            os.close(file)
        who = ""
        if holder:
            hint = "" if self._by_kernel else f"; if it is gone, remove {self._path}"
            who = f" (process {holder['pid']} on {holder['host']}, since {holder['since']}{hint})"
        return f"{self._target}: another run is writing it{who}; wanted one at a time"


def _read(file: int) -> Holder | None:
    """What an open lock file says; None if it says nothing yet."""
    try:
        holder: Holder = json.loads(os.pread(file, 4096, 0))
    except ValueError:
        return None
    known = isinstance(holder, dict) and holder.keys() >= Holder.__annotations__.keys()
    return holder if known else None
