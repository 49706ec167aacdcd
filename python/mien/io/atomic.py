"""Files that are written whole or not at all, and errors that name them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa  # type: ignore[import-untyped]

from mien.errors import OutputError

__all__ = ["replacing", "writing"]


def __dir__() -> list[str]:
    return __all__


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


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A new file in the target's folder that takes the target's name when all of it is on disk, or is removed."""
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; wanted the name of a file")
    if target.exists() and not target.is_file():
        raise OutputError(f"{target}: is not a regular file; wanted one, or a new name")
    if not target.parent.is_dir():
        raise OutputError(f"{target}: no folder {target.parent}; make it first")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    with writing(target):
        file = part.open("x+b")  # HDF5 reads what it wrote
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
