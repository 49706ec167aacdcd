"""Files that are written whole or not at all, and errors that name them."""

from __future__ import annotations

import errno
import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa  # type: ignore[import-untyped]

from mien.errors import OutputError

__all__ = ["check_target", "make_folder", "remove_leftovers", "replacing", "writing"]


# Of file systems that don't sync folders, or order names by themselves.
_NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.ENOSYS)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn errors of the operating system and of Arrow into an `OutputError` with the path."""
    try:
        yield
    except OutputError:
        raise
    except (OSError, pa.ArrowException) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{path}: can't be written: {cause}") from error


def check_target(target: Path) -> None:
    """Check that a file could be written, and leave nothing behind.

    Raises
    ------
    OutputError
        It can't: no such folder, no permission, or the path is something other than a file.
    """
    with writing(target):
        part, file = _begin(target)
        file.close()
        part.unlink(missing_ok=True)  # another run may have taken it for a leftover


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, so that it stays after a power cut.

    Raises
    ------
    OutputError
        It can't be made.
    """
    if folder.is_dir():
        return
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def remove_leftovers(target: Path) -> None:
    """Remove partial files of a target that a killed process left."""
    for part in target.parent.glob(f".{glob.escape(target.name)}.????????.part"):
        with writing(part):
            part.unlink(missing_ok=True)


def _begin(target: Path) -> tuple[Path, IO[bytes]]:
    """Open a new file beside the target."""
    with writing(target):  # a name that the system refuses
        if target.is_dir():
            raise OutputError(f"{target}: is a folder; wanted the name of a file")
        if target.exists() and not target.is_file():
            raise OutputError(f"{target}: is not a regular file; wanted one, or a new name")
        if not target.parent.is_dir():
            raise OutputError(f"{target}: no folder {target.parent}; make it first")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    return part, part.open("x+b")  # HDF5 reads what it wrote


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A new file that is renamed to the target once it is on disk, or else is removed.

    After this, target and name survive a power cut.
    """
    with writing(target):
        part, file = _begin(target)
    try:
        with writing(target):
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            _rename(part, target)
            _sync_folder(target.parent)
    except BaseException:
        with suppress(OSError):  # a full disk makes closing fail too; the error on its way says so
            file.close()
        with suppress(OSError):  # as does a disk that is gone
            part.unlink(missing_ok=True)
        raise


def _rename(part: Path, target: Path) -> None:
    try:
        part.replace(target)
    except FileNotFoundError as error:
        raise OutputError(
            f"{target}: can't be written: {part.name} was removed while it was written"
        ) from error


def _sync_folder(folder: Path) -> None:
    """Write a folder's names to the disk."""
    if os.name != "posix":  # elsewhere folders can't be opened
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
