"""What becomes of sources: rows of whole frames, or an error. Failures are data here, so that what
one source does never decides about the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mien._engine.sources import Source
from mien.errors import InputError
from mien.table import RowArrays

__all__ = ["Event", "SourceError", "SourceRows"]


@dataclass(frozen=True)
class SourceRows:
    """Rows of the next frames of a source; a frame's rows are all in one event.

    Attributes
    ----------
    position : int
        Which of the sources asked for, from 0.
    source : Source
    rows : RowArrays
    entry : dict
        What provenance says of the source; the same object in all its events.
    """

    position: int
    source: Source
    rows: RowArrays
    entry: dict[str, Any]


@dataclass(frozen=True)
class SourceError:
    """The end of a source that broke or can't be read; rows before the break were in events before.

    Attributes
    ----------
    position, source
        As of `SourceRows`.
    error : InputError
    """

    position: int
    source: Source
    error: InputError


Event = SourceRows | SourceError
