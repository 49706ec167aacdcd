"""One video to its target, in pieces, so that memory does not grow with its length."""

from __future__ import annotations

import time
from contextlib import closing

from mien._engine.events import SourceError
from mien.batch._checkpoint import CheckpointWriter
from mien.batch._fingerprint import add_file_details, expected_fingerprint, file_details
from mien.batch._job import (
    JobContext,
    Stopped,
    Task,
    discard_checkpoint,
    is_finished,
    offset_progress,
    require_same,
)
from mien.batch._report import Report
from mien.engine import Engine
from mien.errors import InputError, MienError
from mien.table import FaceTable

__all__ = ["analyze_video"]


# Frames of a piece, about: few, so that a progress bar moves and an interrupt is heard.
CHUNK_FRAMES = 64


def analyze_video(job: JobContext, task: Task) -> list[Report]:
    """Analyse one video; what goes wrong with it is in its report."""
    (source,) = task.sources
    report = Report(source.name)
    begun = time.perf_counter()
    try:
        _analyze(job, task, report)
    except MienError as error:
        report.error = str(error)
    report.seconds = time.perf_counter() - begun
    return [report]


def _analyze(job: JobContext, task: Task, report: Report) -> None:
    (source,), (target,) = task.sources, task.targets
    writer = CheckpointWriter(target, job.kind, chunk_frames(job.engine))
    after = None
    if not job.resume:
        discard_checkpoint(writer.checkpoint, report)
    elif writer.checkpoint.files:
        after = _rows_before(job, task, writer, report)
    elif is_finished(job, [source], target, report):
        writer.checkpoint.remove()  # the run that finished it was killed before it could
        report.kept, report.target = True, target
        return
    error = _write_stream(job, task, writer, report, after)
    if error is not None:
        report.error = str(error)
        if not report.rows:
            return
        writer.finish({"errors": [{"input": source.name, "error": str(error)}]})
    else:
        writer.finish({})
    report.target = target


def _rows_before(
    job: JobContext, task: Task, writer: CheckpointWriter, report: Report
) -> FaceTable:
    """What an interrupted run has done, if this one would have done the same.

    Raises
    ------
    OptionError
        It would not.
    """
    checkpoint = writer.checkpoint
    expected = expected_fingerprint(job.engine, task.sources, job.read)
    require_same(checkpoint.provenance, expected, checkpoint.folder)
    rows = checkpoint.history()
    report.add(rows)
    report.resumed = report.frames
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
    with closing(analysis.events(frames, progress, after)) as events:
        try:
            for event in events:
                if isinstance(event, SourceError):
                    return event.error
                piece = analysis.table([event])
                piece.provenance = add_file_details(piece.provenance, details)
                writer.add(piece)
                report.add(piece)
                job.raise_if_stopped()
        except (Stopped, KeyboardInterrupt):  # what was done is kept for a later run
            writer.flush()
            raise
    return None
