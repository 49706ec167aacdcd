"""Neighbouring images to their targets: they go through the engine as one stream, which keeps all
cores busy.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise, takewhile
from typing import cast

import numpy as np

from mien._engine.sources import Source
from mien.batch.checkpoint import Parts, prepare
from mien.batch.fingerprint import add_described, described
from mien.batch.job import Task, Work, ahead_by, clear, is_finished
from mien.batch.report import Report
from mien.errors import InputError, MienError
from mien.formats._writers import ParquetSlices, TableWriter
from mien.media.images import count_pixels
from mien.table import FaceTable, merge_provenance

__all__ = ["analyze_images"]


# Pixels of the images that are in memory at a time, at three bytes each: photographs of 24
# megapixels go four by four.
PIXELS = 100_000_000


def analyze_images(work: Work, task: Task) -> list[Report]:
    """Analyse images; what goes wrong with one is in its report, and costs only itself."""
    reports = [Report(source.name) for source in task.sources]
    if len(task.targets) > 1 and len(set(task.targets)) == 1:
        _to_one(work, task, reports)
    else:
        _to_each(work, task, reports)
    return reports


def _to_each(work: Work, task: Task, reports: list[Report]) -> None:
    """A table an image."""
    due = [i for i, report in enumerate(reports) if _is_due(work, task, i, report)]
    begun = time.perf_counter()
    waiting = iter(due)
    for table, error in _tables(work, [task.sources[i] for i in due]):
        _save_each(work, task, reports, table, waiting)
        if error is not None:
            reports[next(waiting)].error = str(error)
    for i in due:
        reports[i].seconds = (time.perf_counter() - begun) / len(due)


def _save_each(
    work: Work, task: Task, reports: list[Report], table: FaceTable, waiting: Iterator[int]
) -> None:
    """The rows of each image to its target."""
    parquet = ParquetSlices(table, task.targets[0]) if work.kind == "parquet" else None
    for (begin, end), entry in zip(_images(table), table.provenance["inputs"], strict=False):
        i = next(waiting)
        rows: FaceTable = table[begin:end]
        provenance = {**table.provenance, "inputs": [entry]}
        try:
            if parquet:
                parquet.save(task.targets[i], begin, end, provenance)
            else:
                with TableWriter(task.targets[i], provenance, work.kind) as writer:
                    writer.write(rows)
        except MienError as error:
            reports[i].error = str(error)
        else:
            reports[i].target = task.targets[i]
            reports[i].add(rows)


def _is_due(work: Work, task: Task, i: int, report: Report) -> bool:
    """Whether an image is to be analysed."""
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
    waiting = iter(reports)
    made = []
    writer = TableWriter(target, {}, work.kind)
    try:
        for table, error in _tables(work, task.sources):
            if len(table):
                writer.write(table)
                made.append(table.provenance)
            for begin, end in _images(table):
                report = next(waiting)
                report.add(table[begin:end])
                report.target = target
            if error is not None:
                next(waiting).error = str(error)
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


def _tables(work: Work, sources: Sequence[Source]) -> Iterator[tuple[FaceTable, InputError | None]]:
    """Rows of the first images, and why there are none of the next; then of the images after that
    one.
    """
    progress = work.progress(sources) if sources else None
    read = {name: value for name, value in work.read.items() if name != "detect"}  # of videos
    left = list(sources)
    while left:
        error = None
        ahead = ahead_by(len(sources) - len(left), progress, len(sources))
        try:
            table = work.engine.analyze(_that_fit(left), progress=ahead, **read)
        except InputError as broken:
            if broken.partial is None:
                raise
            table, error = cast("FaceTable", broken.partial), broken
        count = len(_images(table))
        files = {source.name: described(source, {}) for source in left[:count]}
        known = table.provenance["inputs"][:count]
        table.provenance = add_described({**table.provenance, "inputs": known}, files)
        yield table, error
        left = left[count + (error is not None) :]
        work.go_on()


def _that_fit(sources: Sequence[Source]) -> list[Source]:
    """The first sources, at least one, that have no more than `PIXELS` together."""
    pixels = accumulate(count_pixels(source.path) for source in sources if source.path)
    return list(sources[: max(sum(1 for _ in takewhile(lambda n: n <= PIXELS, pixels)), 1)])


def _images(table: FaceTable) -> list[tuple[int, int]]:
    """First row and end of each image's rows, which lie together."""
    names = table["input"].to_numpy()
    if not len(names):
        return []
    return list(pairwise([0, *(np.flatnonzero(names[1:] != names[:-1]) + 1).tolist(), len(names)]))
