"""Command line: ``mien demo``, ``mien analyze``, ``mien info``, ``mien bench``."""

from __future__ import annotations

import json
import math
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from mien import _core
from mien._engine.sources import Source
from mien.batch import Report, plan, run
from mien.engine import Engine
from mien.errors import MienError, OptionError

__all__ = ["app"]


app = typer.Typer(
    help="Facial behaviour from images and videos: faces, landmarks, pose, gaze, action units, expressions, affect.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# Results go to stdout, everything about the run to stderr, so that output can be piped.
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

_FAILED, _USAGE = 1, 2

# As many as fit 80 characters.
_DEMO_COLUMNS = ("input", "frame", "time", "status", "Pitch", "Yaw", "AU12", "happiness", "valence")

Device = Annotated[str, typer.Option(help="cpu, cuda, tensorrt, or auto.", show_default=True)]
Threads = Annotated[
    int | None, typer.Option(help="Worker threads; one per core by default.", show_default=False)
]
PackName = Annotated[str, typer.Option("--pack", help="Name or folder of a model pack.")]


@contextmanager
def _errors() -> Iterator[None]:
    """What mien raises on purpose ends as one line and an exit status, not as a traceback."""
    try:
        yield
    except OptionError as error:
        _err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(_USAGE) from error
    except MienError as error:
        _err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(_FAILED) from error


def _version(wanted: bool) -> None:
    if wanted:
        _out.print(f"mien {_core.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    del version  # its callback has done the work


@app.command()
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
    every: Annotated[int, typer.Option(help="Analyse every n-th frame.")] = 1,
    start: Annotated[
        float | None, typer.Option(help="From this time on, seconds.", show_default=False)
    ] = None,
    end: Annotated[
        float | None, typer.Option(help="Before this time, seconds.", show_default=False)
    ] = None,
    detect: Annotated[
        str | None,
        typer.Option(
            help="Where faces are looked for in videos: in every frame, or track (default): in some, followed between.",
            show_default=False,
        ),
    ] = None,
    detect_interval: Annotated[
        int, typer.Option(help="With track: frames from one detection to the next.")
    ] = 8,
    device: Device = "auto",
    threads: Threads = None,
    decoder_threads: Annotated[
        int | None,
        typer.Option(
            help="Threads that decode a video; by default one, or a few for large images.",
            show_default=False,
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(help="Frames a worker takes at a time.", show_default="8, or 32 on a GPU"),
    ] = None,
    detection_size: Annotated[
        int | None,
        typer.Option(
            help="Longer side of the image faces are looked for in, pixels.", show_default=False
        ),
    ] = None,
    score_threshold: Annotated[
        float | None, typer.Option(help="Least score of a face, 0-1.", show_default=False)
    ] = None,
    max_faces: Annotated[int, typer.Option(help="Most faces of a frame.")] = 64,
    image_side: Annotated[
        int | None,
        typer.Option(
            help="Decode large JPEG photographs smaller, but with no less than this longer side, pixels.",
            show_default=False,
        ),
    ] = None,
    pack: PackName = "default",
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
    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
        pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what a part of a table took
    with _errors():
        _core.ReadOptions(**_window(every, start, end)).validate()
        if detect is not None:
            _core.StreamOptions(detect)  # refuses what isn't one
        todo = plan(inputs, output, format_)
        engine = Engine(
            pack,
            device,
            threads,
            batch_size=batch_size,
            detection_size=detection_size,
            score_threshold=score_threshold,
            max_faces=max_faces,
            detect_interval=detect_interval,
            decoder_threads=decoder_threads,
            image_side=image_side,
        )
        read = {"every": every, "start": start, "end": end, "detect": detect}
        failed: list[Report] = []
        with _interruptible(), _bars(quiet) as bars:
            begin = bars.begin
            for report in run(engine, todo, jobs=jobs, resume=resume, progress=begin, **read):
                bars.end(report)
                _say(report)
                if report.error:
                    failed.append(report)
    if failed:
        _err.print(
            f"[red]{len(failed)} of {len(todo.inputs) + len(todo.failures)} inputs failed:[/]"
        )
        for report in failed:
            _err.print(f"  {escape(report.error or '')}")
        raise typer.Exit(_FAILED)


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        _err.print("[yellow]interrupted:[/] what was done is kept; the same with --resume goes on")
        raise


def _window(every: int, start: float | None, end: float | None) -> dict[str, Any]:
    given = {"every": every, "start": start, "end": end}
    return {name: value for name, value in given.items() if value is not None}


def _say(report: Report) -> None:
    if report.note:
        _err.print(f"[yellow]note:[/] {escape(report.note)}")
    _out.print(_summary(report))


def _summary(report: Report) -> str:
    name = escape(report.name)
    if report.kept:
        return f"[green]kept[/]    {name}: finished before -> {escape(str(report.target))}"
    if not report.rows or not report.target:
        return f"[red]failed[/]  {name}: {escape(report.error or 'no rows')}"
    seen = 100 * report.frames_with_face / report.frames
    tracks = f"{report.tracks} track{'' if report.tracks == 1 else 's'}"
    statuses = ", ".join(f"{status} {count}" for status, count in sorted(report.statuses.items()))
    mark = "[red]broken[/] " if report.error else "[green]done[/]   "
    return (
        f"{mark} {name}: {report.rows} rows ({statuses}), face in {seen:.0f} % of {report.frames} frames, {tracks}, "
        f"{report.rate:.0f} fps, {report.seconds:.1f} s -> {escape(str(report.target))}"
    )


class _Rate(ProgressColumn):
    """Frames a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.0f} fps", style="progress.data.speed")


class _Bars:
    """A progress bar for each video, or block of images, at work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}  # by the name of its last input: its report ends it

    def begin(self, sources: Sequence[Source]) -> Callable[[str, int, int | None], None]:
        """Called from the threads that do the work."""
        name = escape(Path(sources[0].name).name)
        more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        task = self._progress.add_task(name + more, total=None)
        self._tasks[sources[-1].name] = task

        def advance(_: str, done: int, total: int | None) -> None:
            self._progress.update(task, completed=done, total=total)

        return advance

    def end(self, report: Report) -> None:
        if report.name in self._tasks:
            self._progress.remove_task(self._tasks.pop(report.name))


@contextmanager
def _bars(quiet: bool) -> Iterator[_Bars]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True, disable=quiet) as progress:
        yield _Bars(progress)


@app.command()
def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for what it makes.")
    ] = Path("mien-demo"),
    device: Device = "auto",
    threads: Threads = None,
    pack: PackName = "default",
) -> None:
    """Analyse a portrait and a clip made from it; needs no network. Writes table, image and a page,
    and says where.
    """
    from mien.demo import run_demo

    with _errors():
        engine = Engine(pack, device, threads)
        with _err.status("analysing a portrait and a clip made from it"):
            made = run_demo(engine, output)
    columns = [name for name in _DEMO_COLUMNS if name in made.table]
    table = Table(
        title="The portrait, then every 10th frame of the clip", box=SIMPLE_HEAD, pad_edge=False
    )
    for name in columns:
        table.add_column(name, justify="right")
    for cells in made.excerpt[columns].itertuples(index=False):
        table.add_row(*(_cell(value) for value in cells))
    _out.print(table, soft_wrap=False)
    for what, path in made.files.items():
        _out.print(f"{what + ':':<20} {escape(str(path))}")


@app.command()
def bench(
    source: Annotated[str, typer.Argument(help="A video.", metavar="VIDEO")],
    rounds: Annotated[int, typer.Option(help="Rounds that count.")] = 5,
    profile: Annotated[bool, typer.Option("--profile", help="Step by step too.")] = False,
    detect: Annotated[
        str | None,
        typer.Option(help="every or track (default for videos).", show_default=False),
    ] = None,
    device: Device = "auto",
    threads: Threads = None,
    pack: PackName = "default",
) -> None:
    """Say how fast this machine analyses a video, and with --profile where a frame's time goes."""
    from mien.benchmark import measure

    with _errors(), _err.status(f"analysing {escape(source)} again and again"):
        speed = measure(
            source,
            rounds=rounds,
            detect=detect,
            profile=profile,
            device=device,
            threads=threads,
            pack=pack,
        )
    _out.print(
        f"{speed.frames} frames, {speed.faces} faces: {speed.rate:.0f} frames a second "
        f"({min(speed.rates):.0f} to {max(speed.rates):.0f} in {rounds} rounds), "
        f"{statistics.median(speed.core_ms):.2f} core-ms a frame"
    )
    if speed.steps is not None:
        _out.print(_step_table(speed.steps), soft_wrap=False)


def _step_table(steps: pd.DataFrame) -> Table:
    table = Table(title="Processor time", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("step", "calls", "us a call", "alloc. a call", "core-ms a frame", "share"):
        table.add_column(name, justify="left" if name == "step" else "right")
    happened = steps["calls"].ne(0).fillna(True)  # of "rest", calls are unknown
    for step, row in steps[happened].iterrows():
        calls = "" if pd.isna(row["calls"]) else f"{row['calls']}"
        each = "" if pd.isna(row["us"]) else f"{row['us']:.0f}"
        heap = "" if pd.isna(row["allocations"]) else f"{row['allocations']:.1f}"
        share = f"{100 * row['share']:.0f} %"
        table.add_row(str(step), calls, each, heap, f"{row['core_ms']:.3f}", share)
    return table


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.2f}"
    return Path(value).stem if isinstance(value, str) else str(value)


@app.command()
def info(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what was built in and what was found: versions, CPU, GPUs, ONNX Runtime, packs. Exits
    with 1 if it can't run.
    """
    from mien.info import collect

    found = collect()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        table = Table(show_header=False, title=f"mien {found['mien']}")
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in found.items():
            table.add_row(name, escape(_lines(value)))
        _out.print(table, soft_wrap=False)
    if not found["usable"]:
        raise typer.Exit(_FAILED)


def _lines(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(
            f"{key}:\n  " + _lines(inner).replace("\n", "\n  ")
            if isinstance(inner, dict)
            else f"{key}: {_lines(inner)}"
            for key, inner in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no", "": "none"}.get(value, str(value))


if __name__ == "__main__":
    app()
