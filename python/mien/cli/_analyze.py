"""``mien analyze``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli import _options as option
from mien.cli._console import FAILED, count, err, errors_as_status, out, say, shown
from mien.cli._signals import Interrupted, signals_as_interrupts
from mien.options import EngineOptions, ReadOptions

if TYPE_CHECKING:
    from mien.batch import Plan, Report
    from mien.engine import Engine

__all__ = ["analyze"]


def analyze(
    inputs: Annotated[
        list[str],
        typer.Argument(help="Videos and images: files, folders, globs.", metavar="INPUT"),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="NAME.parquet or NAME.csv for one table, or a folder for a table each.",
        ),
    ],
    format_: Annotated[
        str | None,
        typer.Option("--format", help="parquet (default) or csv, in a folder.", show_default=False),
    ] = None,
    every: option.Every = 1,
    start: option.Start = None,
    end: option.End = None,
    fps: option.Fps = None,
    detect: option.Detect = None,
    sar: option.Sar = None,
    detect_interval: option.DetectInterval = 8,
    device: option.Device = "auto",
    threads: option.Threads = None,
    decoder_threads: option.DecoderThreads = None,
    batch_size: option.BatchSize = None,
    detection_size: option.DetectionSize = None,
    score_threshold: option.ScoreThreshold = None,
    max_faces: option.MaxFaces = 64,
    image_side: option.ImageSide = None,
    image_pixels: option.ImagePixels = 100_000_000,
    pack: option.PackName = "default",
    jobs: Annotated[
        int | None,
        typer.Option(
            "-j",
            "--jobs",
            help="Inputs at work at a time; by default one for every four threads, and 2 at least.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on where a run that was interrupted or killed stopped."),
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress bar.")] = False,
) -> None:
    """Analyse videos and images into tables. Goes on after a file that fails, and exits with 1 if
    any did.
    """
    with errors_as_status():
        from mien import Engine, batch

        read = ReadOptions(every=every, start=start, end=end, fps=fps, detect=detect, sar=sar)
        options = EngineOptions(
            device=device,
            threads=threads,
            batch_size=batch_size,
            detection_size=detection_size,
            score_threshold=score_threshold,
            max_faces=max_faces,
            detect_interval=detect_interval,
            decoder_threads=decoder_threads,
            image_side=image_side,
            image_pixels=image_pixels,
        )
        _use_system_memory_pool()
        plan = batch.plan(inputs, output, format_)
        for note in plan.notes:
            say(err(), f"[yellow]note:[/] {shown(note)}")
        engine = Engine(pack, options=options)
        failed = _run(engine, plan, read, jobs=jobs, resume=resume, quiet=quiet)
    if failed:
        _list_failures(failed, len(plan.inputs) + len(plan.failures))
        raise typer.Exit(FAILED)


def _use_system_memory_pool() -> None:
    """Arrow's own pool would keep the memory that a part of a table took."""
    import pyarrow as pa  # type: ignore[import-untyped]

    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
        pa.set_memory_pool(pa.system_memory_pool())


def _run(
    engine: Engine, plan: Plan, read: ReadOptions, *, jobs: int | None, resume: bool, quiet: bool
) -> list[Report]:
    """Do all of a plan and say what became of each input; the reports of those that failed."""
    from mien import batch
    from mien.cli._progress import progress_bars

    failed = []
    with _interrupts_explained(), progress_bars(quiet) as bars:
        reports = batch.run(engine, plan, read, jobs=jobs, resume=resume, progress=bars.begin)
        for report in reports:
            bars.end(report)
            _print_report(report)
            if report.error:
                failed.append(report)
    return failed


@contextmanager
def _interrupts_explained() -> Iterator[None]:
    try:
        with signals_as_interrupts():
            yield
    except KeyboardInterrupt as error:
        say(err(), "[yellow]interrupted:[/] what was done is kept; the same with --resume goes on")
        if isinstance(error, Interrupted) and error.signal != signal.SIGINT:
            sys.stdout.flush()
            signal.signal(error.signal, signal.SIG_DFL)  # whoever sent it sees that it ended so
            os.kill(os.getpid(), error.signal)
        raise


def _list_failures(failed: list[Report], inputs: int) -> None:
    say(err(), f"[red]{len(failed)} of {count(inputs, 'input')} failed:[/]")
    for report in failed:
        say(err(), f"  {shown(report.error or '')}")


def _print_report(report: Report) -> None:
    if report.note:
        say(err(), f"[yellow]note:[/] {shown(report.note)}")
    say(out(), _summary(report))


def _summary(report: Report) -> str:
    name = shown(report.name)
    if report.kept:
        return f"[green]kept[/]    {name}: finished before -> {shown(str(report.target))}"
    if not report.rows or not report.target:
        error = (report.error or "no rows").removeprefix(f"{report.name}: ")
        return f"[red]failed[/]  {name}: {shown(error)}"
    seen = 100 * report.frames_with_face / report.frames
    statuses = ", ".join(f"{status} {rows}" for status, rows in sorted(report.statuses.items()))
    mark = "[red]broken[/] " if report.error else "[green]done[/]   "
    return (
        f"{mark} {name}: {count(report.rows, 'row')} ({statuses}), "
        f"face in {seen:.0f} % of {count(report.frames, 'frame')}, "
        f"{count(report.tracks, 'track')}, "
        f"{report.rate:.0f} fps, {report.seconds:.1f} s -> {shown(str(report.target))}"
    )
