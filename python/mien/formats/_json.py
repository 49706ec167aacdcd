"""JSON of other people's: parsed with a limit of depth, in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.errors import InputError

__all__ = ["parse_json"]


def parse_json(content: bytes | str, source: Path, wanted: str = "or not JSON") -> Any:
    """The value that a JSON text holds.

    pydantic's parser ends at 200 levels of depth and refuses text that UTF-8 can't hold, which
    Python's lets through to fail somewhere else.

    Raises
    ------
    InputError
        Not JSON, too deep, or not UTF-8.
    """
    from pydantic_core import from_json  # 0.1 s, that no table without JSON pays

    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    try:
        return from_json(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: damaged, {wanted}: {error}") from error
