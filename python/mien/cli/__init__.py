"""The command ``mien``: ``mien demo``, ``mien analyze``, ``mien info``, ``mien bench``.

Exit status: 0, 1 where an input or the work failed, 2 for wrong usage.
"""

from __future__ import annotations

from typing import Annotated

import typer

from mien import __version__
from mien.cli._analyze import analyze
from mien.cli._bench import bench
from mien.cli._console import out
from mien.cli._demo import demo
from mien.cli._info import info

__all__ = ["app"]


app = typer.Typer(
    help=(
        "Facial behaviour from images and videos: faces, landmarks, pose, gaze, action units, "
        "expressions, affect."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
"""The command line as a Typer application."""


def _version(wanted: bool) -> None:
    if wanted:
        out().print(f"mien {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    del version  # its callback has done the work


for _command in (analyze, demo, bench, info):
    app.command()(_command)
