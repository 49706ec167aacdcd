"""Presentation times of frames that the caller holds; files other than raw streams carry theirs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien._engine.sources import Source
from mien.errors import OptionError
from mien.options import ReadOptions

__all__ = ["LiveClock", "Timestamps", "seconds_of"]


class Timestamps:
    """Times of the frames of arrays, from `read.fps` or `times`.

    Parameters
    ----------
    sources : sequence of Source
    read : ReadOptions
    times : array of float or timedelta, optional
        One a frame of the only array; numbers are seconds.

    Attributes
    ----------
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
        times: ArrayLike | None = None,
    ) -> None:
        fps = self._fps = read.fps
        _check_choice(sources, read, times)
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
        return np.arange(count) / self._fps if self._fps else np.full(count, math.nan)


class LiveClock:
    """Checks that the times of a live sequence rise, whatever the camera's driver says."""

    def __init__(self) -> None:
        self._last = -math.inf

    def read(self, time: Any) -> float:
        """The time of the next frame in seconds; NaN stays NaN, for unknown.

        Raises
        ------
        OptionError
            Infinite, not a time, or not after the latest that was `passed`.
        """
        seconds = float(seconds_of(time, "time"))
        if math.isinf(seconds):
            raise OptionError(f"time: wanted finite seconds, or NaN where unknown, got {seconds}")
        if seconds <= self._last:
            raise OptionError(
                f"time: wanted seconds that rise from frame to frame, got {seconds:g} after "
                f"{self._last:g}; reset() begins a new sequence"
            )
        return seconds

    def passed(self, seconds: float) -> None:
        """A frame of this time was analysed."""
        if not math.isnan(seconds):
            self._last = seconds


def seconds_of(times: Any, name: str) -> NDArray[np.float64]:
    """Times as seconds: numbers are, durations are converted.

    Parameters
    ----------
    times : array_like
        Numbers, `datetime.timedelta`, or NumPy's or pandas' timedelta64.
    name : str
        Of the option, for errors.

    Returns
    -------
    ndarray of float64
        Of the same shape.

    Raises
    ------
    OptionError
        Points in time, or what is no time at all.
    """
    try:
        array = np.asarray(times)
        items = list(array.flat) if array.dtype == object else []
        if items and all(isinstance(item, timedelta) for item in items):
            array = array.astype("timedelta64[ns]")
        if array.dtype.kind == "m":
            return np.where(np.isnat(array), np.nan, array / np.timedelta64(1, "s"))
        are_dates = array.dtype.kind == "M" or any(hasattr(item, "year") for item in items)
        if not are_dates and array.dtype.kind in "iufO":
            return np.asarray(array, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise OptionError(f"{name}: wanted seconds, one a frame: {error}") from error
    got = "points in time; subtract the first one" if are_dates else str(array.dtype)
    raise OptionError(f"{name}: wanted seconds or timedelta, got {got}")


def _check_choice(sources: Sequence[Source], read: ReadOptions, times: ArrayLike | None) -> None:
    fps = read.fps
    kinds = {source.kind for source in sources}
    arrays = "array" in kinds
    if fps is not None and times is not None:
        raise OptionError("fps, times: wanted one of them, got both")
    if times is not None and kinds != {"array"}:
        raise OptionError("times: wanted only for arrays; files carry their own times")
    if fps is not None and "image" in kinds:
        raise OptionError("fps: wanted only for arrays and raw streams; an image has no time")
    windowed = any(map(math.isfinite, read.bounds))
    if windowed and arrays and fps is None and times is None:
        raise OptionError(
            "start, end: wanted fps or times too, for an array has no time of its own"
        )


def _checked_times(times: ArrayLike, sources: Sequence[Source]) -> NDArray[np.float64]:
    seconds = seconds_of(times, "times")
    frames = sources[0].frames
    count = len(frames) if frames is not None and len(sources) == 1 else None
    if count is None or seconds.shape != (count,):
        wanted = f"({count},) for its frames" if count else "a single array with it"
        raise OptionError(f"times: wanted {wanted}, got shape {seconds.shape}")
    if not np.all(np.diff(seconds) > 0) or not np.all(np.isfinite(seconds)):
        raise OptionError("times: wanted finite seconds that rise from frame to frame")
    return seconds
