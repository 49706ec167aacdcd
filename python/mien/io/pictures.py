"""Photographs as RGB arrays: turned upright, flattened, 8 bits a sample.

Pillow reads them. Where Pillow would cut 16-bit colour to its upper byte, OpenCV reads the samples instead. Colour profiles are
not applied. Of a file with several pictures (TIFF pages, animated WebP) the first is taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mien.errors import InputError
from mien.sources import MAX_SIDE, MIN_SIDE

__all__ = ["read_picture"]


def __dir__() -> list[str]:
    return __all__


_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP")
_WANTED = "a JPEG, PNG, WebP, TIFF or BMP file"
_ORIENTATION = 0x0112  # EXIF
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF
_WHITE_IS_ZERO, _RGB = 0, 2  # values of _PHOTOMETRIC


def read_picture(path: str | Path) -> NDArray[np.uint8]:
    """Read a photograph.

    Grey pictures get three equal channels, transparent ones are laid over white, CMYK ones converted without a profile, 16-bit
    samples divided by 257 and rounded.

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
        The file is missing, empty, damaged, not a picture, of a kind of samples that has no 8-bit equivalent, or its sides are not
        those of a photograph (below 16 pixels, or 20,000 and more).
    """
    path = Path(path)
    _check_file(path)
    try:
        with Image.open(path, formats=_FORMATS) as image:
            _check_sides(path, *image.size)
            image.load()
            rgb = _deep_rgb(path, image) if _is_deep_color(path, image) else _rgb(path, image)
    except (InputError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(
            f"{path}: too large a picture; wanted a photograph; got: {error}"
        ) from error
    except UnidentifiedImageError as error:
        got = "something else, or its first bytes are damaged"
        raise InputError(f"{path}: not a picture; wanted {_WANTED}; got {got}") from error
    except Exception as error:  # damaged files make Pillow raise almost anything
        got = str(error) or type(error).__name__
        raise InputError(f"{path}: damaged or cut off; wanted {_WANTED}; got: {got}") from error
    return np.ascontiguousarray(rgb)


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
    raise InputError(f"{path}: picture is {width}x{height} pixels; wanted {wanted}")


def _is_deep_color(path: Path, image: Any) -> bool:
    """Whether Pillow cuts its samples; 16-bit grey TIFF it keeps."""
    if image.format == "PNG":
        with path.open("rb") as file:
            return file.read(25)[24] == 16  # bit depth, in the first chunk
    if image.format == "TIFF":
        bits = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))
        return len(bits) > 1 and max(bits) > 8
    return False


def _deep_rgb(path: Path, image: Any) -> NDArray[np.uint8]:
    if image.format == "TIFF" and image.tag_v2.get(_PHOTOMETRIC) not in (_RGB, 1):
        raise _unsupported(path, "16-bit samples that are neither RGB nor grey")
    data = np.frombuffer(path.read_bytes(), np.uint8)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    samples = cv2.imdecode(data, flags)
    if samples is None or samples.dtype != np.uint16:
        got = "nothing" if samples is None else f"samples of {samples.dtype}"
        raise _unsupported(path, got)
    # Pillow turned its own copy of a TIFF on loading and dropped the tag, so the file is asked again.
    with Image.open(path, formats=_FORMATS) as unread:
        orientation = unread.getexif().get(_ORIENTATION, 1)
    values = samples.astype(np.float64)
    if values.ndim == 2:
        values = values[:, :, None]
    if values.shape[2] in (2, 4):
        opacity = values[:, :, -1:] / 65535
        values = values[:, :, :-1] * opacity + 65535 * (1 - opacity)
    if values.shape[2] == 1:
        values = np.repeat(values, 3, axis=2)
    rgb = np.floor(values[:, :, ::-1] / 257 + 0.5).astype(np.uint8)
    return _turn(rgb, orientation)


def _rgb(path: Path, image: Any) -> NDArray[np.uint8]:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I;16", "I", "F")):
        return _deep_gray(path, image)
    if image.mode in ("RGBa", "La"):  # premultiplied
        image = image.convert("RGBA" if image.mode == "RGBa" else "LA")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        samples = np.asarray(image.convert("RGBA")).astype(np.uint32)
        opacity = samples[:, :, 3:]
        over_white = (samples[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255
        return over_white.astype(np.uint8)
    return np.asarray(image.convert("RGB"))


def _deep_gray(path: Path, image: Any) -> NDArray[np.uint8]:
    tags = getattr(image, "tag_v2", {})
    bits = max(tags.get(_BITS_PER_SAMPLE, (16,)))
    values = np.asarray(image)
    if bits > 16 or values.dtype.kind == "f" or values.min() < 0 or values.max() >= 1 << bits:
        raise _unsupported(path, f"{max(bits, 32)} bits a sample")
    top = (1 << bits) - 1
    values = values.astype(np.uint32)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        values = top - values
    gray = ((values * 255 * 2 + top) // (2 * top)).astype(np.uint8)
    return np.repeat(gray[:, :, None], 3, axis=2)


def _turn(rgb: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Applies an EXIF orientation, 1 to 8: where the stored first row and first column belong."""
    if orientation in (2, 3, 7, 8):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 6, 7):
        rgb = rgb[::-1]
    if orientation in (5, 6, 7, 8):
        rgb = rgb.transpose(1, 0, 2)
    return rgb


def _unsupported(path: Path, got: str) -> InputError:
    return InputError(f"{path}: its samples can't be read; wanted 8 or 16 bits a sample; got {got}")
