"""What the work on every input of a run has in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien._engine.sources import Source
from mien._engine.stream_session import Progress
from mien.batch.checkpoint import Parts
from mien.batch.fingerprint import differences, lacking, made_with, wanted
from mien.batch.report import Report
from mien.engine import Engine
from mien.errors import OptionError
from mien.formats._writers import Format
from mien.formats.tables import read_provenance
from mien.table import Provenance

__all__ = ["Stopped", "Task", "Work", "ahead_by", "clear", "is_finished", "same_or_refused"]


class Stopped(Exception):
    """The run was interrupted; what was done is on disk."""


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
class Work:
    """How to do a task.

    Attributes
    ----------
    read : dict
        Options of `Engine.stream`.
    progress : callable
        Called with the sources of a task that begins.
    stop : threading.Event
        Set when the run is interrupted: every task then keeps what it has and raises `Stopped`.
    """

    engine: Engine
    kind: Format
    resume: bool
    read: Mapping[str, Any]
    progress: Callable[[Sequence[Source]], Progress | None]
    stop: threading.Event = field(default_factory=threading.Event)

    def go_on(self) -> None:
        """Raises Stopped if the run was interrupted."""
        if self.stop.is_set():
            raise Stopped


def is_finished(work: Work, sources: Sequence[Source], target: Path, report: Report) -> bool:
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
    there = made_with(provenance)
    if not there:
        report.note = f"{target}: made anew: it doesn't say what it was made of"
        return False
    asked = wanted(work.engine, sources, work.read)
    if missing := lacking(there, asked):
        report.note = f"{target}: made anew: it lacks {', '.join(missing)}"
        return False
    same_or_refused(provenance, asked, target)
    if any("errors" in part for part in provenance.get("sources", [provenance])):
        report.note = f"{target}: made anew: it ends where its input broke"
        return False
    return True


def same_or_refused(provenance: Provenance, asked: dict[str, Any], path: Path) -> None:
    """Raises OptionError unless rows with this provenance are those that are asked for."""
    if found := differences(made_with(provenance), asked):
        raise OptionError(
            f"resume: {path} was made of something else ({'; '.join(found)}); wanted the same as now: "
            "remove it, or leave out resume to make it anew"
        )


def clear(parts: Parts, report: Report) -> None:
    """Forget an interrupted run."""
    if parts:
        parts.remove()
        report.note = f"{parts.folder}: rows of an interrupted run, removed; resume would have gone on from them"


def ahead_by(frames: int, progress: Progress | None, total: int | None = None) -> Progress | None:
    """Counts frames that were done before, too; `total`, if given, instead of the engine's."""
    if progress is None:
        return None
    return lambda name, done, known: progress(name, frames + done, total or known)
