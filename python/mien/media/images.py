"""Photographs as RGB arrays: turned upright, flattened, 8 bits a sample.

Pillow reads them. Where Pillow would cut 16-bit colour to its upper byte, OpenCV reads the samples
instead. Colour profiles are not applied. Of a file with several images (TIFF pages, animated WebP)
the first is taken.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mien.errors import InputError
from mien.media.kinds import MAX_SIDE, MIN_SIDE

__all__ = ["Original", "count_pixels", "read_image", "read_shrunk"]


_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
_WANTED = "a JPEG, PNG, WebP, TIFF or BMP file"
_ORIENTATION = 0x0112  # EXIF
_SIDEWAYS = (5, 6, 7, 8)  # its values that exchange width and height
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2  # values of _PHOTOMETRIC


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Read a photograph.

    Grey images get three equal channels, transparent ones are laid over white, CMYK ones converted
    without a profile, 16-bit samples divided by 257 and rounded.

    Parameters
    ----------
    path : str or Path
        JPEG, PNG, WebP, TIFF or BMP.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB, C-contiguous, upright as EXIF says.

    Raises
    ------
    InputError
        The file is missing, empty, damaged, not an image, of a kind of samples that has no 8-bit
        equivalent, or its sides are not those of a photograph (below 16 pixels, or 20,000 and
        more).
    """
    return read_shrunk(path, None)[0]


class Original(NamedTuple):
    """The photograph that a smaller image was decoded from."""

    factor: int  # its pixels per pixel of the smaller one, along each side
    width: int  # upright
    height: int


def read_shrunk(path: str | Path, side: int | None) -> tuple[NDArray[np.uint8], Original | None]:
    """Read a photograph; of a large JPEG only as much as is needed.

    A JPEG stores frequencies of 8x8 blocks, from which an image of half, a quarter or an eighth of
    its sides is decoded at a fraction of the cost.

    Parameters
    ----------
    path : str or Path
        As for `read_image`.
    side : int, optional
        Smallest allowed longer side, pixels: a JPEG is shrunk as far as that allows; None for not
        at all. Other formats are never shrunk.

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
    _check_file(path)
    loaded = _load(path, side)
    rgb = _deep_rgb(path, loaded) if loaded.cut_by_pillow else _rgb(path, loaded)
    return np.ascontiguousarray(rgb), loaded.original


def count_pixels(path: Path) -> int:
    """Pixels of a photograph by its header; 0 if that can't be read (`read_image` says why)."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            return int(image.width * image.height)
    except Exception:  # noqa: BLE001 (as above)
        return 0


class _Loaded(NamedTuple):
    """A file as Pillow decoded it."""

    image: Image.Image  # upright
    format: str
    orientation: int  # EXIF, as the file has it
    bits: int  # of a sample
    photometric: int | None  # TIFF's way of saying what samples mean
    cut_by_pillow: bool  # 16-bit colour, of which `image` has the upper bytes only
    original: Original | None  # if `image` was decoded smaller


def _load(path: Path, side: int | None) -> _Loaded:
    try:
        with Image.open(path, formats=_FORMATS) as image:
            _check_sides(path, *image.size)
            return _read(path, image, side)
    except (InputError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(
            f"{path}: too large an image; wanted a photograph; got: {error}"
        ) from error
    except UnidentifiedImageError as error:
        got = "something else, or its first bytes are damaged"
        raise InputError(f"{path}: not an image; wanted {_WANTED}; got {got}") from error
    except PermissionError as error:
        raise InputError(
            f"{path}: can't be read; wanted {_WANTED}; got: {error.strerror}"
        ) from error
    except Exception as error:  # damaged files make Pillow's decoders raise almost anything
        got = str(error) or type(error).__name__
        raise InputError(f"{path}: damaged or cut off; wanted {_WANTED}; got: {got}") from error


def _read(path: Path, image: Any, side: int | None) -> _Loaded:
    orientation = image.getexif().get(_ORIENTATION, 1)  # before loading, which turns a TIFF
    bits, photometric, cut = 16, None, False
    if image.format == "PNG":
        with path.open("rb") as file:
            cut = file.read(25)[24] == 16  # bit depth, in the first chunk
    elif image.format == "TIFF":
        samples = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))
        bits, photometric = max(samples), image.tag_v2.get(_PHOTOMETRIC)
        cut = len(samples) > 1 and bits > 8
    name = image.format
    original = _draft(image, side, orientation) if name == "JPEG" and side else None
    image.load()
    upright = ImageOps.exif_transpose(image)
    return _Loaded(upright, name, orientation, bits, photometric, cut, original)


def _draft(image: Any, side: int, orientation: int) -> Original | None:
    """Let the decoder shrink the image, if it is large enough."""
    factor = next((f for f in (8, 4, 2) if max(image.size) >= f * side), 1)
    if factor == 1:
        return None
    width, height = image.size
    image.draft(None, (width // factor, height // factor))
    return Original(factor, *((height, width) if orientation in _SIDEWAYS else (width, height)))


def _check_file(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path}: no such file; wanted {_WANTED}")
    if path.is_dir():
        raise InputError(f"{path}: can't be read; wanted {_WANTED}; got a directory")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: can't be read; wanted {_WANTED}; got an empty file")


def _check_sides(path: Path, width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE:
        wanted = f"at least {MIN_SIDE}x{MIN_SIDE}"
    elif max(width, height) >= MAX_SIDE:
        wanted = f"sides below {MAX_SIDE}"
    else:
        return
    raise InputError(f"{path}: image is {width}x{height} pixels; wanted {wanted}")


def _deep_rgb(path: Path, loaded: _Loaded) -> NDArray[np.uint8]:
    import cv2  # slow to import, and few images need it

    data = bytearray(path.read_bytes())
    if loaded.format == "TIFF":
        if loaded.photometric not in (_BLACK_IS_ZERO, _RGB):
            raise _unsupported(path, "16-bit samples that are neither RGB nor grey")
        _clear_tiff_orientation(data)
    samples: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None or samples.dtype != np.uint16:
        raise _unsupported(path, "nothing" if samples is None else f"{samples.dtype}")
    values = samples.astype(np.float64)
    if values.ndim == 2:
        values = values[:, :, None]
    if values.shape[2] in (2, 4):
        opacity = values[:, :, -1:] / 65535
        values = values[:, :, :-1] * opacity + 65535 * (1 - opacity)
    if values.shape[2] == 1:
        values = np.repeat(values, 3, axis=2)
    rgb = np.floor(values[:, :, ::-1] / 257 + 0.5).astype(np.uint8)
    return _turn(rgb, loaded.orientation)


def _clear_tiff_orientation(data: bytearray) -> None:
    """Set the orientation to upright: only some versions of OpenCV rotate 16-bit TIFFs."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (bytearray(b"+\0"), bytearray(b"\0+"))  # BigTIFF: 64-bit offsets
    first, count, size, value = ("Q", "Q", 20, 12) if big else ("I", "H", 12, 8)
    (at,) = struct.unpack_from(order + first, data, 8 if big else 4)
    (entries,) = struct.unpack_from(order + count, data, at)
    at += struct.calcsize(count)
    for entry in range(at, at + entries * size, size):
        if struct.unpack_from(order + "H", data, entry) == (_ORIENTATION,):
            struct.pack_into(order + "H", data, entry + value, 1)


def _rgb(path: Path, loaded: _Loaded) -> NDArray[np.uint8]:
    image = loaded.image
    if image.mode.startswith(("I;16", "I", "F")):
        return _deep_gray(path, loaded)
    if image.mode in ("RGBa", "La"):  # premultiplied
        image = image.convert("RGBA" if image.mode == "RGBa" else "LA")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        samples = np.asarray(image.convert("RGBA")).astype(np.uint32)
        opacity = samples[:, :, 3:]
        over_white = (samples[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255
        return over_white.astype(np.uint8)
    if image.mode == "LAB":
        raise _unsupported(path, "the colour space CIE Lab")
    return np.asarray(image.convert("RGB"))


def _deep_gray(path: Path, loaded: _Loaded) -> NDArray[np.uint8]:
    values = np.asarray(loaded.image)
    top = (1 << loaded.bits) - 1
    whole = loaded.bits <= 16 and values.dtype.kind != "f"
    if not whole or values.min() < 0 or values.max() > top:
        raise _unsupported(path, f"{max(loaded.bits, 32)} bits")
    values = values.astype(np.uint32)
    if loaded.photometric == _WHITE_IS_ZERO:
        values = top - values
    gray = ((values * 255 * 2 + top) // (2 * top)).astype(np.uint8)
    return np.repeat(gray[:, :, None], 3, axis=2)


def _turn(rgb: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Apply an EXIF orientation, 1 to 8."""
    if orientation in (2, 3, 7, 8):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 6, 7):
        rgb = rgb[::-1]
    if orientation in (5, 6, 7, 8):
        rgb = rgb.transpose(1, 0, 2)
    return rgb


def _unsupported(path: Path, got: str) -> InputError:
    return InputError(f"{path}: its samples can't be read; wanted 8 or 16 bits a sample; got {got}")
