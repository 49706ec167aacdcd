"""Takes the rows of a target in pieces: to memory, then to parts, in the end to the target."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien.batch._checkpoint import Checkpoint
from mien.errors import InputError, MienError, OutputError
from mien.formats._atomic_write import make_folder
from mien.formats._writers import Format, TableWriter
from mien.formats.tables import read_pieces
from mien.table import FaceTable, Provenance

__all__ = ["CheckpointWriter"]


# Rows of a part, and seconds after which one is written whatever its size: the most work that a
# kill can cost.
PART_ROWS = 8192
PART_SECONDS = 20.0


@dataclass
class _Count:
    """Rows, and frames they are of; pieces are of whole frames."""

    rows: int = 0
    frames: int = 0

    def add(self, piece: FaceTable) -> None:
        self.rows += len(piece)
        self.frames += piece["frame"].nunique()

    def __str__(self) -> str:
        return f"{self.rows} rows of {self.frames} frames"


class CheckpointWriter:
    """Takes the rows of a target in pieces of whole frames, and memory does not grow with their
    number.

    Rows of a short table go from memory to the target, without a checkpoint.

    Parameters
    ----------
    target : Path
        Claimed by the caller.
    kind : {"parquet", "csv"}
    frames : int
        Frames of a piece but the last, which may have fewer. Parts are of whole pieces: behind them
        the engine can go on.
    """

    def __init__(self, target: Path, kind: Format, frames: int) -> None:
        self.checkpoint = Checkpoint(target)
        self._target = target
        self._kind: Format = kind
        self._frames = frames
        self._pending: list[FaceTable] = []
        self._rows = 0
        self._taken = _Count()
        self._since = time.monotonic()

    def go_on_behind(self, rows: FaceTable) -> None:
        """The checkpoint has these rows of an interrupted run."""
        self._taken.add(rows)

    def add(self, piece: FaceTable) -> None:
        """Append rows.

        Raises
        ------
        OutputError
            They can't be written; or somebody has removed parts, of which no rows are left.
        """
        self._pending.append(piece)
        self._taken.add(piece)
        self._rows += len(piece)
        if self._rows >= PART_ROWS or time.monotonic() - self._since >= PART_SECONDS:
            self._require_parts()
            self.flush()

    def flush(self) -> None:
        """Write what is in memory as a part."""
        whole = [piece for piece in self._pending if piece["frame"].nunique() == self._frames]
        if whole:
            rows = pd.concat(whole, ignore_index=True)
            self.checkpoint.add(FaceTable(rows, provenance=whole[0].provenance))
        self._pending = self._pending[len(whole) :]  # the last piece, if it has fewer frames
        self._rows = 0
        self._since = time.monotonic()

    def finish(self, more: Provenance) -> None:
        """Join everything in the target, whose provenance is that of the run that began, and
        `more`; remove the parts.

        Raises
        ------
        OutputError
            It can't be written, or the parts are not those that were written.
        """
        self._require_parts()
        make_folder(self._target.parent)
        first = self.checkpoint.provenance or self._pending[0].provenance
        joined = _Count()
        with TableWriter(self._target, {**first, **more}, self._kind) as writer:
            for table in self._parts_and_pending():
                writer.write(table)
                joined.add(table)
            if joined != self._taken:
                raise OutputError(
                    f"{self.checkpoint.folder}: wanted {self._taken}, got {joined}: "
                    "something else has changed the parts"
                )
        self.checkpoint.remove()

    def _parts_and_pending(self) -> Iterator[FaceTable]:
        try:
            yield from self.checkpoint.tables()
        except InputError as error:  # as one of an input, it would end the table and keep it
            raise OutputError(str(error)) from error
        yield from self._pending

    def _require_parts(self) -> None:
        if missing := self.checkpoint.missing:
            raise OutputError(
                f"{missing[0]}: removed while the run was at work, "
                f"{len(missing)} of {len(self.checkpoint.files)} parts; their rows are lost"
            )

    def rescue(self, error: OutputError, note: Callable[[FaceTable], None]) -> Path | None:
        """Write what is left where it can be: to a part, from which a later run goes on, if the
        parts before it are there; else to the target, which says that it lacks something.

        Parameters
        ----------
        error : OutputError
            Why the rows can't be written as they should be.
        note : callable
            Called with the pieces that went to the target.

        Returns
        -------
        Path or None
            The target, if rows went there.
        """
        with suppress(MienError):  # the first error says why
            if not self.checkpoint.missing:
                self.flush()
                return None
            return self._write_left(error, note)
        return None

    def _write_left(self, error: OutputError, note: Callable[[FaceTable], None]) -> Path | None:
        tables = [*self._readable(), *self._pending]
        if not tables:
            return None
        make_folder(self._target.parent)
        first = tables[0].provenance
        errors = [{"input": entry["input"], "error": str(error)} for entry in first["inputs"]]
        with TableWriter(self._target, {**first, "errors": errors}, self._kind) as writer:
            for table in tables:
                writer.write(table)
                note(table)
        self.checkpoint.remove()
        return self._target

    def _readable(self) -> Iterator[FaceTable]:
        for file in self.checkpoint.files:
            with suppress(InputError):  # missing: the error on its way says so
                yield from read_pieces(file)
