"""Frames of a video as the RGB arrays that the engine analyses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien import _core
from mien.errors import OptionError, ProviderError

__all__ = ["VideoFrame", "read_frames"]


@dataclass(frozen=True)
class VideoFrame:
    """One frame of a video.

    Attributes
    ----------
    index : int
        Its number in the file, from 0.
    time : float
        Presentation time in seconds, never before that of the frame before; NaN if unknown.
    rgb : ndarray or None
        (height, width, 3) uint8, upright; None for a frame that can't be decoded. With
        ``device="cuda"`` an array on the device, with `shape`, `dtype`, ``__dlpack__`` and
        ``__cuda_array_interface__``, so that CuPy, PyTorch and JAX take it without a copy, and
        ``get()`` for a copy in CPU memory.
    """

    index: int
    time: float
    rgb: Any


def read_frames(
    path: str | Path,
    *,
    every: int = 1,
    start: float | None = None,
    end: float | None = None,
    fps: float | None = None,
    device: str = "cpu",
) -> Iterator[VideoFrame]:
    """Decode a video into exactly the RGB values that the engine analyses.

    `mien.Engine.analyze` of these arrays gives the same rows as of the file.

    Parameters
    ----------
    path : str or Path
    every, start, end
        As for `mien.Engine.analyze`.
    fps : float, optional
        Frames per second of a raw stream, which has no times of its own; they are NaN without it.
    device : {"cpu", "cuda"}
        Where to decode and where the arrays lie. On a CUDA device NVDEC decodes what it can, and
        the CPU the rest.

    Yields
    ------
    VideoFrame

    Raises
    ------
    InputError
        Not a video that can be opened.
    OptionError
        An option outside its range; `fps` for a file that has times of its own; a window in one
        that has none.
    ProviderError
        There is no CUDA device, or mien was built without FFmpeg or without CUDA.

    Examples
    --------
    >>> frames = [frame.rgb for frame in mien.read_frames("clip.mp4")]  # doctest: +SKIP
    >>> for frame in mien.read_frames("clip.mp4", device="cuda"):  # doctest: +SKIP
    ...     tensor = torch.from_dlpack(frame.rgb)
    """
    if device not in ("cpu", "cuda"):
        raise OptionError(f"device: wanted cpu or cuda, got {device!r}")
    first = -math.inf if start is None else start
    last = math.inf if end is None else end
    rate = math.nan if fps is None else fps
    if _core.video_decoder_version():
        reader = _core.VideoReader(
            str(path), every=every, start=first, end=last, device=device, fps=rate
        )
        for index, time, _, rgb in reader:
            yield VideoFrame(index, time, rgb)
        return
    if device == "cuda":
        raise ProviderError(
            "device: wanted cuda, but this build of mien has no FFmpeg of its own to decode with"
        )
    from mien.media import _pyav as pyav
    from mien.media._planes import to_rgb

    for frame in pyav.decode(Path(path), every, first, last, fps=rate):
        rgb = None if frame.image is None else to_rgb(frame.image)
        yield VideoFrame(frame.index, frame.time, rgb)
