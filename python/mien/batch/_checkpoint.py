"""Checkpoints: rows of unfinished inputs on disk.

Rows of an input at work are in memory first, then in Parquet files of a folder beside the target,
in the end in the target. The folder ``<target>.parts`` has the files ``000000.parquet``,
``000001.parquet``, ... each a table by itself, written whole or not at all, of whole frames.
Whatever kills a run, they are the rows of the input's first frames, and all of them.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from mien import schema
from mien.errors import OutputError
from mien.formats._atomic_write import check_target, remove_leftovers, writing
from mien.formats._sidecar import sidecar_path
from mien.formats._writers import Format, TableWriter
from mien.formats.tables import read_pieces, read_provenance, save_table
from mien.table import FaceTable, Provenance

__all__ = ["Checkpoint", "CheckpointWriter", "prepare_target"]


# Rows of a part, and seconds after which one is written whatever its size: the most work that a
# kill can cost.
PART_ROWS = 8192
PART_SECONDS = 20.0
# Columns that the engine needs to go on behind finished rows.
_AFTER = ("frame", "time", "face", "track", "status", *schema.BOX_COLUMNS)


def prepare_target(target: Path) -> None:
    """Find out now, and not after hours of work, whether a target can be written; remove what a
    killed run left of it.

    Raises
    ------
    OutputError
        It can't.
    """
    check_target(target)
    for file in (target, sidecar_path(target)):
        remove_leftovers(file)


class Checkpoint:
    """The parts of a target that an unfinished run has written.

    Parameters
    ----------
    target : Path

    Attributes
    ----------
    folder : Path
    files : list of Path
        The parts in order, as far as none is missing.
    """

    def __init__(self, target: Path) -> None:
        self.folder = target.with_name(target.name + ".parts")
        self.files: list[Path] = []
        while (path := self._path(len(self.files))).is_file():
            self.files.append(path)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.parquet"

    @property
    def exists(self) -> bool:
        """Whether an earlier run left anything, finished parts or not."""
        return self.folder.is_dir()

    @property
    def provenance(self) -> Provenance:
        """Of the first part: the run that began. Empty where there is none."""
        return read_provenance(self.files[0]) if self.files else {}

    def add(self, table: FaceTable) -> None:
        """Write the next part."""
        with writing(self.folder):
            self.folder.mkdir(exist_ok=True)
        self.files.append(save_table(table, self._path(len(self.files))))

    def tables(self) -> Iterator[FaceTable]:
        """All rows, in bounded pieces."""
        for file in self.files:
            yield from read_pieces(file)

    def history(self) -> FaceTable:
        """What the engine needs of all rows to go on behind them."""
        pieces = [piece for file in self.files for piece in read_pieces(file, _AFTER)]
        return FaceTable(pd.concat(pieces, ignore_index=True), provenance=self.provenance)

    def remove(self) -> None:
        """Remove the folder and all in it, the last part first: what a kill on the way leaves are
        the rows of the input's first frames still.
        """
        try:
            while self.files:
                self.files.pop().unlink(missing_ok=True)
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise OutputError(f"{self.folder}: can't be removed: {error}") from error


class CheckpointWriter:
    """Takes the rows of a target in pieces of whole frames, and memory does not grow with their
    number.

    Rows of a short table go from memory to the target, without a checkpoint.

    Parameters
    ----------
    target : Path
    kind : {"parquet", "csv"}
    frames : int
        Frames of a piece but the last, which may have fewer. Parts are of whole pieces: behind them
        the engine can go on.

    Raises
    ------
    OutputError
        The target can't be written.
    """

    def __init__(self, target: Path, kind: Format, frames: int) -> None:
        prepare_target(target)
        self.checkpoint = Checkpoint(target)
        self._target = target
        self._kind: Format = kind
        self._frames = frames
        self._pending: list[FaceTable] = []
        self._rows = 0
        self._since = time.monotonic()

    def add(self, piece: FaceTable) -> None:
        """Append rows."""
        self._pending.append(piece)
        self._rows += len(piece)
        if self._rows >= PART_ROWS or time.monotonic() - self._since >= PART_SECONDS:
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
        """
        first = self.checkpoint.provenance or self._pending[0].provenance
        with TableWriter(self._target, {**first, **more}, self._kind) as writer:
            for table in self.checkpoint.tables():
                writer.write(table)
            for table in self._pending:
                writer.write(table)
        self.checkpoint.remove()
