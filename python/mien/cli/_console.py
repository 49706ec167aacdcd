"""What commands print on, and how they end. Results go to stdout, everything about the run to
stderr, so that output can be piped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import typer

from mien.errors import MienError, OptionError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["FAILED", "err", "errors_as_status", "out"]


FAILED, _USAGE = 1, 2  # exit statuses


@cache
def out() -> Console:
    """The console of stdout."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


@cache
def err() -> Console:
    """The console of stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def errors_as_status() -> Iterator[None]:
    """What mien raises on purpose ends as one line and an exit status, not as a traceback."""
    from rich.markup import escape

    try:
        yield
    except MienError as error:
        err().print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(_USAGE if isinstance(error, OptionError) else FAILED) from error
