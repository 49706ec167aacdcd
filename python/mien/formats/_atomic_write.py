"""Files that are written whole or not at all, and errors that name them."""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa  # type: ignore[import-untyped]

from mien.errors import OutputError

__all__ = ["check_target", "remove_leftovers", "replacing", "writing"]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says into an error that names the file."""
    try:
        yield
    except OutputError:
        raise
    except (OSError, pa.ArrowException) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{path}: can't be written: {cause}") from error


def check_target(target: Path) -> None:
    """Find out now whether a file could be written; leaves nothing behind.

    Raises
    ------
    OutputError
        It could not: no such folder, no permission, the name taken by something else.
    """
    part, file = _begin(target)
    file.close()
    part.unlink()


def remove_leftovers(target: Path) -> None:
    """Remove what a killed process left of a target half written."""
    for part in target.parent.glob(f".{glob.escape(target.name)}.????????.part"):
        with writing(part):
            part.unlink(missing_ok=True)


def _begin(target: Path) -> tuple[Path, IO[bytes]]:
    """A new file beside the target."""
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; wanted the name of a file")
    if target.exists() and not target.is_file():
        raise OutputError(f"{target}: is not a regular file; wanted one, or a new name")
    if not target.parent.is_dir():
        raise OutputError(f"{target}: no folder {target.parent}; make it first")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    with writing(target):
        return part, part.open("x+b")  # HDF5 reads what it wrote


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A new file in the target's folder that takes the target's name when all of it is on disk, or
    is removed.
    """
    part, file = _begin(target)
    try:
        with writing(target):
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            part.replace(target)
    except BaseException:
        with suppress(OSError):  # a full disk makes closing fail too; the error on its way says so
            file.close()
        part.unlink(missing_ok=True)
        raise
