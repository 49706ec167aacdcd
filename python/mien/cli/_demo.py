"""``mien demo``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli import _options as option
from mien.cli._console import err, errors_as_status, out, say, shown
from mien.options import EngineOptions

if TYPE_CHECKING:
    from rich.table import Table

    from mien.demo import Demo

__all__ = ["demo"]


# As many as fit 80 characters.
_COLUMNS = ("input", "frame", "time", "status", "Pitch", "Yaw", "AU12", "happiness", "valence")


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for what it makes.")
    ] = Path("mien-demo"),
    device: option.Device = "auto",
    threads: option.Threads = None,
    pack: option.PackName = "default",
) -> None:
    """Analyse a portrait and a clip made from it; needs no network. Writes table, image and a page,
    and says where.
    """
    with errors_as_status():
        from mien import Engine
        from mien.demo import run_demo

        engine = Engine(pack, options=EngineOptions(device=device, threads=threads))
        with err().status("analysing a portrait and a clip made from it"):
            made = run_demo(engine, output)
    _print_demo(made)


def _print_demo(made: Demo) -> None:
    out().print(_excerpt(made), soft_wrap=False)
    for what, path in made.files.items():
        say(out(), f"{what + ':':<20} {shown(str(path))}")


def _excerpt(made: Demo) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = "The portrait, then every 10th frame of the clip"
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False)
    columns = [name for name in _COLUMNS if name in made.table]
    for name in columns:
        table.add_column(name, justify="right")
    for cells in made.excerpt[columns].itertuples(index=False):
        table.add_row(*(_cell(value) for value in cells))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.2f}"
    return Path(value).stem if isinstance(value, str) else str(value)
