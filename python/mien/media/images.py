"""Photographs as RGB arrays: turned upright, flattened, 8 bits a sample, within a budget of memory.

Pillow reads them. Where Pillow would cut 16-bit colour to its upper byte, and for large WebP files,
OpenCV reads the samples instead. Colour profiles are not applied. Of a file with several images
(TIFF pages, animated WebP) the first is taken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.errors import InputError
from mien.media import _webp
from mien.media._image_file import (
    WANTED,
    Header,
    check_sides,
    format_of,
    header_of,
    not_an_image,
    open_image,
)
from mien.media._samples import (
    SIDEWAYS,
    Rows,
    assemble,
    deep_color_rows,
    eight_bit_rows,
    image_rows,
    unsupported,
)
from mien.media.kinds import check_file, name_of

__all__ = [
    "IMAGE_PIXELS",
    "Original",
    "count_images",
    "decoding_bytes",
    "read_image",
    "read_shrunk",
]


IMAGE_PIXELS = 100_000_000
"""Pixels of a photograph that is decoded as it is; of more, see `read_shrunk`."""

# Bytes that decoding may take, for each pixel of the budget; of a small one, of `IMAGE_PIXELS`.
_BYTES_A_PIXEL = 16
_OF_SEVERAL = ("AVIF", "PNG", "TIFF", "WEBP")  # formats whose files may hold several images
_ORIENTATION = 0x0112  # EXIF
_BLACK_IS_ZERO, _RGB = 1, 2  # TIFF's photometric interpretations


def read_image(path: str | Path, pixels: int = IMAGE_PIXELS) -> NDArray[np.uint8]:
    """Read a photograph.

    Grey images get three equal channels, transparent ones are laid over white, CMYK ones converted
    without a profile, 16-bit samples of PNG and TIFF divided by 257 and rounded.

    Parameters
    ----------
    path : str or Path
        JPEG, PNG, WebP, TIFF, BMP, AVIF, JPEG 2000, PNM, or HEIC with the extra ``heic``.
    pixels : int
        The budget, see `read_shrunk`.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB, C-contiguous, upright as EXIF says.

    Raises
    ------
    InputNotFoundError
        The file is missing.
    InputError
        It is empty, damaged, not an image, of a kind of samples that has no 8-bit equivalent, its
        sides are not those of a photograph (below 16 pixels, or 20,000 and more), or decoding it
        would take more memory than the budget allows.
    """
    return read_shrunk(path, None, pixels)[0]


class Original(NamedTuple):
    """The photograph that a smaller image was decoded from."""

    factor: int  # its pixels per pixel of the smaller one, along each side
    width: int  # upright
    height: int


def read_shrunk(
    path: str | Path, side: int | None, pixels: int = IMAGE_PIXELS
) -> tuple[NDArray[np.uint8], Original | None]:
    """Read a photograph; of a large one only as much as is needed, or as the budget allows.

    A JPEG stores frequencies of 8x8 blocks, from which an image of half, a quarter or an eighth of
    its sides is decoded at a fraction of the cost.

    Parameters
    ----------
    path : str or Path
        As for `read_image`.
    side : int, optional
        Smallest allowed longer side, pixels: a JPEG is shrunk as far as that allows; None for not
        at all.
    pixels : int
        The budget. A photograph of more pixels is reduced by the least whole factor that keeps it
        within, each pixel the mean of a block. One that would take more than 1.6 GB while it is
        decoded, or 16 bytes for each pixel of a larger budget than `IMAGE_PIXELS`, is refused.

    Returns
    -------
    rgb : ndarray of uint8, shape (height, width, 3)
    original : Original or None
        None if it was not shrunk.

    Raises
    ------
    InputError
        As `read_image`.
    """
    path = Path(path)
    header = _checked_header(path, pixels)
    draft = _draft_factor(header, side, pixels)
    with _damage_explained(path):
        decoded = _decode(path, header, draft)
        size = decoded.width, decoded.height
        factor = _reduction(*size, pixels)
        rgb = assemble(decoded.rows, *size, factor, decoded.orientation)
    if draft * factor == 1:
        return rgb, None
    width, height = (header.width, header.height) if draft > 1 else size
    if decoded.orientation in SIDEWAYS:
        width, height = height, width
    return rgb, Original(draft * factor, width, height)


def decoding_bytes(path: Path, pixels: int = IMAGE_PIXELS) -> int:
    """Bytes that `read_image` takes at its peak, about, by the file's header; 0 if that can't be
    read (`read_image` says why).
    """
    try:
        header = header_of(path)
        return _cost(header, _draft_factor(header, None, pixels))
    except Exception:  # noqa: BLE001 (as above)
        return 0


def count_images(path: Path) -> int:
    """Images in a file, of which `read_image` reads the first: pages of a TIFF, frames of an
    animated PNG, WebP or AVIF; 0 if its header can't be read.
    """
    try:
        return header_of(path).images if format_of(path) in _OF_SEVERAL else 1
    except Exception:  # noqa: BLE001 (as above)
        return 0


def _checked_header(path: Path, pixels: int) -> Header:
    check_file(path, WANTED)
    if path.stat().st_size == 0:
        raise InputError(f"{name_of(path)}: can't be read; wanted {WANTED}; got an empty file")
    with _damage_explained(path):
        header = header_of(path)
    check_sides(path, header.width, header.height)
    cost = _cost(header, _draft_factor(header, None, pixels))
    limit = _BYTES_A_PIXEL * max(pixels, IMAGE_PIXELS)
    if cost > limit:
        raise InputError(
            f"{name_of(path)}: too large an image: {header.width}x{header.height} pixels, which "
            f"take {cost / 1e9:.2f} GB to decode; wanted at most {limit / 1e9:.2f} GB, "
            f"{_BYTES_A_PIXEL} bytes for each of image_pixels={limit // _BYTES_A_PIXEL}"
        )
    return header


def _cost(header: Header, draft: int) -> int:
    return header.cost // draft**2 + header.coefficients


def _draft_factor(header: Header, side: int | None, pixels: int) -> int:
    """Pixels of a JPEG, along each side, per pixel that the decoder gives."""
    if header.format != "JPEG":
        return 1
    sides = header.width, header.height
    by_budget = next((f for f in (1, 2, 4) if _pixels(*sides, f) <= pixels), 8)
    by_side = next((f for f in (8, 4, 2) if side and max(sides) >= f * side), 1)
    return max(by_budget, by_side)


def _reduction(width: int, height: int, pixels: int) -> int:
    """The least factor that keeps an image within the budget."""
    factor = 1
    while _pixels(width, height, factor) > pixels:
        factor += 1
    return factor


def _pixels(width: int, height: int, factor: int) -> int:
    return -(-width // factor) * -(-height // factor)


@contextmanager
def _damage_explained(path: Path) -> Iterator[None]:
    """Damaged files make decoders raise almost anything."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except SyntaxError as error:  # Pillow's word for bytes that aren't of the format
        raise not_an_image(path) from error
    except PermissionError as error:
        raise InputError(
            f"{name_of(path)}: can't be read; wanted {WANTED}; got: {error.strerror}"
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(
            f"{name_of(path)}: too large an image; wanted a photograph; got: {error}"
        ) from error
    except Exception as error:
        got = str(error) or type(error).__name__
        raise InputError(
            f"{name_of(path)}: damaged or cut off; wanted {WANTED}; got: {got}"
        ) from error


class _Decoded(NamedTuple):
    """Pixels of a file as they lie there."""

    rows: Rows
    width: int
    height: int
    orientation: int  # EXIF's, as far as decoding has not applied it


def _decode(path: Path, header: Header, draft: int) -> _Decoded:
    if header.format == "WEBP" and _webp.is_decoded_whole(header):
        return _decode_large_webp(path)
    if header.deep_color:
        orientation = _check_deep_color(path, header)
        return _decode_deep_color(path, header, orientation)
    with open_image(path, header.format) as image:
        if draft > 1:
            image.draft(None, (image.width // draft, image.height // draft))
        image.load()
        orientation = image.getexif().get(_ORIENTATION, 1)  # 1 if loading has turned it
        return _Decoded(image_rows(path, image, header), image.width, image.height, orientation)


def _check_deep_color(path: Path, header: Header) -> int:
    """Its orientation. Pillow decodes it to find damage that OpenCV passes over."""
    with open_image(path, header.format) as image:
        orientation: int = image.getexif().get(_ORIENTATION, 1)  # before loading turns a TIFF
        image.load()
        return orientation


def _decode_large_webp(path: Path) -> _Decoded:
    samples = _webp.decode(path)
    if samples is None:
        raise unsupported(path, "nothing")
    height, width = samples.shape[:2]
    return _Decoded(eight_bit_rows(samples), width, height, _webp.orientation_of(path))


def _decode_deep_color(path: Path, header: Header, orientation: int) -> _Decoded:
    import cv2  # slow to import, and few images need it

    data: Any = np.fromfile(path, np.uint8)
    if header.format == "TIFF":
        if header.photometric not in (_BLACK_IS_ZERO, _RGB):
            raise unsupported(path, "16-bit samples that are neither RGB nor grey")
        _clear_tiff_orientation(memoryview(data))
    samples: Any = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if samples is None or samples.dtype != np.uint16:
        raise unsupported(path, "nothing" if samples is None else f"{samples.dtype}")
    height, width = samples.shape[:2]
    return _Decoded(deep_color_rows(samples), width, height, orientation)


def _clear_tiff_orientation(data: memoryview) -> None:
    """Set the orientation to upright: only some versions of OpenCV rotate 16-bit TIFFs."""
    start = bytes(data[:4])
    order = "<" if start[:2] == b"II" else ">"
    big = start[2:] in (b"+\0", b"\0+")  # BigTIFF: 64-bit offsets
    first, count, size, value = ("Q", "Q", 20, 12) if big else ("I", "H", 12, 8)
    (at,) = struct.unpack_from(order + first, data, 8 if big else 4)
    (entries,) = struct.unpack_from(order + count, data, at)
    at += struct.calcsize(count)
    for entry in range(at, at + entries * size, size):
        if struct.unpack_from(order + "H", data, entry) == (_ORIENTATION,):
            struct.pack_into(order + "H", data, entry + value, 1)
