"""Large WebP files, without the animation canvases that Pillow makes for each.

A file is RIFF chunks (https://developers.google.com/speed/webp/docs/riff_container): ``VP8 `` or
``VP8L`` with the image, or ``VP8X`` with the canvas's size and flags, and others after it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["WebpHeader", "decode", "header_of", "is_decoded_whole", "orientation_of"]


# Pixels from which on `decode` is used: it takes 3 or 4 bytes a pixel, Pillow's decoder 16.
LARGE = 32_000_000
_ALPHA, _ANIMATION = 0x10, 0x02  # flags of VP8X
_ORIENTATION = 0x0112  # EXIF


class WebpHeader(NamedTuple):
    """Size of a WebP file, as it says itself."""

    width: int
    height: int
    images: int
    alpha: bool


def header_of(path: Path) -> WebpHeader | None:
    """The header; None for one that is damaged or unknown, which Pillow refuses in its own way."""
    with path.open("rb") as file:
        head = file.read(30)
    if len(head) < 30:
        return None
    chunk = head[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        images = sum(name == b"ANMF" for name, _, _ in _chunks(path))
        return WebpHeader(width, height, max(images, 1), bool(head[20] & _ALPHA))
    if chunk == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 26))
        return WebpHeader(width, height, 1, alpha=False)
    if chunk == b"VP8L" and head[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", head, 21)
        return WebpHeader((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, 1, bool(bits >> 28 & 1))
    return None


class _Sized(Protocol):
    """What has a size and a number of images."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def images(self) -> int: ...


def is_decoded_whole(header: _Sized) -> bool:
    """Whether `decode` reads it: a large image that doesn't move."""
    return header.images == 1 and header.width * header.height > LARGE


def orientation_of(path: Path) -> int:
    """EXIF orientation, 1 to 8; 1 where there is none."""
    for name, begin, size in _chunks(path):
        if name == b"EXIF":
            with path.open("rb") as file:
                file.seek(begin)
                exif = Image.Exif()
                exif.load(file.read(size))
            found = exif.get(_ORIENTATION, 1)
            return found if found in range(1, 9) else 1
    return 1


def decode(path: Path) -> NDArray[np.uint8] | None:
    """The image as stored, (height, width, 3 or 4) BGR or BGRA; None for a damaged one."""
    import cv2  # slow to import, and few images need it

    pixels: Any = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _chunks(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and size of each chunk, as far as the file goes."""
    end = path.stat().st_size
    at = 12
    with path.open("rb") as file:
        while at + 8 <= end:
            file.seek(at)
            name, size = struct.unpack("<4sI", file.read(8))
            yield name, at + 8, size
            at += 8 + size + size % 2
