"""From what a user hands to `mien.Engine.analyze` to a list of sources of frames."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mien._core import DeviceArray
from mien.errors import InputError
from mien.media.kinds import MAX_SIDE, MIN_SIDE

if TYPE_CHECKING:
    from mien.media.inputs import FoundFile

__all__ = [
    "MAX_SIDE",
    "MIN_SIDE",
    "ON_DEVICE",
    "Frames",
    "Rgb",
    "Source",
    "check_frames",
    "check_memory",
    "frames_of",
    "group_sources",
    "resolve",
    "single_frame",
    "source_of",
]


_WANTED = (
    "a path, a (height, width, 3) or (frames, height, width, 3) uint8 RGB array, or a list of these"
)

# Pixels that the caller holds, in CPU memory or on a CUDA device: several frames, or one.
Frames: TypeAlias = NDArray[np.uint8] | DeviceArray
Rgb: TypeAlias = NDArray[np.uint8] | DeviceArray

ON_DEVICE = (
    "it lies on a CUDA device, but the engine runs on the CPU; "
    'wanted mien.Engine(device="cuda"), or a copy in CPU memory '
    "(.get() of CuPy, .cpu().numpy() of PyTorch)"
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
    below : Path or None
        Where the file lies below the folder that was asked for; None for an array.
    frames : ndarray, DeviceArray or None
        (frames, height, width, 3) uint8, any strides; None for a file.
    """

    name: str
    kind: Literal["video", "image", "array"]
    path: Path | None = None
    frames: Frames | None = None
    below: Path | None = None

    @property
    def on_device(self) -> bool:
        """Whether its pixels lie on a CUDA device."""
        return isinstance(self.frames, DeviceArray)

    @property
    def single(self) -> bool:
        """Whether it is one frame by itself."""
        return self.kind == "image" or (self.frames is not None and len(self.frames) == 1)


def resolve(inputs: Any) -> list[Source]:
    """Sources in the order given; folders and globs in order of name.

    Raises
    ------
    InputError
        A file that isn't there, an array that isn't an image, something else, or nothing at all.
    """
    if isinstance(inputs, np.ndarray | str | Path | Source) or _is_on_device(inputs):
        inputs = [inputs]
    elif not isinstance(inputs, Iterable):
        raise InputError(f"input: wanted {_WANTED}; got {type(inputs).__name__}")
    inputs = list(inputs)
    digits = len(str(max(len(inputs) - 1, 0)))  # so that names sort as the arrays do
    sources: list[Source] = []
    for index, item in enumerate(inputs):
        if isinstance(item, str | Path):
            sources += _files(item)
        elif isinstance(item, Source):
            sources.append(item)
        elif (frames := frames_of(item, f"array {index}")) is not None:
            sources.append(Source(f"{index:0{digits}d}", "array", frames=frames))
        else:
            raise InputError(f"input {index}: wanted {_WANTED}; got {type(item).__name__}")
    if not sources:
        raise InputError(f"no inputs: wanted {_WANTED}")
    return sources


def group_sources(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Sources in order, neighbouring single images in one group: they keep all threads busy as one
    stream.
    """
    for single, group in groupby(sources, key=lambda source: source.single):
        if single:
            yield list(group)
        else:
            yield from ([source] for source in group)


def _files(item: str | Path) -> list[Source]:
    from mien.media.inputs import find_inputs

    found = find_inputs(item)
    for _, error in found.failures:
        raise error
    if found.unread:
        warnings.warn(found.note or "", UserWarning, stacklevel=2)
    return [source_of(file) for file in found.files]


def source_of(file: FoundFile) -> Source:
    """The source that a file is.

    Raises
    ------
    InputError
        It can't be read, or is neither a video nor an image.
    """
    from mien.media.kinds import kind_of, name_of

    return Source(name_of(file.path), kind_of(file.path), path=file.path, below=file.below)


def frames_of(item: Any, where: str) -> Frames | None:
    """The array, wherever it lies, as (frames, height, width, 3) without a copy; None for something
    else.

    Raises
    ------
    InputError
        As `check_frames`; or memory of a CUDA device that its library does not hand over.
    """
    if isinstance(item, np.ndarray):
        return check_frames(item, where)
    if _is_on_device(item):
        return check_frames(DeviceArray.take(item, where), where)
    return None


def single_frame(item: Any) -> Rgb:
    """One frame, wherever it lies, without a copy.

    Raises
    ------
    InputError
        Anything but a (height, width, 3) uint8 array.
    """
    array = DeviceArray.take(item, "frame") if _is_on_device(item) else item
    if not isinstance(array, np.ndarray | DeviceArray) or array.ndim != 3:
        known = isinstance(array, np.ndarray | DeviceArray)
        got = f"shape {array.shape}" if known else type(array).__name__
        raise InputError(f"frame: wanted a uint8 array of shape (height, width, 3), got {got}")
    check_frames(array, "frame")
    return array


def _is_on_device(item: Any) -> bool:
    return not isinstance(item, np.ndarray | str | Path) and DeviceArray.is_offered_by(item)


def check_memory(sources: Sequence[Source], takes_device_frames: bool) -> None:
    """Raises InputError for arrays on a CUDA device where the engine runs on the CPU."""
    for source in sources:
        if source.on_device and not takes_device_frames:
            raise InputError(f"array {source.name}: {ON_DEVICE}")


def check_frames(array: NDArray[Any] | DeviceArray, where: str) -> Frames:
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
    frames: Frames = array
    if array.ndim == 3:
        frames = array.as_several() if isinstance(array, DeviceArray) else array[np.newaxis]
    count, height, width = frames.shape[:3]
    if count == 0:
        raise InputError(f"{where}: wanted at least one frame, {got}")
    check_sides(height, width, where)
    return frames


def check_sides(height: int, width: int, where: str) -> None:
    """Raises InputError for images too small or too large to be photographs of faces."""
    if not (MIN_SIDE <= height < MAX_SIDE and MIN_SIDE <= width < MAX_SIDE):
        raise InputError(
            f"{where}: wanted sides of {MIN_SIDE} to {MAX_SIDE - 1} pixels, "
            f"got width {width}, height {height}"
        )
