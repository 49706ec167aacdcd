"""Presentation times of frames that the caller holds; files carry their own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien._engine.sources import Source
from mien.errors import OptionError
from mien.options import ReadOptions

__all__ = ["Timestamps"]


class Timestamps:
    """Times of the frames of arrays, from `fps` or `times`.

    Parameters
    ----------
    sources : sequence of Source
    read : ReadOptions
    fps : float, optional
        Frames per second of every array.
    times : array of float, optional
        Seconds, one a frame, of the only array.

    Attributes
    ----------
    fps : float or None
    first : float
        Seconds, of a single image; NaN if nothing says.

    Raises
    ------
    OptionError
        Both of them, neither where a window needs them, or values that aren't such times.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        read: ReadOptions,
        fps: float | None = None,
        times: ArrayLike | None = None,
    ) -> None:
        _check_choice(sources, read, fps, times)
        self.fps = fps
        self._times = None if times is None else _checked_times(times, sources)
        self.first = math.nan
        if self._times is not None:
            self.first = float(self._times[0])
        elif fps is not None:
            self.first = 0.0

    def of(self, source: Source) -> NDArray[np.float64]:
        """Seconds, one a frame; NaN where nothing says."""
        assert source.frames is not None
        count = len(source.frames)
        if self._times is not None:
            return self._times
        return np.arange(count) / self.fps if self.fps else np.full(count, math.nan)


def _check_choice(
    sources: Sequence[Source], read: ReadOptions, fps: float | None, times: ArrayLike | None
) -> None:
    arrays = [source for source in sources if source.kind == "array"]
    if fps is not None and times is not None:
        raise OptionError("fps, times: wanted one of them, got both")
    if (fps is not None or times is not None) and len(arrays) != len(sources):
        raise OptionError("fps, times: wanted only for arrays; files carry their own times")
    if fps is not None and not (math.isfinite(fps) and fps > 0):
        raise OptionError(f"fps: wanted a number above 0, got {fps}")
    windowed = any(map(math.isfinite, read.bounds))
    if windowed and arrays and fps is None and times is None:
        raise OptionError(
            "start, end: wanted fps or times too, for an array has no time of its own"
        )


def _checked_times(times: ArrayLike, sources: Sequence[Source]) -> NDArray[np.float64]:
    try:
        seconds = np.asarray(times, np.float64)
    except (TypeError, ValueError) as error:
        raise OptionError(f"times: wanted seconds, one a frame: {error}") from error
    frames = sources[0].frames
    count = len(frames) if frames is not None and len(sources) == 1 else None
    if count is None or seconds.shape != (count,):
        wanted = f"({count},) for its frames" if count else "a single array with it"
        raise OptionError(f"times: wanted {wanted}, got shape {seconds.shape}")
    if not np.all(np.diff(seconds) > 0) or not np.all(np.isfinite(seconds)):
        raise OptionError("times: wanted finite seconds that rise from frame to frame")
    return seconds
