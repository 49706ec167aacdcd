"""What readers ask of a path before they open it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mien.errors import InputError, MienError

__all__ = ["existing_file", "most_bytes", "parsing"]


SMALL = 1 << 30
"""Bytes that any file's rows may take."""
EXPANSION = 1000
"""How many times its own size a larger one's may: run lengths can promise any number of rows."""


def existing_file(path: str | Path, wanted: str = "a file") -> Path:
    """The path, if a regular file is there.

    Raises
    ------
    InputError
        Nothing there, a folder or device, or a name that no file can have.
    """
    source = Path(path)
    try:
        if source.is_file():
            return source
        there = source.exists()
    except (OSError, ValueError) as error:  # a name too long, or with a zero character
        cause = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{_shown(source)}: can't be read: {cause}; wanted {wanted}") from error
    if there:
        raise InputError(f"{source}: not a regular file; wanted {wanted}")
    raise InputError(f"{_shown(source)}: no such file; wanted {wanted}")


def most_bytes(source: Path) -> int:
    """Bytes of memory that a table may take which is read from this file."""
    return max(SMALL, EXPANSION * source.stat().st_size)


def _shown(path: Path) -> str:
    """The path as a message shows it: a very long one by its ends."""
    text = str(path)
    return text if len(text) <= 300 else f"{text[:100]}...{text[-100:]}"


@contextmanager
def parsing(source: Path, wanted: str) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into an `InputError` with the path.

    For single calls of libraries whose errors on damaged input are not documented, as Arrow's and
    HDF5's are not: from them comes ``KeyError`` as well as ``RecursionError``.
    """
    try:
        yield
    except (MienError, MemoryError):
        raise
    except Exception as error:
        cause = str(error) if isinstance(error, OSError | ValueError) else repr(error)
        raise InputError(f"{source}: damaged, or not {wanted}: {cause[:500]}") from error
