"""Image files as they are before their pixels are decoded: format, size, and what decoding takes.

Pillow's plugins are called by their classes: `PIL.Image.open` has a limit of pixels that holds for
the whole process and warns on the way there; here each image has a budget .
"""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mien.errors import InputError
from mien.media import _webp
from mien.media.kinds import MAX_SIDE, MIN_SIDE, is_netpbm, name_of

__all__ = [
    "WANTED",
    "Header",
    "check_sides",
    "format_of",
    "header_of",
    "not_an_image",
    "open_image",
]


WANTED = "a JPEG, PNG, WebP, TIFF, BMP, AVIF, JPEG 2000, PNM or HEIC file"
_HEIF = "HEIF"


class _Plugin(NamedTuple):
    """Where Pillow, or what extends it, has the class of a format."""

    module: str
    name: str
    install: str  # what brings it where it is missing


_PILLOW = "a Pillow that has it: pip install -U pillow"
_PLUGINS = {
    "JPEG": _Plugin("PIL.JpegImagePlugin", "JpegImageFile", _PILLOW),
    "PNG": _Plugin("PIL.PngImagePlugin", "PngImageFile", _PILLOW),
    "WEBP": _Plugin("PIL.WebPImagePlugin", "WebPImageFile", _PILLOW),
    "TIFF": _Plugin("PIL.TiffImagePlugin", "TiffImageFile", _PILLOW),
    "BMP": _Plugin("PIL.BmpImagePlugin", "BmpImageFile", _PILLOW),
    "PPM": _Plugin("PIL.PpmImagePlugin", "PpmImageFile", _PILLOW),
    "JPEG2000": _Plugin("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile", _PILLOW),
    "AVIF": _Plugin("PIL.AvifImagePlugin", "AvifImageFile", _PILLOW),
    _HEIF: _Plugin("pillow_heif", "HeifImageFile", "pip install 'mien[heic]'"),
}
_STARTS = {
    b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"BM": "BMP",
    b"II*\0": "TIFF", b"MM\0*": "TIFF", b"II+\0": "TIFF", b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000", b"\xff\x4f\xff\x51\0": "JPEG2000",
}  # fmt: skip
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF
_BYTES = {"1": 1, "L": 1, "P": 1, "PA": 4, "LA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2}  # else 4
# What decoders keep beside the image, bytes a pixel: planes and RGBA, or 32 bits a sample.
_DECODER_BYTES = {"AVIF": 8, _HEIF: 8, "JPEG2000": 12}


@dataclass(frozen=True)
class Header:
    """An image file before its pixels are decoded.

    Attributes
    ----------
    format : str
        Pillow's name.
    width, height : int
        Pixels, as stored.
    images : int
        Images in the file: pages, frames of an animation.
    bits : int
        Of a sample; 16 where the format has only one kind of deep samples.
    photometric : int or None
        TIFF's way of saying what samples mean.
    deep_color : bool
        16-bit samples of which Pillow would keep the upper byte, or may do so.
    cost : int
        Bytes that decoding takes at its peak, about, with the RGB array that comes out.
    coefficients : int
        Bytes besides, which a JPEG takes whatever size it is decoded at.
    """

    format: str
    width: int
    height: int
    images: int = 1
    bits: int = 16
    photometric: int | None = None
    deep_color: bool = False
    cost: int = 0
    coefficients: int = 0


class _BoundedFile(io.BufferedReader):
    """A file of which no more is asked for than it holds: a buffer is made before it is read, of
    whatever length a damaged header says.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._bytes = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > 0:
            size = min(size, max(self._bytes - self.tell(), 0))
        return super().read(size)


@contextmanager
def open_image(path: Path, format: str) -> Iterator[Any]:
    """The file as Pillow's class of the format opens it; a context manager.

    Raises
    ------
    InputError
        What reads the format is not installed.
    """
    plugin = _PLUGINS[format]
    try:
        factory = getattr(importlib.import_module(plugin.module), plugin.name)
    except ImportError as error:
        raise InputError(
            f"{name_of(path)}: {format} files can't be read here; wanted {plugin.install}"
        ) from error
    with _BoundedFile(path) as file, factory(file, path) as image:
        yield image


def format_of(path: Path) -> str | None:
    """Name of an image's format by its first bytes; None for another file."""
    with path.open("rb") as file:
        head = file.read(32)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return "AVIF" if head[8:12] in (b"avif", b"avis") or b"avif" in head[16:] else _HEIF
    if is_netpbm(head):
        return "PPM"
    return next((name for start, name in _STARTS.items() if head.startswith(start)), None)


def header_of(path: Path) -> Header:
    """The header of an image file.

    Raises
    ------
    InputError
        It is none, or what reads the format is not installed.
    Exception
        Whatever Pillow raises for one that is damaged.
    """
    format = format_of(path)
    if format == "WEBP" and (found := _webp.header_of(path)):
        # A canvas for the image, one for the image before it, and what Pillow makes of these.
        channels = 3 + found.alpha
        each = 3 + (channels if _webp.is_decoded_whole(found) else 16)
        pixels = found.width * found.height
        return Header(format, found.width, found.height, found.images, cost=each * pixels)
    if format is None:
        raise not_an_image(path)
    with open_image(path, format) as image:
        return _header(path, format, image)


def not_an_image(path: Path) -> InputError:
    """The error for a file that is something else."""
    got = "something else, or its first bytes are damaged"
    return InputError(f"{name_of(path)}: not an image; wanted {WANTED}; got {got}")


def _header(path: Path, format: str, image: Any) -> Header:
    bits, photometric, deep, channels = 16, None, False, 3
    if format == "PNG":
        with path.open("rb") as file:
            head = file.read(26)
        deep = head[24] == 16  # bit depth, and after it the kind of colour, in the first chunk
        channels = {0: 1, 4: 2, 6: 4}.get(head[25], 3)
    elif format == "TIFF":
        samples = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))
        bits, photometric = max(samples), image.tag_v2.get(_PHOTOMETRIC)
        channels = len(samples)
        deep = channels > 1 and bits > 8
    pixels = image.width * image.height
    cost = (_BYTES.get(image.mode, 4) + _DECODER_BYTES.get(format, 0) + 3) * pixels
    if deep:
        size = path.stat().st_size * (2 if format == "TIFF" else 1)  # OpenCV copies a TIFF
        cost = max(cost, size + 2 * channels * pixels, (2 * channels + 3) * pixels)
    progressive = format == "JPEG" and "progressive" in image.info
    coefficients = 6 * pixels if progressive else 0  # 16 bits each
    images = 1 if format == _HEIF else getattr(image, "n_frames", 1)
    width, height = image.size
    return Header(format, width, height, images, bits, photometric, deep, cost, coefficients)


def check_sides(path: Path, width: int, height: int) -> None:
    """Raises InputError for sides that no photograph of faces has."""
    if min(width, height) < MIN_SIDE:
        wanted = f"at least {MIN_SIDE}x{MIN_SIDE}"
    elif max(width, height) >= MAX_SIDE:
        wanted = f"sides below {MAX_SIDE}"
    else:
        return
    raise InputError(f"{name_of(path)}: image is {width}x{height} pixels; wanted {wanted}")
