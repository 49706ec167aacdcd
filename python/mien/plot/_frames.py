"""The image that rows of a table were computed from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien import _core
from mien.errors import InputError

__all__ = ["load_frame", "read_video_frame"]


def load_frame(
    image: Any, name: str, index: int, time: float, sar: float | None = None
) -> NDArray[np.uint8]:
    """The frame as (height, width, 3) uint8 RGB in square pixels.

    Parameters
    ----------
    image : ndarray, path or None
        The image itself, or the file that holds the frame; None for the file that the table names.
    name : str
        Column `input` of the rows.
    index, time : int, float
        Frame and its presentation time in seconds (NaN if unknown).
    sar : float, optional
        Sample aspect ratio that it was analysed with, in place of its own.

    Raises
    ------
    InputError
        No such file, no such frame in it, or not an image.
    """
    if isinstance(image, np.ndarray):
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            got = f"shape {image.shape}, dtype {image.dtype}"
            raise InputError(f"image: wanted uint8 RGB of shape (height, width, 3), got {got}")
        return _square(image, sar)
    path = Path(name if image is None else image)
    if not path.is_file():
        hint = "; pass the image as image=" if image is None else ""
        raise InputError(f"{path}: no such file to take the image of frame {index} from{hint}")
    from mien.media.kinds import kind_of

    if kind_of(path) == "image":
        from mien.media.images import read_image

        rgb: NDArray[np.uint8] = read_image(path)
        return _square(rgb, sar)
    return read_video_frame(path, index, time, sar)


def _square(rgb: NDArray[np.uint8], sar: float | None) -> NDArray[np.uint8]:
    size = _core.shown_size(rgb.shape[1], rgb.shape[0], sar or 1.0)
    if size == rgb.shape[1::-1]:
        return rgb
    import cv2

    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def read_video_frame(
    path: Path, index: int, time: float = math.nan, sar: float | None = None
) -> NDArray[np.uint8]:
    """Frame number `index` of a video; `time`, if known, saves decoding the frames before it."""
    from mien.media.frames import read_frames

    start, end = (None, None) if math.isnan(time) else (time - 1e-4, time + 1e-4)
    for frame in read_frames(path, start=start, end=end, sar=sar):
        if frame.index == index and frame.rgb is not None:
            rgb: NDArray[np.uint8] = frame.rgb
            return rgb
    raise InputError(f"{path}: no frame {index} that can be decoded")
