"""Samples of decoded images as 8-bit RGB, a few rows at a time: what it takes beside the result
doesn't grow with the image.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.errors import InputError
from mien.media._image_file import Header
from mien.media.kinds import name_of

__all__ = [
    "SIDEWAYS",
    "Rgb",
    "assemble",
    "deep_color_rows",
    "eight_bit_rows",
    "image_rows",
    "unsupported",
]


Rgb = NDArray[np.uint8]
Rows = Callable[[int, int], Rgb]
"""The rows [begin, end) of an image as stored, (rows, width, 3) RGB."""

SIDEWAYS = (5, 6, 7, 8)
"""EXIF's orientations that exchange width and height."""

_BAND = 1_000_000  # pixels of the rows that are converted at a time
_WHITE_IS_ZERO = 0  # value of TIFF's photometric interpretation


def assemble(rows: Rows, width: int, height: int, factor: int, orientation: int) -> Rgb:
    """The image, upright, each pixel the mean of a block of `factor` x `factor`.

    Parameters
    ----------
    rows : callable
    width, height : int
        As stored.
    factor : int
        1 for the image as it is. Blocks at the right and lower edge may be smaller.
    orientation : int
        EXIF's, 1 to 8.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        C-contiguous.
    """
    small_width, small_height = -(-width // factor), -(-height // factor)
    sideways = orientation in SIDEWAYS
    upright = (small_width, small_height) if sideways else (small_height, small_width)
    result = np.empty((*upright, 3), np.uint8)
    stored = _as_stored(result, orientation)
    step = max(_BAND // (width * factor), 1)  # rows of the result
    for y in range(0, small_height, step):
        band = rows(y * factor, min((y + step) * factor, height))
        if factor > 1:
            band = np.asarray(Image.fromarray(band).reduce(factor))
        stored[y : y + len(band)] = band
    return result


def _as_stored(upright: Rgb, orientation: int) -> Rgb:
    """A view of an upright image in which a pixel is where the file has it."""
    view = upright
    if orientation in SIDEWAYS:
        view = view.transpose(1, 0, 2)
    if orientation in (3, 4, 6, 7):
        view = view[::-1]
    if orientation in (2, 3, 7, 8):
        view = view[:, ::-1]
    return view


def image_rows(path: Path, image: Image.Image, header: Header) -> Rows:
    """Rows of an image that Pillow has decoded."""
    convert = _deep_gray if image.mode.startswith(("I;16", "I", "F")) else _rgb

    def rows(begin: int, end: int) -> Rgb:
        return convert(path, image.crop((0, begin, image.width, end)), header)

    return rows


def _rgb(path: Path, image: Image.Image, _: Header) -> Rgb:
    if image.mode in ("RGBa", "La"):  # premultiplied
        image = image.convert("RGBA" if image.mode == "RGBa" else "LA")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return _over_white(np.asarray(image.convert("RGBA")))
    if image.mode == "LAB":
        raise unsupported(path, "the colour space CIE Lab")
    return np.asarray(image.convert("RGB"))


def _over_white(rgba: Rgb) -> Rgb:
    samples = rgba.astype(np.uint32)
    opacity = samples[:, :, 3:]
    over_white = (samples[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255
    return over_white.astype(np.uint8)


def _deep_gray(path: Path, image: Image.Image, header: Header) -> Rgb:
    values = np.asarray(image)
    top = (1 << header.bits) - 1
    whole = header.bits <= 16 and values.dtype.kind != "f"
    if not whole or values.min() < 0 or values.max() > top:
        raise unsupported(path, f"{max(header.bits, 32)} bits")
    values = values.astype(np.uint32)
    if header.photometric == _WHITE_IS_ZERO:
        values = top - values
    gray = ((values * 255 * 2 + top) // (2 * top)).astype(np.uint8)
    return np.repeat(gray[:, :, None], 3, axis=2)


def deep_color_rows(samples: NDArray[np.uint16]) -> Rows:
    """Rows of 16-bit samples, (height, width[, 1 to 4]): grey, grey and opacity, BGR, or BGRA."""

    def rows(begin: int, end: int) -> Rgb:
        values: Any = samples[begin:end]
        if values.ndim == 2:
            values = values[:, :, None]
        if values.shape[2] in (2, 4):
            values = values.astype(np.float64)
            opacity = values[:, :, -1:] / 65535
            values = values[:, :, :-1] * opacity + 65535 * (1 - opacity)
            eight = np.floor(values / 257 + 0.5).astype(np.uint8)
        else:
            eight = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
        if eight.shape[2] == 1:
            return np.repeat(eight, 3, axis=2)
        return np.ascontiguousarray(eight[:, :, ::-1])

    return rows


def eight_bit_rows(samples: Rgb) -> Rows:
    """Rows of 8-bit samples, (height, width, 3 or 4): BGR or BGRA."""

    def rows(begin: int, end: int) -> Rgb:
        band = samples[begin:end]
        if band.shape[2] == 4:
            return _over_white(band[:, :, [2, 1, 0, 3]])
        return np.ascontiguousarray(band[:, :, ::-1])

    return rows


def unsupported(path: Path, got: str) -> InputError:
    """The error for samples that have no 8-bit equivalent."""
    return InputError(
        f"{name_of(path)}: its samples can't be read; wanted 8 or 16 bits a sample; got {got}"
    )
