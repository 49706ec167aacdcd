"""Checkpoints: rows of unfinished inputs on disk.

Rows of an input at work are in memory first, then in Parquet files of a folder beside the target,
in the end in the target. The folder ``<target>.parts`` has files as `_parts` names them, each a
table by itself, written whole or not at all, of whole frames. Whatever kills a run, they are the
rows of the input's first frames, and all of them.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from mien import schema
from mien.batch._lock import TargetLock
from mien.batch._parts import consecutive_parts, part_path, read_part
from mien.errors import OutputError
from mien.formats._atomic_write import check_target, make_folder, remove_leftovers
from mien.formats._sidecar import sidecar_path
from mien.formats.tables import read_pieces, read_provenance, save_table
from mien.table import FaceTable, Provenance

__all__ = ["Checkpoint", "claimed"]


# Columns that the engine needs to go on behind finished rows.
_AFTER = ["frame", "time", "face", "track", "status", *schema.BOX_COLUMNS]


@contextmanager
def claimed(target: Path, wait: float = 0.0) -> Iterator[None]:
    """The right to write a target, of one run at a time; it is known now, and not after hours of
    work, whether it can be written, and what a killed run left half-written of it is removed.

    Parameters
    ----------
    target : Path
    wait : float
        Seconds to wait for another run that is writing it.

    Raises
    ------
    OutputError
        It can't be written, or another run is writing it.
    """
    check_target(target)
    with TargetLock(target, wait):
        for file in (target, sidecar_path(target)):
            remove_leftovers(file)
        yield


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
        self._found = consecutive_parts(self.folder)
        self._run = self._found[0].run if self._found else secrets.token_hex(4)
        self.files = [part.path for part in self._found]

    @property
    def exists(self) -> bool:
        """Whether an earlier run left anything, finished parts or not."""
        return self.folder.is_dir()

    @property
    def provenance(self) -> Provenance:
        """Of the first part: the run that began. Empty where there is none."""
        return read_provenance(self.files[0]) if self.files else {}

    @property
    def missing(self) -> list[Path]:
        """Parts that somebody else has removed."""
        return [file for file in self.files if not file.is_file()]

    def add(self, table: FaceTable) -> None:
        """Write the next part."""
        make_folder(self.folder)
        path = part_path(self.folder, len(self.files), self._run, table)
        self.files.append(save_table(table, path))

    def tables(self) -> Iterator[FaceTable]:
        """All rows, in bounded pieces."""
        for file in self.files:
            yield from read_pieces(file)

    def history(self) -> tuple[FaceTable | None, str | None]:
        """What an interrupted run has done, as far as its parts are whole.

        Returns
        -------
        rows : FaceTable or None
            What the engine needs of all rows to go on behind them; None for none.
        damage : str or None
            What is wrong with the part behind them.
        """
        rows: list[FaceTable] = []
        for part in self._found:
            try:
                rows.append(read_part(part, _AFTER))
            except Exception as error:  # noqa: BLE001 (damage can do anything; it is told)
                return _joined(rows), f"{type(error).__name__}: {error}"
        return _joined(rows), None

    def keep_first(self, frames: int) -> None:
        """Remove all but the parts of so many frames, the last first.

        Parameters
        ----------
        frames : int
            The number of the last of them; -1 for none.
        """
        kept = {part.path for part in self._found if part.last <= frames}
        self._found = [part for part in self._found if part.path in kept]
        self.files = [part.path for part in self._found]
        others = sorted(set(self.folder.glob("*.parquet")) - kept, reverse=True)
        self._unlink(others)

    def remove(self) -> None:
        """Remove the folder and all in it, the last part first: what a kill on the way leaves are
        the rows of the input's first frames still.
        """
        self._unlink(list(reversed(self.files)))
        self.files = []
        try:
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise OutputError(f"{self.folder}: can't be removed: {error}") from error

    def _unlink(self, files: Sequence[Path]) -> None:
        for file in files:
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(f"{file}: can't be removed: {error}") from error


def _joined(tables: Sequence[FaceTable]) -> FaceTable | None:
    if not tables:
        return None
    return FaceTable(pd.concat(tables, ignore_index=True), provenance=tables[0].provenance)
