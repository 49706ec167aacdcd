"""From what a user hands to `mien.Engine.analyze` to a list of sources of frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError

__all__ = ["MAX_SIDE", "MIN_SIDE", "Source", "check_frames", "resolve"]


def __dir__() -> list[str]:
    return __all__


# Sides of a picture, pixels: below, no face can be found; from the upper one on, something else is wrong.
MIN_SIDE = 16
MAX_SIDE = 20_000

_WANTED = (
    "a path, a (height, width, 3) or (frames, height, width, 3) uint8 RGB array, or a list of these"
)


@dataclass(frozen=True)
class Source:
    """One input: a file, or frames that the caller holds.

    Attributes
    ----------
    name : str
        What the column `input` says.
    path : Path or None
        The file; None for an array.
    frames : ndarray or None
        (frames, height, width, 3) uint8, any strides; None for a file.
    """

    name: str
    kind: Literal["video", "picture", "array"]
    path: Path | None = None
    frames: NDArray[np.uint8] | None = None

    @property
    def single(self) -> bool:
        """Whether it is one frame by itself."""
        return self.kind == "picture" or (self.frames is not None and len(self.frames) == 1)


def resolve(inputs: Any) -> list[Source]:
    """Sources in the order given; folders and globs in order of name.

    Raises
    ------
    InputError
        A file that isn't there, an array that isn't a picture, something else, or nothing at all.
    """
    if isinstance(inputs, np.ndarray | str | Path | Source):
        inputs = [inputs]
    elif not isinstance(inputs, Iterable):
        raise InputError(f"input: wanted {_WANTED}; got {type(inputs).__name__}")
    sources: list[Source] = []
    for index, item in enumerate(inputs):
        if isinstance(item, np.ndarray):
            sources.append(Source(str(index), "array", frames=check_frames(item, f"array {index}")))
        elif isinstance(item, str | Path):
            sources += _files(item)
        elif isinstance(item, Source):
            sources.append(item)
        else:
            raise InputError(f"input {index}: wanted {_WANTED}; got {type(item).__name__}")
    if not sources:
        raise InputError(f"no inputs: wanted {_WANTED}")
    return sources


def _files(item: str | Path) -> list[Source]:
    from mien.io.media import expand_inputs, kind_of

    return [Source(str(path), kind_of(path), path=path) for path in expand_inputs([item])]


def check_frames(array: NDArray[Any], where: str) -> NDArray[np.uint8]:
    """The array as (frames, height, width, 3), without a copy.

    Raises
    ------
    InputError
        Another type or shape, or sides outside [`MIN_SIDE`, `MAX_SIDE`).
    """
    got = f"got shape {array.shape}, dtype {array.dtype}"
    if array.dtype != np.uint8:
        hint = "; scale it to 0-255 and use .astype(numpy.uint8)" if array.dtype.kind == "f" else ""
        raise InputError(f"{where}: wanted dtype uint8, {got}{hint}")
    if array.ndim not in (3, 4) or array.shape[-1] != 3:
        raise InputError(
            f"{where}: wanted RGB of shape (height, width, 3) or (frames, height, width, 3), {got}"
        )
    frames = array[np.newaxis] if array.ndim == 3 else array
    count, height, width = frames.shape[:3]
    if count == 0:
        raise InputError(f"{where}: wanted at least one frame, {got}")
    check_sides(height, width, where)
    return frames


def check_sides(height: int, width: int, where: str) -> None:
    """Raises InputError for pictures too small or too large to be photographs of faces."""
    if not (MIN_SIDE <= height < MAX_SIDE and MIN_SIDE <= width < MAX_SIDE):
        raise InputError(
            f"{where}: wanted sides of {MIN_SIDE} to {MAX_SIDE - 1} pixels, "
            f"got width {width}, height {height}"
        )
