"""One video to its target, in pieces, so that memory does not grow with its length."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mien._engine.events import SourceError
from mien.batch._checkpoint import claimed
from mien.batch._checkpoint_writer import CheckpointWriter
from mien.batch._failures import failures_reported
from mien.batch._fingerprint import (
    add_file_details,
    change_since,
    expected_fingerprint,
    file_details,
)
from mien.batch._job import (
    JobContext,
    Task,
    discard_checkpoint,
    is_finished,
    offset_progress,
    require_same,
)
from mien.batch._report import Report
from mien.engine import Engine
from mien.errors import InputError, OutputError
from mien.table import FaceTable

__all__ = ["analyze_video"]


# Frames of a piece, about: few, so that a progress bar moves and an interrupt is heard.
CHUNK_FRAMES = 64


def analyze_video(job: JobContext, task: Task) -> list[Report]:
    """Analyse one video; what goes wrong with it, whatever it is, is in its report."""
    (source,) = task.sources
    report = Report(source.name)
    begun = time.perf_counter()
    with failures_reported([report]), claimed(task.targets[0]):
        _analyze(job, task, report)
    report.seconds = time.perf_counter() - begun
    return [report]


def _analyze(job: JobContext, task: Task, report: Report) -> None:
    (source,), (target,) = task.sources, task.targets
    writer = CheckpointWriter(target, job.kind, chunk_frames(job.engine))
    after = None
    if not job.resume:
        discard_checkpoint(writer.checkpoint, report)
    elif (after := _rows_before(job, task, writer, report)) is None and is_finished(
        job, [source], target, report
    ):
        writer.checkpoint.remove()  # the run that finished it was killed before it could
        report.kept, report.target = True, target
        return
    try:
        report.target = _write(job, task, writer, report, after)
    except OutputError as error:
        left = Report(source.name)
        if written := writer.rescue(error, left.add):
            report.count_as(left)
            report.target = written
        raise


def _write(
    job: JobContext, task: Task, writer: CheckpointWriter, report: Report, after: FaceTable | None
) -> Path | None:
    """Write the target; None if there are no rows for it."""
    error = _write_stream(job, task, writer, report, after)
    if error is None:
        writer.finish({})
        return task.targets[0]
    report.error = str(error)
    if not report.rows:
        return None
    writer.finish({"errors": [{"input": report.name, "error": str(error)}]})
    return task.targets[0]


def _rows_before(
    job: JobContext, task: Task, writer: CheckpointWriter, report: Report
) -> FaceTable | None:
    """What an interrupted run has done, if this one would have done the same; None for nothing.

    Raises
    ------
    OptionError
        It would not.
    """
    checkpoint = writer.checkpoint
    rows, damage = checkpoint.history()
    if rows is not None:
        expected = expected_fingerprint(job.engine, task.sources, job.read)
        require_same(rows.provenance, expected, checkpoint.folder)
        report.add(rows)
        report.resumed = report.frames
        writer.go_on_behind(rows)
    last = -1 if rows is None else int(rows["frame"].max())
    checkpoint.keep_first(last)
    if damage:
        report.note = f"{checkpoint.folder}: made anew behind frame {last}: {damage}"
    return rows


def chunk_frames(engine: Engine) -> int:
    """Frames of a piece: whole stretches between detections, so that rows can go on behind any
    piece.
    """
    interval: int = engine.options["detect_interval"]
    return interval * max(round(CHUNK_FRAMES / interval), 1)


def _write_stream(
    job: JobContext, task: Task, writer: CheckpointWriter, report: Report, after: FaceTable | None
) -> InputError | None:
    """Write the rows of the video, or those before it breaks: then the error is returned."""
    (source,) = task.sources
    details = {source.name: file_details(source, job.read)}
    analysis = job.engine._analysis(task.sources, job.read)
    progress = offset_progress(report.resumed, job.progress(task.sources))
    frames = chunk_frames(job.engine)
    # Closed at once: an error's traceback would keep it at work.
    with closing(analysis.events(frames, progress, after)) as events, _flushed_on_error(writer):
        for event in events:
            if isinstance(event, SourceError):
                return event.error
            piece = analysis.table([event])
            piece.provenance = add_file_details(piece.provenance, details)
            writer.add(piece)
            report.add(piece)
            job.raise_if_stopped()
    return change_since(source, job.read, details[source.name])


@contextmanager
def _flushed_on_error(writer: CheckpointWriter) -> Iterator[None]:
    """What was done is kept for a later run."""
    try:
        yield
    except OutputError:  # of the flush itself
        raise
    except BaseException:
        writer.flush()
        raise
