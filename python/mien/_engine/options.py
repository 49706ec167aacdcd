"""Options from Python to the core's structs, checked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mien import _core
from mien._engine.sources import Source
from mien.errors import OptionError
from mien.schema import BOX_COLUMNS
from mien.table import FaceTable

__all__ = ["detect_mode", "history", "make_options", "read_options", "resolve_default"]


def read_options(every: int, start: float | None, end: float | None) -> _core.ReadOptions:
    """Which frames; None is no bound."""
    options: _core.ReadOptions = make_options(
        _core.ReadOptions,
        every=every,
        start=-math.inf if start is None else start,
        end=math.inf if end is None else end,
    )
    return options


def make_options(kind: Callable[..., Any], **values: Any) -> Any:
    """An options struct of the core, checked."""
    try:
        options = kind(**values)
    except (TypeError, OverflowError) as error:
        got = ", ".join(f"{name}={value!r}" for name, value in values.items())
        raise OptionError(f"an option has the wrong type: {got}") from error
    options.validate()
    return options


def resolve_default(value: Any, default: Any, name: str, least: float) -> Any:
    """`default`, which the core reads as "choose yourself", for None; that very value is not for
    callers to pass.
    """
    if value is None:
        return default
    if isinstance(value, int | float) and not value >= least:
        raise OptionError(f"{name}: wanted at least {least}, or None for the default, got {value}")
    return value


def detect_mode(source: Source, wanted: str | None) -> str:
    """Where faces are looked for in a source: what was asked for, or what fits it."""
    if wanted is None:
        return "every" if source.single else "track"
    if source.single and wanted == "track":
        raise OptionError(
            f"detect: {source.name} is an image by itself, with nothing to track it from; wanted every"
        )
    return wanted


def history(table: FaceTable | None) -> _core.History:
    """Rows of an earlier run as the core takes them."""
    if table is None:
        return _core.History()
    return _core.History(
        table["frame"].to_numpy(np.int64),
        table["time"].to_numpy(np.float64),
        table["face"].fillna(-1).to_numpy(np.int32),
        table["track"].fillna(-1).to_numpy(np.int32),
        table[list(BOX_COLUMNS[:4])].to_numpy(np.float32),
    )
