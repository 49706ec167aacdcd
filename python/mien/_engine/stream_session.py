"""One stream through the core: a group of sources in, events out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien import _core
from mien._engine.coordinate_rescaling import rescaled
from mien._engine.events import Event, SourceError, SourceRows
from mien._engine.frame_producer import (
    FrameProducer,
    PushFrames,
    push_array,
    push_singles,
    push_video,
)
from mien._engine.history import history_of
from mien._engine.loaded_engine import LoadedEngine
from mien._engine.probe import describe, detect_mode, frame_count, path_of
from mien._engine.sources import Source
from mien._engine.timestamps import Timestamps
from mien.errors import InputError
from mien.options import ReadOptions, core_read_options, core_stream_options
from mien.table import FaceTable

if TYPE_CHECKING:
    from mien.media.images import Original

__all__ = ["Progress", "StreamSession"]


# Frames waiting between the thread that holds them and the core; more would only cost memory.
_QUEUE_FRAMES = 8
# Single images asked of the core at a time: so many are analysed at most after one that fails,
# before the caller hears of it.
_SINGLES = 16

Progress = Callable[[str, int, "int | None"], None]


class StreamSession:
    """Sources that go through the core as one stream: one video or array, or any number of single
    images.

    Parameters
    ----------
    engine : LoadedEngine
    group : sequence of Source
    position : int
        Of the first of them among all sources.
    read : ReadOptions
    times : Timestamps

    Raises
    ------
    InputError
        A video that can't be opened.
    OptionError
        `read.detect` doesn't fit a source.
    """

    def __init__(
        self,
        engine: LoadedEngine,
        group: Sequence[Source],
        position: int,
        read: ReadOptions,
        times: Timestamps,
    ) -> None:
        self._engine = engine
        self._group = group
        self._position = position
        self._read = read
        self._times = times
        self._single = group[0].single
        self._detect = detect_mode(group[0], read.detect)
        sizes = engine.detection_sizes(images=self._single)
        self._entries = [
            describe(source, read.fps, self._detect, sizes, read.sar) for source in group
        ]
        self._reported = 0  # sources of the group of which there will be no more events
        self._done = 0  # frames
        self._originals: dict[int, Original] = {}  # of images decoded smaller
        self._failures: dict[int, InputError] = {}  # of single images

    def events(
        self, frames: int, progress: Progress | None = None, after: FaceTable | None = None
    ) -> Iterator[Event]:
        """Rows of so many frames at a time, an error in the place of a source that fails.

        Raises
        ------
        OptionError
            `after` does not fit.
        """
        try:
            advance = self._advance(progress)
            for rows in self._results(min(frames, _SINGLES) if self._single else frames, after):
                if self._single:
                    yield from self._single_events(rows)
                    advance()
                else:
                    self._done += len(np.unique(rows.frame))
                    advance()
                    yield SourceRows(self._position, self._group[0], rows, self._entries[0])
            if self._single and self._reported < len(self._group):
                yield from self._failures_before(len(self._group))
                advance()
            elif not self._single and self._done == 0 and after is None:
                raise self._no_frames()
        except InputError as error:
            yield from (self._error(i, error) for i in range(self._reported, len(self._group)))

    def _advance(self, progress: Progress | None) -> Callable[[], None]:
        """Tells `progress` how far the session is."""
        if progress is None:
            return lambda: None
        group, single = self._group, self._single
        total = len(group) if single else frame_count(self._entries[0], self._read)

        def advance() -> None:
            latest = group[max(self._reported - 1, 0)].name
            progress(latest, self._reported if single else self._done, total)

        return advance

    def _no_frames(self) -> InputError:
        start, end = self._read.bounds
        return InputError(
            f"{self._group[0].name}: no frames in it between [{start}, {end}) s; "
            "wanted at least one"
        )

    def _error(self, index: int, error: InputError) -> SourceError:
        return SourceError(self._position + index, self._group[index], error)

    def _results(self, frames: int, after: FaceTable | None) -> Iterator[_core.Results]:
        source, core = self._group[0], self._engine.core
        options = core_stream_options(self._detect, history_of(after), images=self._single)
        producer = feed = None
        if source.kind == "video" and _core.video_decoder_version():
            stream = core.open_video(path_of(source), core_read_options(self._read), options)
            self._note(stream.notes)
            if stream.decoder.endswith("(nvdec)"):
                self._entries[0]["decoder"] += " with NVDEC"
        else:
            stream, feed = core.open_feed(_QUEUE_FRAMES, options)
        try:
            if feed:
                producer = FrameProducer(feed, self._push_frames())
            while (rows := stream.next(frames)) is not None:
                self._note(stream.notes)
                yield rows
            if producer:
                producer.finish()
            self._note(stream.notes)
        finally:
            stream.close()  # ends the producer too: nobody takes its frames any more
            if producer:
                producer.join()

    def _push_frames(self) -> PushFrames:
        source = self._group[0]
        if source.single:
            given, sar = self._engine.given, self._read.sar or 1.0
            return push_singles(self._group, given, self._originals, self._failures, sar)
        if source.kind == "array":
            return push_array(source, self._times.of(source), self._read)
        return push_video(path_of(source), self._read, self._note)

    def _note(self, notes: list[str]) -> None:
        """What the table's provenance says of the file, once more of it was read."""
        if notes:
            self._entries[0]["notes"] = notes

    def _single_events(self, rows: _core.Results) -> Iterator[Event]:
        """Rows of each single image, and errors of those between that failed."""
        changes = np.flatnonzero(np.diff(rows.frame)) + 1
        for begin, end in pairwise([0, *changes.tolist(), len(rows.frame)]):
            index = int(rows.frame[begin])
            yield from self._failures_before(index)
            self._reported = index + 1
            single = self._single_rows(rows, begin, end, self._originals.get(index))
            source, entry = self._group[index], self._entries[index]
            yield SourceRows(self._position + index, source, single, entry)

    def _failures_before(self, index: int) -> Iterator[Event]:
        """Errors of the images up to `index` that no event has told of; a failure is known before
        any image behind it has rows. An image that an earlier run has done has neither.
        """
        for i in range(self._reported, index):
            self._reported = i + 1
            if i in self._failures:
                yield self._error(i, self._failures[i])

    def _single_rows(
        self, rows: _core.Results, begin: int, end: int, original: Original | None
    ) -> _SingleRows:
        values = rows.values[begin:end]
        if original:
            values = rescaled(values, self._engine.columns, original, self._read.sar or 1.0)
        return _SingleRows(
            frame=np.zeros(end - begin, np.int64),
            time=np.full(end - begin, self._times.first),
            face=rows.face[begin:end],
            track=rows.face[begin:end],
            status=rows.status[begin:end],
            values=values,
        )


@dataclass(frozen=True)
class _SingleRows:
    """Rows of one of several independent images that went through the core as frames of one stream.

    The image is frame 0 of its own input, and its tracks are those of a first frame: they count by
    falling score, as `face` does.
    """

    frame: NDArray[np.int64]
    time: NDArray[np.float64]
    face: NDArray[np.int32]
    track: NDArray[np.int32]
    status: NDArray[np.uint8]
    values: NDArray[np.float32]
