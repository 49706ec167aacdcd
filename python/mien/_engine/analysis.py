"""Sources through a loaded engine: a stream of events, and the tables that their rows make."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from mien._engine.events import Event, SourceError, SourceRows
from mien._engine.loaded_engine import LoadedEngine
from mien._engine.sources import Source, check_memory, group_sources
from mien._engine.stream_session import Progress, StreamSession
from mien._engine.timestamps import Timestamps
from mien.errors import InputError
from mien.options import ReadOptions
from mien.table import FaceTable, table_from_arrays

__all__ = ["Analysis"]


# Frames asked of the core at a time by default: often enough for a progress bar, rarely enough to
# cost nothing.
_FRAMES = 256


class Analysis:
    """What one call of `Engine.analyze` or `Engine.stream`, or one task of a batch, does.

    Parameters
    ----------
    engine : LoadedEngine
    sources : sequence of Source
    read : ReadOptions
    times : Timestamps
        Of arrays.

    Raises
    ------
    InputError
        An array lies on a device, and the engine runs on the CPU.
    """

    def __init__(
        self, engine: LoadedEngine, sources: Sequence[Source], read: ReadOptions, times: Timestamps
    ) -> None:
        check_memory(sources, engine.core.takes_device_frames)
        self._engine = engine
        self._sources = sources
        self._read = read
        self._times = times
        self._provenance = engine.provenance(read)

    def events(
        self,
        frames: int = _FRAMES,
        progress: Progress | None = None,
        after: FaceTable | None = None,
    ) -> Generator[Event]:
        """Rows of all sources in order, an error in the place of a source that fails.

        Whoever stops before the end closes the iterator, which ends the work.

        Parameters
        ----------
        frames : int
            Frames of an event, of a source that has so many.
        progress : callable, optional
            See `Engine.analyze`.
        after : FaceTable, optional
            Rows of the first frames of the only source, which an earlier run made.

        Raises
        ------
        OptionError
            `after` does not fit; `detect` doesn't fit a source.
        """
        position = 0
        for group in group_sources(self._sources):
            try:
                session = self.session(group, position)
            except InputError as error:
                yield from (SourceError(position + i, s, error) for i, s in enumerate(group))
            else:
                yield from session.events(frames, progress, after)
            position += len(group)

    def session(self, group: Sequence[Source], position: int = 0) -> StreamSession:
        """The sources of a group, which go through the core as one stream.

        Raises
        ------
        InputError
            A video that can't be opened.
        """
        return StreamSession(self._engine, group, position, self._read, self._times)

    def table(self, rows: Sequence[SourceRows]) -> FaceTable:
        """The table of some events' rows, in their order."""
        entries = {event.position: event.entry for event in rows}
        provenance = {**self._provenance, "inputs": list(entries.values())}
        parts = [([event.source.name] * len(event.rows.frame), event.rows) for event in rows]
        return table_from_arrays(parts, self._engine.columns, provenance)
