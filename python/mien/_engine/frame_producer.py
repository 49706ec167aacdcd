"""Hands frames that Python holds to the core, from a thread of its own so that the core never waits
for its consumer.

Not used for files where FFmpeg was built in: there, decoding and everything after happens in C++.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien._engine.sources import Rgb, Source

if TYPE_CHECKING:
    from mien._core import Feed, ReadOptions
    from mien.media.images import Original

    _Image = tuple[Rgb, Original | None]

__all__ = ["Producer", "push_array", "push_singles", "push_video"]


Work = Callable[["Feed"], None]


class Producer:
    """Runs `work`, which pushes frames until the feed says that nobody takes them any more.

    Whatever `work` raises is kept for `finish`, so the consumer meets it after the rows of all
    frames before it.
    """

    def __init__(self, feed: Feed, work: Work) -> None:
        self._feed = feed
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="mien-feed", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work(self._feed)
        except BaseException as error:  # noqa: BLE001 (handed over: finish() raises it)
            self._error = error
        finally:
            self._feed.close()

    def join(self) -> None:
        """Wait for the thread; the stream was closed or read to its end."""
        self._thread.join()

    def finish(self) -> None:
        """Wait for the thread and raise what it met."""
        self.join()
        if self._error is not None:
            raise self._error


def push_singles(
    sources: Sequence[Source], side: int | None, originals: dict[int, Original]
) -> Work:
    """Images and single arrays, each a frame: its index is the position in `sources`, its time
    unknown.

    Images are decoded by several threads and pushed in order; what a broken one raises comes after
    those before it. Those decoded smaller than they are (`read_shrunk`) leave an entry in
    `originals`, by index, before they are pushed.
    """

    def work(feed: Feed) -> None:
        with closing(_in_order(partial(_read_single, side), sources)) as images:
            for index, (rgb, original) in enumerate(images):
                if original:
                    originals[index] = original
                if not feed.push_rgb(index, float("nan"), rgb):
                    return

    return work


def _read_single(side: int | None, source: Source) -> _Image:
    if source.path is None:
        assert source.frames is not None  # a source has a path or frames
        return source.frames[0], None
    from mien.media.images import read_shrunk

    return read_shrunk(source.path, side)


def _in_order(read: Callable[[Source], _Image], sources: Sequence[Source]) -> Generator[_Image]:
    """What `read` makes of each, in order; as many are read ahead as there are threads."""
    threads = min(cores(), len(sources))
    if threads == 1 or all(source.path is None for source in sources):
        yield from map(read, sources)
        return
    with ThreadPoolExecutor(threads, "mien-image") as pool:
        ahead: deque[Future[_Image]] = deque()
        try:
            for source in sources:
                ahead.append(pool.submit(read, source))
                if len(ahead) > threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def push_array(source: Source, times: NDArray[np.float64], read: ReadOptions) -> Work:
    """Frames of an array that lie in [start, end), every n-th of them; frames without a time lie in
    any window.
    """
    assert source.frames is not None
    frames = source.frames
    inside = np.isnan(times) | ((times >= read.start) & (times < read.end))

    def work(feed: Feed) -> None:
        for index in np.flatnonzero(inside)[:: read.every]:
            if not feed.push_rgb(int(index), float(times[index]), frames[index]):
                return

    return work


def push_video(path: Path, read: ReadOptions) -> Work:
    """Frames of a video file as PyAV decodes them: planes, not RGB."""

    def work(feed: Feed) -> None:
        from mien.media import pyav

        for frame in pyav.decode(path, read.every, read.start, read.end):
            if frame.ok:
                taken = feed.push_planes(
                    frame.index,
                    frame.time,
                    tuple(frame.planes),
                    frame.model,
                    frame.chroma_shift_x,
                    frame.chroma_shift_y,
                    frame.matrix,
                    frame.full_range,
                    frame.width,
                    frame.height,
                )
            else:
                taken = feed.push_lost(frame.index, frame.time)
            if not taken:
                return

    return work
