"""Neighbouring pictures to their targets: they go through the engine as one stream, which keeps all cores busy."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from mien.batch.making import add_files, file_of
from mien.batch.parts import Parts, prepare
from mien.batch.report import Report
from mien.batch.work import Task, Work, clear, is_finished
from mien.errors import InputError, MienError
from mien.io.tables import TableWriter
from mien.sources import Source
from mien.table import FaceTable, merge_provenance

__all__ = ["analyze_pictures"]


def __dir__() -> list[str]:
    return __all__


def analyze_pictures(work: Work, task: Task) -> list[Report]:
    """Analyse pictures; what goes wrong with one is in its report, and costs only itself."""
    reports = [Report(source.name) for source in task.sources]
    if len(task.targets) > 1 and len(set(task.targets)) == 1:
        _to_one(work, task, reports)
    else:
        _to_each(work, task, reports)
    return reports


def _to_each(work: Work, task: Task, reports: list[Report]) -> None:
    """A table a picture."""
    due = [i for i, report in enumerate(reports) if _is_due(work, task, i, report)]
    begun = time.perf_counter()
    for i, rows in zip(due, _rows(work, [task.sources[i] for i in due]), strict=True):
        report = reports[i]
        if isinstance(rows, InputError):
            report.error = str(rows)
            continue
        try:
            with TableWriter(task.targets[i], rows.provenance, work.kind) as writer:
                writer.write(rows)
        except MienError as error:
            report.error = str(error)
        else:
            report.target = task.targets[i]
            report.add(rows)
    for i in due:
        reports[i].seconds = (time.perf_counter() - begun) / len(due)


def _is_due(work: Work, task: Task, i: int, report: Report) -> bool:
    """Whether a picture is to be analysed."""
    source, target = task.sources[i], task.targets[i]
    try:
        prepare(target)
        if not work.resume:
            clear(Parts(target), report)
        elif is_finished(work, [source], target, report):
            report.kept, report.target = True, target
    except MienError as error:
        report.error = str(error)
    return not (report.kept or report.error)


def _to_one(work: Work, task: Task, reports: list[Report]) -> None:
    """One table for all. If it can't be written, the error is the caller's."""
    target = task.targets[0]
    if work.resume and is_finished(work, task.sources, target, reports[0]):
        for report in reports:
            report.kept, report.target = True, target
        return
    begun = time.perf_counter()
    writer = TableWriter(target, {}, work.kind)
    made = []
    try:
        for report, rows in zip(reports, _rows(work, task.sources), strict=True):
            if isinstance(rows, InputError):
                report.error = str(rows)
                continue
            writer.write(rows)
            made.append(rows.provenance)
            report.add(rows)
            report.target = target
    except BaseException as error:
        writer.abandon(error)
        raise
    if made:
        writer.provenance = merge_provenance(made)
        writer.close()
    else:
        writer.abandon()
    for report in reports:
        report.seconds = (time.perf_counter() - begun) / len(reports)


def _rows(work: Work, sources: Sequence[Source]) -> Iterator[FaceTable | InputError]:
    """Rows of each picture in order, or why there are none."""
    progress = work.progress(sources) if sources else None
    left = list(sources)
    while left:
        error = None
        try:
            table = work.engine.analyze(left, progress=progress, **work.read)
        except InputError as broken:
            if broken.partial is None:
                raise
            table, error = broken.partial, broken
        tables = _by_picture(table, left)
        yield from tables
        left = left[len(tables) :]
        if error is not None:
            yield error  # rows before it are all there, so it is the next picture's
            left = left[1:]
        work.go_on()


def _by_picture(table: FaceTable, sources: Sequence[Source]) -> list[FaceTable]:
    """The rows of each picture, which lie together, with a provenance that names it alone."""
    names = table["input"].to_numpy()
    edges = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1), len(names)] if len(names) else []
    tables = []
    for source, (begin, end), entry in zip(
        sources, pairwise(edges), table.provenance["inputs"], strict=False
    ):
        rows: FaceTable = table[begin:end].reset_index(drop=True)
        provenance = {**table.provenance, "inputs": [entry]}
        rows.provenance = add_files(provenance, {source.name: file_of(source)})
        tables.append(rows)
    return tables
