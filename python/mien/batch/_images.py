"""Neighbouring images to their targets: they go through the engine as one stream, which keeps all
cores busy.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise, takewhile
from pathlib import Path
from typing import Any

from mien._engine.events import SourceError, SourceRows
from mien._engine.sources import Source
from mien._engine.stream_session import Progress
from mien.batch._checkpoint import Checkpoint, claimed
from mien.batch._failures import failures_reported
from mien.batch._fingerprint import add_file_details, change_since, file_details
from mien.batch._job import JobContext, Task, discard_checkpoint, is_finished, offset_progress
from mien.batch._report import Report
from mien.errors import InputError
from mien.formats._atomic_write import check_target
from mien.formats._writers import ParquetSlices, TableWriter
from mien.media.images import decoding_bytes
from mien.options import ReadOptions
from mien.table import FaceTable, Provenance, merge_provenance

__all__ = ["analyze_images"]


# Bytes that images analysed together may take while they are decoded: photographs of 24 megapixels
# go four by four, those with 16 bits a sample fewer.
BYTES = 700_000_000
# Seconds to wait for another run that writes an image's table just now, which is a matter of
# milliseconds.
WAIT_SECONDS = 10.0


def analyze_images(job: JobContext, task: Task) -> list[Report]:
    """Analyse images; what goes wrong with one, whatever it is, is in its report, and costs only
    itself.
    """
    reports = [Report(source.name) for source in task.sources]
    with failures_reported(reports):
        if len(task.targets) > 1 and len(set(task.targets)) == 1:
            _to_one_table(job, task, reports)
        else:
            _to_tables(job, task, reports)
    return reports


def _to_tables(job: JobContext, task: Task, reports: list[Report]) -> None:
    """A table an image."""
    due = [i for i, report in enumerate(reports) if _is_due(job, task, i, report)]
    begun = time.perf_counter()
    for chunk in _chunks(job, [task.sources[i] for i in due]):
        targets = [task.targets[due[position]] for position in chunk.positions]
        chunk_reports = [reports[due[position]] for position in chunk.positions]
        _save_each(job, chunk, targets, chunk_reports)
        for position, error in chunk.errors:
            reports[due[position]].fail(error)
    for i in due:
        reports[i].seconds = (time.perf_counter() - begun) / len(due)


def _is_due(job: JobContext, task: Task, i: int, report: Report) -> bool:
    """Whether an image is to be analysed."""
    source, target = task.sources[i], task.targets[i]
    with failures_reported([report]):
        check_target(target)
        if not job.resume:
            discard_checkpoint(Checkpoint(target), report)
        elif is_finished(job, [source], target, report):
            report.kept, report.target = True, target
    return not (report.kept or report.error)


def _to_one_table(job: JobContext, task: Task, reports: list[Report]) -> None:
    """One table for all; if it can't be written, they fail together."""
    target = task.targets[0]
    if job.resume and is_finished(job, task.sources, target, reports[0]):
        for report in reports:
            report.kept, report.target = True, target
        return
    begun = time.perf_counter()
    writer = TableWriter(target, {}, job.kind)
    try:
        made = _write_chunks(job, task, writer, reports)
        if made:
            writer.provenance = merge_provenance(made)
            writer.close()
        else:
            writer.abandon()
    except BaseException as error:
        writer.abandon(error)
        for report in reports:  # none of the rows is there
            report.target = None
        raise
    for report in reports:
        report.seconds = (time.perf_counter() - begun) / len(reports)


def _write_chunks(
    job: JobContext, task: Task, writer: TableWriter, reports: list[Report]
) -> list[Provenance]:
    """Write all rows; the provenances of the tables written."""
    made = []
    for chunk in _chunks(job, task.sources):
        if len(chunk.table):
            writer.write(chunk.table)
            made.append(chunk.table.provenance)
        for position, (begin, end), entry in zip(
            chunk.positions, chunk.slices, chunk.table.provenance["inputs"], strict=True
        ):
            reports[position].add(chunk.table[begin:end])
            reports[position].target = writer.path
            reports[position].note = reports[position].note or _note(entry)
        for position, error in chunk.errors:
            reports[position].fail(error)
    return made


@dataclass(frozen=True)
class _Chunk:
    """What became of some images.

    Attributes
    ----------
    table : FaceTable
        Rows of those that could be analysed.
    positions : list of int
        Which of all images these are, in the table's order.
    slices : list of (int, int)
        First row and end of each one's rows.
    errors : list of (int, Exception)
        Of the others, with their positions.
    """

    table: FaceTable
    positions: list[int]
    slices: list[tuple[int, int]]
    errors: list[tuple[int, Exception]]


def _chunks(job: JobContext, sources: Sequence[Source]) -> Iterator[_Chunk]:
    """Images analysed together, as many at a time as `BYTES` allows."""
    progress = job.progress(sources) if sources else None
    done = 0
    while done < len(sources):
        together = _that_fit(job, sources[done:])
        moved = offset_progress(done, progress, len(sources))
        yield from _analyze_safely(job, together, done, moved)
        done += len(together)
        job.raise_if_stopped()


def _analyze_safely(
    job: JobContext, sources: Sequence[Source], position: int, progress: Progress | None
) -> list[_Chunk]:
    """Analyse images together; where something unexpected happens, one by one, so that it costs
    only the image of which it comes.
    """
    try:
        return [_analyze_chunk(job, sources, position, progress)]
    except Exception as error:  # noqa: BLE001 (it becomes the image's failure)
        if len(sources) == 1:
            return [_Chunk(FaceTable(provenance={"inputs": []}), [], [], [(position, error)])]
    ahead = enumerate(sources, position)
    return [c for i, s in ahead for c in _analyze_safely(job, [s], i, None)]


def _analyze_chunk(
    job: JobContext, sources: Sequence[Source], position: int, progress: Progress | None
) -> _Chunk:
    """Analyse images of which the first is at `position` among all."""
    read = replace(job.read, detect=None)  # that is of videos
    analysis = job.engine._analysis(sources, read)
    rows: list[SourceRows] = []
    errors: list[tuple[int, Exception]] = []
    details, gone = _details(sources, read)
    for event in analysis.events(progress=progress):
        source, at = event.source, position + event.position
        if isinstance(event, SourceError):
            errors.append((at, event.error))
        elif error := gone.get(source.name) or change_since(source, read, details[source.name]):
            errors.append((at, error))
        else:
            rows.append(event)
    table = analysis.table(rows)
    table.provenance = add_file_details(table.provenance, details)
    ends = [0, *accumulate(len(event.rows.frame) for event in rows)]
    positions = [position + event.position for event in rows]
    return _Chunk(table, positions, list(pairwise(ends)), errors)


def _details(
    sources: Sequence[Source], read: ReadOptions
) -> tuple[dict[str, Mapping[str, Any]], dict[str, InputError]]:
    """By name, the details of files before they are read, and errors of those that are gone."""
    details: dict[str, Mapping[str, Any]] = {}
    gone = {}
    for source in sources:
        try:
            details[source.name] = file_details(source, read)
        except InputError as error:
            gone[source.name] = error
    return details, gone


def _that_fit(job: JobContext, sources: Sequence[Source]) -> list[Source]:
    """The first sources, at least one, that take no more than `BYTES` together."""
    pixels = job.engine.options["image_pixels"]
    costs = accumulate(decoding_bytes(source.path, pixels) for source in sources if source.path)
    return list(sources[: max(sum(1 for _ in takewhile(lambda n: n <= BYTES, costs)), 1)])


def _save_each(
    job: JobContext, chunk: _Chunk, targets: Sequence[Path], reports: Sequence[Report]
) -> None:
    """The rows of each image to its target."""
    table = chunk.table
    parquet = ParquetSlices(table, targets[0]) if targets and job.kind == "parquet" else None
    entries = table.provenance["inputs"]
    for (begin, end), entry, target, report in zip(
        chunk.slices, entries, targets, reports, strict=True
    ):
        rows: FaceTable = table[begin:end]
        provenance = {**table.provenance, "inputs": [entry]}
        with failures_reported([report]):
            with claimed(target, WAIT_SECONDS):
                if parquet:
                    parquet.save(target, begin, end, provenance)
                else:
                    with TableWriter(target, provenance, job.kind) as writer:
                        writer.write(rows)
            report.add(rows)
            report.note = report.note or _note(entry)
            report.target = target


def _note(entry: Mapping[str, Any]) -> str | None:
    """What the user should know of an image that was analysed."""
    images = entry.get("images", 1)
    if images == 1:
        return None
    return (
        f"{entry['input']}: the first of {images} images in it was analysed; for all of them, make "
        "a video of it"
    )
