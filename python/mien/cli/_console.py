"""What commands print on, and how they end. Results go to stdout, everything about the run to
stderr, so that output can be piped. Names of files are shown so that nothing in them reaches the
terminal as a command, and a stream that takes no more text ends no work.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, TextIO

import typer

from mien.errors import MienError, OptionError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["FAILED", "count", "err", "errors_as_status", "out", "say", "shown"]


FAILED, _USAGE = 1, 2  # exit statuses


@cache
def out() -> Console:
    """The console of stdout."""
    from rich.console import Console

    _escape_what_cannot_be_encoded(sys.stdout)
    return Console(highlight=False, soft_wrap=True)


@cache
def err() -> Console:
    """The console of stderr."""
    from rich.console import Console

    _escape_what_cannot_be_encoded(sys.stderr)
    return Console(stderr=True, highlight=False, soft_wrap=True)


def _escape_what_cannot_be_encoded(stream: TextIO) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def shown(text: str) -> str:
    r"""Text as markup that shows it: control characters, which a terminal would obey, as ``\x1b``,
    and brackets as they are.
    """
    from rich.markup import escape

    plain = "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )
    return escape(plain)


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def say(console: Console, markup: str) -> None:
    """Print a line; a stream that takes no more (disk full, reader gone) is closed, which stderr is
    told once.
    """
    try:
        console.print(markup)
        console.file.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.file.fileno())
        if console is out():
            say(err(), f"[yellow]note:[/] stdout takes no more text: {error.strerror}")


@contextmanager
def errors_as_status() -> Iterator[None]:
    """What mien raises on purpose ends as one line and an exit status, not as a traceback."""
    try:
        yield
    except MienError as error:
        say(err(), f"[red]error:[/] {shown(str(error))}")
        raise typer.Exit(_USAGE if isinstance(error, OptionError) else FAILED) from error
