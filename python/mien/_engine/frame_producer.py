"""Frames that Python holds, pushed to the core from a thread of their own, so that the core never
waits for the consumer of its rows.

Not used for files where FFmpeg was built in: there, decoding and everything after happens in C++.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from mien._engine.sources import Rgb, Source
from mien.errors import InputError, ResourceError
from mien.options import EngineOptions, ReadOptions

if TYPE_CHECKING:
    from mien._core import Feed
    from mien.media._pyav import DecodedFrame
    from mien.media.images import Original

    _Image = tuple[Rgb, Original | None]

_T = TypeVar("_T")

__all__ = [
    "FrameProducer",
    "PushFrames",
    "push_array",
    "push_singles",
    "push_video",
    "start_thread",
]


PushFrames = Callable[["Feed"], None]
"""Pushes frames to a feed until there are no more, or the feed says that nobody takes them."""


class FrameProducer:
    """A thread that pushes frames to a feed.

    Whatever `push` raises is kept for `finish`, so that the consumer meets it after the rows of all
    frames before it.

    Parameters
    ----------
    feed : _core.Feed
    push : callable

    Raises
    ------
    ResourceError
        The system makes no further thread.
    """

    def __init__(self, feed: Feed, push: PushFrames) -> None:
        self._feed = feed
        self._push = push
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="mien-feed", daemon=True)
        start_thread(self._thread.start, "frames of an array or a decoder in Python")

    def _run(self) -> None:
        try:
            self._push(self._feed)
        except BaseException as error:  # noqa: BLE001 (handed over: finish() raises it)
            self._error = error
        finally:
            self._feed.close()

    def join(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        """Wait for the thread; the stream was closed or read to its end.

        While the interpreter ends no thread but its own goes on, so there is none to wait for.
        """
        if not is_finalizing():
            self._thread.join()

    def finish(self) -> None:
        """Wait for the thread and raise what it met."""
        self.join()
        if self._error is not None:
            raise self._error


def push_singles(
    sources: Sequence[Source],
    options: EngineOptions,
    originals: dict[int, Original],
    failures: dict[int, InputError],
    sar: float = 1.0,
) -> PushFrames:
    """Images and single arrays, each a frame: its index is the position in `sources`, its time
    unknown.

    Images are decoded by several threads and pushed in order. Those decoded smaller than they are
    (`read_shrunk`; `image_side` and `image_pixels` of `options` say when) leave an entry in
    `originals`, by index, before they are pushed; those that can't be decoded leave one in
    `failures`, before any behind them is pushed. `sar` is the sample aspect ratio of all.
    """

    def push(feed: Feed) -> None:
        with closing(_in_order(partial(_read_single, options), sources)) as images:
            for index, image in enumerate(images):
                if isinstance(image, InputError):
                    failures[index] = image
                    continue
                rgb, original = image
                if original:
                    originals[index] = original
                if not feed.push_rgb(index, float("nan"), rgb, sar):
                    return

    return push


def _read_single(options: EngineOptions, source: Source) -> _Image | InputError:
    if source.path is None:
        assert source.frames is not None  # a source has a path or frames
        return source.frames[0], None
    from mien.media.images import read_shrunk

    try:
        return read_shrunk(source.path, options.image_side, options.image_pixels)
    except InputError as error:
        return error


def _in_order(
    read: Callable[[Source], _Image | InputError], sources: Sequence[Source]
) -> Generator[_Image | InputError]:
    """What `read` makes of each, in order; as many are read ahead as there are threads."""
    threads = min(cores(), len(sources))
    if threads == 1 or all(source.path is None for source in sources):
        yield from (read(source) for source in sources)  # map() would end by StopIteration
        return
    with ThreadPoolExecutor(threads, "mien-image") as pool:
        ahead: deque[Future[_Image | InputError]] = deque()
        try:
            for source in sources:
                submit = partial(pool.submit, read, source)
                ahead.append(start_thread(submit, f"images by {threads} threads"))
                if len(ahead) > threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def start_thread(start: Callable[[], _T], what: str) -> _T:
    """What `start` gives, which may start a thread.

    Raises
    ------
    ResourceError
        The system makes no further thread.
    """
    try:
        return start()
    except RuntimeError as error:  # the standard library has no class for it
        raise ResourceError(
            f"{what}: wanted a thread, got: {error}; the system limits threads or memory "
            "(ulimit -u and -v, the pids and memory limits of a container)"
        ) from error


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def push_array(source: Source, times: NDArray[np.float64], read: ReadOptions) -> PushFrames:
    """Frames of an array that lie in [start, end), every n-th of them; frames without a time lie in
    any window.
    """
    assert source.frames is not None
    frames = source.frames
    start, end = read.bounds
    sar = read.sar or 1.0
    inside = np.isnan(times) | ((times >= start) & (times < end))

    def push(feed: Feed) -> None:
        for index in np.flatnonzero(inside)[:: read.every]:
            if not feed.push_rgb(int(index), float(times[index]), frames[index], sar):
                return

    return push


def push_video(path: Path, read: ReadOptions, on_notes: Callable[[list[str]], None]) -> PushFrames:
    """Frames of a video file as PyAV decodes them: planes, not RGB. `on_notes`: see
    `mien.media._pyav.decode`.
    """

    def push(feed: Feed) -> None:
        from mien.media import _pyav as pyav

        fps = math.nan if read.fps is None else read.fps
        frames = pyav.decode(
            path, read.every, *read.bounds, sar=read.sar, fps=fps, on_notes=on_notes
        )
        for frame in frames:
            if not _push_decoded(feed, frame):
                return

    return push


def _push_decoded(feed: Feed, frame: DecodedFrame) -> bool:
    if frame.image is None:
        return feed.push_lost(frame.index, frame.time)
    return feed.push_planes(frame.index, frame.time, *frame.image)
