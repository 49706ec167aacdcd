"""``mien bench``."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli import _options as option
from mien.cli._console import err, errors_as_status, out, say, shown
from mien.options import EngineOptions

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from mien.benchmark import Speed

__all__ = ["bench"]


def bench(
    source: Annotated[str, typer.Argument(help="A video.", metavar="VIDEO")],
    rounds: Annotated[int, typer.Option(help="Rounds that count.")] = 5,
    profile: Annotated[bool, typer.Option("--profile", help="Step by step too.")] = False,
    detect: option.Detect = None,
    device: option.Device = "auto",
    threads: option.Threads = None,
    pack: option.PackName = "default",
) -> None:
    """Say how fast this machine analyses a video, and with --profile where a frame's time goes."""
    from mien.benchmark import measure

    with errors_as_status(), err().status(f"analysing {shown(source)} again and again"):
        options = EngineOptions(device=device, threads=threads, profile=profile)
        speed = measure(source, pack, options, rounds=rounds, detect=detect)
    _print_speed(speed)


def _print_speed(speed: Speed) -> None:
    say(
        out(),
        f"{speed.frames} frames, {speed.faces} faces: {speed.rate:.0f} frames a second "
        f"({min(speed.rates):.0f} to {max(speed.rates):.0f} in {len(speed.rates)} rounds), "
        f"{statistics.median(speed.core_ms):.2f} core-ms a frame",
    )
    if speed.steps is not None:
        out().print(_step_table(speed.steps), soft_wrap=False)


def _step_table(steps: pd.DataFrame) -> Table:
    import pandas as pd
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title="CPU time", box=SIMPLE_HEAD, pad_edge=False)
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
