"""Checksums of a whole Parquet file: of its rows and of its footer.

Parquet's page checksums cover values but neither the headers of pages nor the footer, where one
wrong bit makes another column or another provenance. The seal lies between the last page and the
footer, where readers don't look, so that it is lost when another program writes the file anew, and
never says anything about rows it wasn't made of.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO

from mien.errors import InputError

__all__ = ["check_seal", "seal"]


_MAGIC = b"mien-crc"
_SEAL = struct.Struct("<8sII")  # magic, checksum of what is before it, checksum of what is after
_TAIL = struct.Struct("<I4s")  # length of the footer, Parquet's magic
_BLOCK = 1 << 20


def seal(file: IO[bytes]) -> None:
    """Put a seal into a finished Parquet file, which is open for reading and writing."""
    footer_at = _footer_position(file)
    if footer_at is None:
        raise ValueError("not a Parquet file")
    file.seek(footer_at)
    footer = file.read()
    body = _checksum(file, 0, footer_at)
    file.seek(footer_at)
    file.write(_SEAL.pack(_MAGIC, body, zlib.crc32(footer)))
    file.write(footer)


def check_seal(source: Path, *, body: bool = True) -> None:
    """Check the seal of a Parquet file, if it has one.

    Parameters
    ----------
    source : Path
    body : bool
        Whether the rows are read too, or the footer alone.

    Raises
    ------
    InputError
        The file isn't as it was written.
    OSError
        It can't be read.
    """
    with source.open("rb") as file:
        footer_at = _footer_position(file)
        if footer_at is None or footer_at < _SEAL.size:
            return  # no Parquet file: its reader says so
        file.seek(footer_at - _SEAL.size)
        magic, of_body, of_footer = _SEAL.unpack(file.read(_SEAL.size))
        if magic != _MAGIC:
            return
        intact = zlib.crc32(file.read()) == of_footer
        if intact and body:
            intact = _checksum(file, 0, footer_at - _SEAL.size) == of_body
    if not intact:
        raise InputError(f"{source}: damaged: it is not as mien wrote it (checksum)")


def _footer_position(file: IO[bytes]) -> int | None:
    """Where the footer begins; None in what is no Parquet file."""
    size = file.seek(0, 2)
    if size < _TAIL.size:
        return None
    file.seek(size - _TAIL.size)
    length, magic = _TAIL.unpack(file.read(_TAIL.size))
    at: int = size - _TAIL.size - length
    return at if magic == b"PAR1" and at >= 0 else None


def _checksum(file: IO[bytes], begin: int, end: int) -> int:
    file.seek(begin)
    checksum, left = 0, end - begin
    while left and (block := file.read(min(left, _BLOCK))):
        checksum, left = zlib.crc32(block, checksum), left - len(block)
    return checksum
