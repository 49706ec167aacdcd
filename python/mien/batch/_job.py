"""What the work on every input of a run has in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mien._engine.sources import Source
from mien._engine.stream_session import Progress
from mien.batch._checkpoint import Checkpoint
from mien.batch._failures import Stopped
from mien.batch._fingerprint import (
    Fingerprint,
    differences,
    expected_fingerprint,
    missing_inputs,
    table_fingerprint,
)
from mien.batch._report import Report
from mien.engine import Engine
from mien.errors import OptionError
from mien.formats._writers import Format
from mien.formats.tables import read_provenance
from mien.options import ReadOptions
from mien.table import Provenance

__all__ = [
    "JobContext",
    "Task",
    "discard_checkpoint",
    "is_finished",
    "offset_progress",
    "require_same",
]


@dataclass(frozen=True)
class Task:
    """Inputs that go through the engine together: one video, or neighbouring images.

    Attributes
    ----------
    sources : list of Source
    targets : list of Path
        One each, or the same for all.
    """

    sources: list[Source]
    targets: list[Path]


@dataclass(frozen=True)
class JobContext:
    """How the tasks of a run are done.

    Attributes
    ----------
    engine : Engine
    kind : {"parquet", "csv"}
        Format of the targets.
    resume : bool
        Whether to go on from what an earlier run left.
    read : ReadOptions
        `detect` is of videos.
    progress : callable
        Called with the sources of a task that begins.
    makes_folders : bool
        Whether the targets' folders are the run's to make.
    stop : threading.Event
        Set when the run is interrupted: every task then keeps what it has and raises `Stopped`.
    """

    engine: Engine
    kind: Format
    resume: bool
    read: ReadOptions
    progress: Callable[[Sequence[Source]], Progress | None]
    makes_folders: bool
    stop: threading.Event = field(default_factory=threading.Event)

    def raise_if_stopped(self) -> None:
        """Raises Stopped if the run was interrupted."""
        if self.stop.is_set():
            raise Stopped


def is_finished(job: JobContext, sources: Sequence[Source], target: Path, report: Report) -> bool:
    """Whether an earlier run has made a target, of all these sources and just as this run would.

    A target that lacks some of them, or one that ends where its input broke, is to be made anew;
    the report says so.

    Raises
    ------
    OptionError
        It was made of other files, or with something else.
    """
    if not target.exists():
        return False
    provenance = read_provenance(target)
    there = table_fingerprint(provenance)
    if not there:
        report.note = f"{target}: made anew: it doesn't say what it was made of"
        return False
    expected = expected_fingerprint(job.engine, sources, job.read)
    if missing := missing_inputs(there, expected):
        report.note = f"{target}: made anew: it lacks {', '.join(missing)}"
        return False
    require_same(provenance, expected, target)
    if any("errors" in part for part in provenance.get("sources", [provenance])):
        report.note = f"{target}: made anew: it ends where its input broke"
        return False
    return True


def require_same(provenance: Provenance, expected: Fingerprint, path: Path) -> None:
    """Raises OptionError unless rows with this provenance are those that are expected."""
    if found := differences(table_fingerprint(provenance), expected):
        raise OptionError(
            f"resume: {path} was made of something else ({'; '.join(found)}); wanted the same as "
            "now: remove it, or leave out resume to make it anew"
        )


def discard_checkpoint(checkpoint: Checkpoint, report: Report) -> None:
    """Remove what an interrupted run left, and say so."""
    if checkpoint.exists:
        checkpoint.remove()
        report.note = (
            f"{checkpoint.folder}: rows of an interrupted run, removed; "
            "resume would have gone on from them"
        )


def offset_progress(
    frames: int, progress: Progress | None, total: int | None = None
) -> Progress | None:
    """Counts frames that were done before, too; `total`, if given, instead of the engine's."""
    if progress is None:
        return None
    return lambda name, done, known: progress(name, frames + done, total or known)
