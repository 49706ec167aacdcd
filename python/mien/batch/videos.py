"""One video to its target, in pieces, so that memory does not grow with its length."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from typing import cast

from mien.batch.checkpoint import Spool
from mien.batch.fingerprint import add_described, described, wanted
from mien.batch.job import Stopped, Task, Work, ahead_by, clear, is_finished, same_or_refused
from mien.batch.report import Report
from mien.engine import Engine
from mien.errors import InputError, MienError
from mien.table import FaceTable

__all__ = ["analyze_video"]


# Frames of a piece, about: few, so that a progress bar moves and an interrupt is heard.
CHUNK_FRAMES = 64


def analyze_video(work: Work, task: Task) -> list[Report]:
    """Analyse one video; what goes wrong with it is in its report."""
    (source,) = task.sources
    report = Report(source.name)
    begun = time.perf_counter()
    try:
        _analyze(work, task, report)
    except MienError as error:
        report.error = str(error)
    report.seconds = time.perf_counter() - begun
    return [report]


def _analyze(work: Work, task: Task, report: Report) -> None:
    (source,), (target,) = task.sources, task.targets
    spool = Spool(target, work.kind, chunk_frames(work.engine))
    after = None
    if not work.resume:
        clear(spool.parts, report)
    elif spool.parts.files:
        same_or_refused(
            spool.parts.provenance, wanted(work.engine, [source], work.read), spool.parts.folder
        )
        after = spool.parts.after()
        report.add(after)
        report.resumed = report.frames
    elif is_finished(work, [source], target, report):
        report.kept, report.target = True, target
        return
    try:
        _write_stream(work, task, spool, report, after)
    except InputError as error:
        if not report.rows:
            raise
        report.error = str(error)
        spool.finish({"errors": [{"input": source.name, "error": str(error)}]})
    else:
        spool.finish({})
    report.target = target


def chunk_frames(engine: Engine) -> int:
    """Frames of a piece: whole stretches between detections, so that rows can go on behind any
    piece.
    """
    interval: int = engine.options["detect_interval"]
    return interval * max(round(CHUNK_FRAMES / interval), 1)


def _write_stream(
    work: Work, task: Task, spool: Spool, report: Report, after: FaceTable | None
) -> None:
    (source,) = task.sources
    files = {source.name: described(source, work.read)}
    stream = work.engine.stream(
        source,
        chunk_frames(work.engine),
        progress=ahead_by(report.resumed, work.progress(task.sources)),
        after=after,
        **work.read,
    )
    with closing(cast("Generator[FaceTable]", stream)) as pieces:  # an error would keep it at work
        try:
            for piece in pieces:
                piece.provenance = add_described(piece.provenance, files)
                spool.add(piece)
                report.add(piece)
                work.go_on()
        except (Stopped, KeyboardInterrupt):  # what was done is kept for a later run
            spool.flush()
            raise
