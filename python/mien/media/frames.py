"""Frames of a video as the RGB arrays that the engine analyses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien import _core
from mien.errors import OptionError, ProviderError
from mien.media.kinds import check_file
from mien.options import ReadOptions, core_read_options

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
        (height, width, 3) uint8, upright, in square pixels unless `read_frames` was asked for the
        stored ones; None for a frame that can't be decoded. With
        ``device="cuda"`` an array on the device, with `shape`, `dtype`, ``__dlpack__`` and
        ``__cuda_array_interface__``, so that CuPy, PyTorch and JAX take it without a copy, and
        ``get()`` for a copy in CPU memory.
    sar : float
        Sample aspect ratio of `rgb`, width of a pixel through its height: 1 for square pixels.
    """

    index: int
    time: float
    rgb: Any
    sar: float = 1.0


def read_frames(
    path: str | Path,
    *,
    every: int = 1,
    start: float | None = None,
    end: float | None = None,
    fps: float | None = None,
    device: str = "cpu",
    sar: float | None = None,
    square: bool = True,
) -> Iterator[VideoFrame]:
    """Decode a video into exactly the RGB values that the engine analyses.

    `mien.Engine.analyze` of these arrays gives the same rows as of the file. Where a video's pixels
    aren't square, frames are stretched to square ones, which are those of the table, so that it can
    be drawn over them; their rows are then the file's but for the interpolation. With
    ``square=False`` they stay as they are stored, and ``analyze(frames, sar=frame.sar)`` gives the
    file's rows exactly.

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
    sar : float, optional
        Sample aspect ratio of the stored pixels, in place of what the file says.
    square : bool
        Stretch frames whose pixels aren't square, linearly, along the side where they are longer.

    Yields
    ------
    VideoFrame

    Raises
    ------
    InputNotFoundError
        The file is missing.
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
    check_file(Path(path), "a video")
    read = ReadOptions(every=every, start=start, end=end, fps=fps, sar=sar)
    if _core.video_decoder_version():
        window = core_read_options(read)
        reader = _core.VideoReader(
            str(path), window.every, window.start, window.end, device=device, fps=window.fps,
            sar=window.sar, square=square,
        )  # fmt: skip
        for index, time, _, rgb, shape in reader:
            yield VideoFrame(index, time, rgb, shape)
        return
    if device == "cuda":
        raise ProviderError(
            "device: wanted cuda, but this build of mien has no FFmpeg of its own to decode with"
        )
    from mien.media import _pyav as pyav
    from mien.media._planes import to_rgb

    rate = math.nan if fps is None else fps
    for frame in pyav.decode(Path(path), every, *read.bounds, sar=sar, fps=rate):
        if frame.image is None:
            yield VideoFrame(frame.index, frame.time, None)
            continue
        shape = 1.0 if square else frame.image.sar
        image = frame.image if square else frame.image._replace(sar=1.0)
        yield VideoFrame(frame.index, frame.time, to_rgb(image), shape)
