"""Frames of a video as RGB arrays: what the engine sees, for looking at or for handing back as arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien import _core

__all__ = ["VideoFrame", "read_frames"]


def __dir__() -> list[str]:
    return __all__


@dataclass(frozen=True)
class VideoFrame:
    """One frame of a video.

    Attributes
    ----------
    index : int
        Its number in the file, from 0.
    time : float
        Presentation time in seconds; NaN if unknown.
    rgb : ndarray or None
        (height, width, 3) uint8, upright; None for a frame that can't be decoded.
    """

    index: int
    time: float
    rgb: NDArray[np.uint8] | None


def read_frames(
    path: str | Path, *, every: int = 1, start: float | None = None, end: float | None = None
) -> Iterator[VideoFrame]:
    """Decode a video into the very RGB values that the engine analyses.

    `mien.Engine.analyze` of these arrays gives the same rows as of the file.

    Parameters
    ----------
    path : str or Path
    every, start, end
        As for `mien.Engine.analyze`.

    Yields
    ------
    VideoFrame

    Raises
    ------
    InputError
        Not a video that can be opened.
    OptionError
        An option outside its range.

    Examples
    --------
    >>> frames = [frame.rgb for frame in mien.read_frames("clip.mp4")]  # doctest: +SKIP
    """
    first = -math.inf if start is None else start
    last = math.inf if end is None else end
    if _core.video_decoder_version():
        for index, time, _, rgb in _core.VideoReader(str(path), every=every, start=first, end=last):
            yield VideoFrame(index, time, rgb)
        return
    from mien.io import pyav
    from mien.io.planes import to_rgb

    for frame in pyav.decode(Path(path), every, first, last):
        yield VideoFrame(frame.index, frame.time, to_rgb(frame) if frame.ok else None)
