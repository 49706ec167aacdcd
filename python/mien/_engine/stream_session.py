"""One stream through the core: sources in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien import _core
from mien._engine.coordinate_rescaling import enlarged
from mien._engine.frame_producer import Producer, Work, push_array, push_singles, push_video
from mien._engine.probe import frame_count, path_of
from mien._engine.sources import Source
from mien._engine.timestamps import Clock
from mien.errors import InputError
from mien.table import RowArrays

if TYPE_CHECKING:
    from mien.media.images import Original

__all__ = ["Progress", "Rows", "Run", "group_sources"]


# Frames waiting between the thread that holds them and the core; more would only cost memory.
_QUEUE_FRAMES = 8

Progress = Callable[[str, int, "int | None"], None]
Rows = tuple[list[str], RowArrays]
"""Rows and the input that each is of."""


def group_sources(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Sources in order, neighbouring single images in one group: they keep all threads busy as one
    stream.
    """
    for single, group in groupby(sources, key=lambda source: source.single):
        if single:
            yield list(group)
        else:
            yield from ([source] for source in group)


@dataclass
class Run:
    """Sources that go through the core as one stream: one video or array, or any number of single
    images.

    Attributes
    ----------
    core : _core.Engine
    group : list of Source
    entries : list of dict
        What the provenance says of each; learns here what decoded it.
    read : _core.ReadOptions
    clock : Clock
    how : _core.StreamOptions
    image_side : int or None
        See `Engine`.
    """

    core: _core.Engine
    group: list[Source]
    entries: list[dict[str, Any]]
    read: _core.ReadOptions
    clock: Clock
    how: _core.StreamOptions
    image_side: int | None
    _originals: dict[int, Original] = field(default_factory=dict)  # of images decoded smaller

    def rows(
        self, frames: int, progress: Progress | None, *, may_be_empty: bool = False
    ) -> Iterator[Rows]:
        """Rows of so many frames at a time.

        Raises
        ------
        InputError
            A source breaks; or it has no frames to analyse, unless it may.
        """
        group = self.group
        singles = group[0].single
        total = None
        if progress:
            total = len(group) if singles else frame_count(group[0], self.read)
        done = 0
        for rows in self._results(frames):
            names = [group[i].name if singles else group[0].name for i in rows.frame]
            done += len(np.unique(rows.frame))
            if progress:
                progress(names[-1], done, total)
            yield names, (self._single_rows(rows) if singles else rows)
        if done == 0 and not may_be_empty:
            window = f"[{self.read.start}, {self.read.end}) s"
            raise InputError(
                f"{group[0].name}: no frames in it between {window}; wanted at least one"
            )

    def _results(self, frames: int) -> Iterator[_core.Results]:
        source = self.group[0]
        producer = None
        if source.kind == "video" and _core.video_decoder_version():
            stream = self.core.open_video(str(path_of(source)), self.read, self.how)
            if stream.decoder.endswith("(nvdec)"):
                self.entries[0]["decoder"] += " with NVDEC"
        else:
            stream, feed = self.core.open_feed(_QUEUE_FRAMES, self.how)
            producer = Producer(feed, self._work())
        try:
            while (rows := stream.next(frames)) is not None:
                yield rows
            if producer:
                producer.finish()
        finally:
            stream.close()  # ends the producer too: nobody takes its frames any more
            if producer:
                producer.join()

    def _work(self) -> Work:
        source = self.group[0]
        if source.single:
            return push_singles(self.group, self.image_side, self._originals)
        if source.kind == "array":
            return push_array(source, self.clock.times(source), self.read)
        return push_video(path_of(source), self.read)

    def _single_rows(self, rows: _core.Results) -> _SingleRows:
        values = rows.values
        if self._originals:
            values = values.copy()
            for index in np.unique(rows.frame):
                if original := self._originals.get(int(index)):
                    at = rows.frame == index
                    values[at] = enlarged(values[at], self.core.columns, original)
        return _SingleRows(
            frame=np.zeros_like(rows.frame),
            time=np.full_like(rows.time, self.clock.first),
            face=rows.face,
            track=rows.face,
            status=rows.status,
            values=values,
        )


@dataclass(frozen=True)
class _SingleRows:
    """Rows of independent images that went through the core as the frames of one stream.

    Each is frame 0 of its own input, and its tracks are those of a first frame: they count by
    falling score, as `face` does.
    """

    frame: NDArray[np.int64]
    time: NDArray[np.float64]
    face: NDArray[np.int32]
    track: NDArray[np.int32]
    status: NDArray[np.uint8]
    values: NDArray[np.float32]
