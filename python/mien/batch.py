"""Many inputs to files, one after another: a failing one is reported, and the rest goes on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from mien.engine import Engine, Progress
from mien.errors import InputError, MienError, OptionError, OutputError
from mien.io.tables import Format, TableWriter
from mien.sources import Source, resolve
from mien.table import FaceTable, merge_provenance

__all__ = ["Plan", "Report", "plan", "run"]


def __dir__() -> list[str]:
    return __all__


# Frames of a piece: few, so that a progress bar moves; `TableWriter` gathers the rows into larger groups.
CHUNK_FRAMES = 64


@dataclass
class Report:
    """What became of one input.

    Attributes
    ----------
    name : str
        The input.
    target : Path or None
        The file its rows are in; None if there are none.
    error : str or None
        Why it failed, if it did. Rows before a break are kept: `target` then has them.
    rows, frames, frames_with_face, tracks : int
    statuses : dict of str to int
        Rows by status.
    seconds : float
        Time it took.
    """

    name: str
    target: Path | None = None
    error: str | None = None
    rows: int = 0
    frames: int = 0
    frames_with_face: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    _tracks: set[int] = field(default_factory=set, repr=False)

    @property
    def tracks(self) -> int:
        return len(self._tracks)

    @property
    def rate(self) -> float:
        """Frames analysed a second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0

    def add(self, part: FaceTable) -> None:
        """Count the rows of a piece. A frame's rows are all in one piece."""
        frame = part["frame"].to_numpy()
        faces = frame[(part["status"] == "ok").to_numpy()]
        self.rows += len(part)
        self.frames += len(np.unique(frame))
        self.frames_with_face += len(np.unique(faces))
        self.statuses.update(
            {str(k): int(n) for k, n in part["status"].value_counts().items() if n}
        )
        self._tracks.update(int(track) for track in part["track"].dropna().unique())


@dataclass(frozen=True)
class Plan:
    """Which input goes where.

    Attributes
    ----------
    jobs : list of (Source, Path)
        Inputs with the files of their rows; all the same file if one was asked for.
    failures : list of Report
        Inputs that aren't there.
    single : Path or None
        The one file for all, if so asked.
    kind : {"parquet", "csv"}
    """

    jobs: list[tuple[Source, Path]]
    failures: list[Report]
    single: Path | None
    kind: Format


def plan(inputs: Sequence[str], output: Path, kind: str | None = None) -> Plan:
    """Find the inputs and name their outputs.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, globs.
    output : Path
        A name that ends in .parquet or .csv for one table of all inputs; else a folder, made if need be, for a table each.
        There, ``clip.mp4`` gives ``clip.parquet``; where that would not be unique, ``clip.mp4.parquet``, or a number too.
    kind : {"parquet", "csv"}, optional
        Format in a folder; parquet by default.

    Raises
    ------
    OptionError
        An output that is neither, or contradicts `kind`.
    OutputError
        The folder can't be made.
    """
    if kind not in (None, "parquet", "csv"):
        raise OptionError(f"format: wanted parquet or csv, got {kind!r}")
    single = _single(output, kind)
    chosen = cast(Format, output.suffix.lower()[1:] if single else kind or "parquet")
    sources, failures = _find(inputs)
    if single:
        return Plan([(source, single) for source in sources], failures, single, chosen)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{output}: can't be made: {error.strerror or error}") from error
    names = _unique_names([Path(source.name) for source in sources])
    jobs = [
        (source, output / f"{name}.{chosen}") for source, name in zip(sources, names, strict=True)
    ]
    return Plan(jobs, failures, None, chosen)


def _single(output: Path, kind: str | None) -> Path | None:
    suffix = output.suffix.lower()
    if output.is_dir() or not suffix:
        return None
    if suffix not in (".parquet", ".csv"):
        raise OptionError(
            f"output: wanted a name that ends in .parquet or .csv, or a folder, got {output} "
            "(if it is to be a folder, make it first)"
        )
    if kind and suffix != f".{kind}":
        raise OptionError(f"output, format: {output} contradicts {kind}")
    return output


def _find(inputs: Iterable[str]) -> tuple[list[Source], list[Report]]:
    sources: list[Source] = []
    failures: list[Report] = []
    seen: set[str] = set()
    for item in inputs:
        try:
            found = resolve(item)
        except InputError as error:
            failures.append(Report(item, error=str(error)))
            continue
        for source in found:  # a file named twice, by itself and by its folder, is analysed once
            key = str(Path(source.name).resolve())
            if key not in seen:
                seen.add(key)
                sources.append(source)
    return sources, failures


def _unique_names(paths: list[Path]) -> list[str]:
    stems = Counter(path.stem.lower() for path in paths)
    used: set[str] = set()
    names = []
    for path in paths:
        base = path.stem if stems[path.stem.lower()] == 1 else path.name
        name, number = base, 1
        while name.lower() in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name.lower())
        names.append(name)
    return names


def run(
    engine: Engine,
    todo: Plan,
    *,
    progress: Callable[[Source], Progress | None] = lambda _: None,
    **read: Any,
) -> Iterator[Report]:
    """Analyse the inputs of a plan, one report each as it is done; memory does not grow with their length.

    Parameters
    ----------
    engine : Engine
    todo : Plan
    progress : callable, optional
        Called with each source before it is begun; what it returns goes to `Engine.stream`.
    **read
        `every`, `start`, `end` as for `Engine.analyze`.

    Yields
    ------
    Report
    """
    yield from todo.failures
    if todo.single is None:
        for source, target in todo.jobs:
            yield _run_one(engine, source, target, todo.kind, progress(source), read)
    elif todo.jobs:
        yield from _run_together(engine, todo, progress, read)


def _run_one(
    engine: Engine,
    source: Source,
    target: Path,
    kind: Format,
    progress: Progress | None,
    read: dict[str, Any],
) -> Report:
    report = Report(source.name)
    begun = time.perf_counter()
    try:
        with TableWriter(target, {}, kind) as writer:
            _pour(engine, source, writer, report, progress, read)
    except MienError as error:
        report.error = str(error)
        kept = isinstance(error, InputError) and report.rows > 0
        report.target = target if kept else None
    else:
        report.target = target
    report.seconds = time.perf_counter() - begun
    return report


def _run_together(
    engine: Engine,
    todo: Plan,
    progress: Callable[[Source], Progress | None],
    read: dict[str, Any],
) -> Iterator[Report]:
    """All inputs into one file. If that can't be written, the error is the caller's: there is nothing to go on with."""
    assert todo.single is not None
    writer = TableWriter(todo.single, {}, todo.kind)
    rows = 0
    try:
        for source, target in todo.jobs:
            report = Report(source.name)
            begun = time.perf_counter()
            try:
                _pour(engine, source, writer, report, progress(source), read)
            except InputError as error:
                report.error = str(error)
            report.target = target if report.rows else None
            report.seconds = time.perf_counter() - begun
            rows += report.rows
            yield report
    except BaseException as error:
        writer.abandon(error)
        raise
    if rows:
        writer.close()
    else:
        writer.abandon()


def _pour(
    engine: Engine,
    source: Source,
    writer: TableWriter,
    report: Report,
    progress: Progress | None,
    read: dict[str, Any],
) -> None:
    before = writer.provenance
    try:
        for part in engine.stream(source, CHUNK_FRAMES, progress=progress, **read):
            if not report.rows:
                writer.provenance = merge_provenance([before, part.provenance])
            writer.write(part)
            report.add(part)
    except InputError as error:
        if report.rows:
            errors = [
                *writer.provenance.get("errors", []),
                {"input": source.name, "error": str(error)},
            ]
            writer.provenance = {**writer.provenance, "errors": errors}
        raise
