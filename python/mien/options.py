"""Options of the engine and of reading: what a caller may choose, checked as soon as it is chosen.

Both go as they are from the command line or the caller to the core; ranges are checked by the
core's own structs (``cpp/include/mien/options.h``). A field at None is left to the core, which
takes the pack's own value or what fits the machine.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any, TypeVar

from mien import _core
from mien.errors import OptionError

__all__ = ["EngineOptions", "ReadOptions"]


MIN_IMAGE_SIDE = 320
"""Pixels: in smaller images, faces would be missed that a table should have."""

_Struct = TypeVar("_Struct", _core.EngineOptions, _core.ReadOptions)


def _optional(least: float) -> Any:
    """A field that may be left to the core (None), or has a value of at least `least`."""
    return field(default=None, metadata={"least": least})


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """How an engine works; options of `mien.Engine`.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "tensorrt"}
        What runs the networks. ``auto`` takes CUDA where there is one; a device asked for by name
        and not there is an error. `Engine.provider` says what was taken.
    threads : int, optional
        Worker threads; one per core that the process may use by default, but at most four on a GPU.
        Never changes a result.
    batch_size : int, optional
        Frames a worker takes at a time, 1-1024; 8 by default, 32 on a GPU. Never changes a result
        on the CPU; on a GPU the networks' arithmetic may round differently from one batch size to
        another.
    detection_size : int, optional
        Longer side of the image in which faces are looked for, network pixels. By default the
        pack's own, which may be larger for images than for video, or several, whose faces are
        merged: `detection_sizes` of an input in the table's provenance. Larger finds smaller faces
        and takes longer.
    score_threshold : float, optional
        Least `FaceScore` of a face, 0-1; the pack's own by default.
    max_faces : int
        Most faces of a frame, best scores first.
    detect_interval : int
        With ``detect="track"``: frames from one detection to the next, 1-1024. A face that appears
        beside others is found at the latest `detect_interval` - 1 frames after.
    decoder_threads : int, optional
        Threads that decode a video file, besides the workers. By default one for images of less
        than 1280x720 and a few for larger ones. They never change a frame or its time; but of a
        damaged stream, more than one may let a frame that FFmpeg patched up pass for a good one.
    image_side : int, optional
        JPEG photographs of twice this longer side (pixels) or more are decoded at a half, a quarter
        or an eighth of their sides, not below this one, for a fraction of the time. At least 320.
        Positions and sizes in the table stay those of the file. Faces of less than some 100 pixels
        in the smaller image lose detail, small ones are not found. By default nothing is shrunk.
    image_pixels : int
        Budget of a photograph, pixels: a larger one is decoded at reduced size (a half, a third,
        ... of its sides); positions and sizes in the table stay those of the file. One that takes
        more than 1.6 GB while it is decoded, or 16 bytes for each pixel of a larger budget than the
        default, is an `InputError`. At least 102,400 (320x320).
    profile : bool
        Time every step of the core, for `Engine.step_times`.

    Raises
    ------
    OptionError
        A value of the wrong type or outside its range.

    Examples
    --------
    >>> EngineOptions(device="cpu", threads=2).max_faces
    64
    """

    device: str = "auto"
    threads: int | None = _optional(least=1)
    batch_size: int | None = _optional(least=1)
    detection_size: int | None = _optional(least=1)
    score_threshold: float | None = _optional(least=0)
    max_faces: int = 64
    detect_interval: int = 8
    decoder_threads: int | None = _optional(least=1)
    image_side: int | None = None
    image_pixels: int = 100_000_000
    profile: bool = False

    def __post_init__(self) -> None:
        for option in fields(self):
            _check_least(option.name, getattr(self, option.name), option.metadata.get("least"))
        if self.image_side is not None:
            _check_pixels("image_side", "int | None", self.image_side, MIN_IMAGE_SIDE)
        _check_pixels("image_pixels", "int", self.image_pixels, MIN_IMAGE_SIDE**2)
        core_engine_options(self).validate()


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """Which frames of an input are analysed, and in which of them faces are looked for; options of
    `mien.Engine.analyze` and `mien.Engine.stream`.

    Parameters
    ----------
    every : int
        Of the frames in the window, analyse the first and every n-th after it.
    start, end : float, optional
        Window [start, end) in seconds of presentation time; None is no bound. Images have no time
        and are always in it.
    fps : float, optional
        Frames per second of arrays and of raw streams (``.mjpeg``, ``.h264``, ``.hevc``), which
        have no times of their own: frame i is at i / fps. Without it their time is NaN.
    detect : {"every", "track"}, optional
        In which frames faces are looked for, see `Engine.analyze`. By default what fits the input:
        ``track`` for videos, ``every`` for images.
    sar : float, optional
        Sample aspect ratio: width of a pixel through its height, 0.25-4, in place of what a video
        says of itself, or of arrays and images, whose pixels are taken for square otherwise.

    Raises
    ------
    OptionError
        A value of the wrong type or outside its range.

    Examples
    --------
    >>> ReadOptions(every=5, start=1.5).end is None
    True
    """

    every: int = 1
    start: float | None = None
    end: float | None = None
    fps: float | None = None
    detect: str | None = None
    sar: float | None = None

    def __post_init__(self) -> None:
        is_number = isinstance(self.sar, Real)
        if self.sar is not None and not (is_number and self.sar > 0):  # the core reads 0 as None
            raise OptionError(f"sar: wanted a number of 0.25 to 4, or None, got {self.sar!r}")
        core_read_options(self).validate()
        if self.detect is not None:
            core_stream_options(self.detect)

    @property
    def bounds(self) -> tuple[float, float]:
        """`start` and `end` in seconds, infinite where there is no bound."""
        window = core_read_options(self)
        return window.start, window.end

    def provenance(self) -> dict[str, Any]:
        """What a table's provenance says under ``read``: `every`, `start`, `end` and `fps`, None
        where they say nothing, and `sar`, None where the input's own counts.
        """
        window = core_read_options(self).as_dict()
        known = {name: value if math.isfinite(value) else None for name, value in window.items()}
        return {**known, "sar": self.sar}


def core_engine_options(options: EngineOptions) -> _core.EngineOptions:
    """The core's struct; a field at None keeps the default there."""
    return _filled(_core.EngineOptions(), options)


def core_read_options(options: ReadOptions) -> _core.ReadOptions:
    """The core's struct; a field at None keeps the default there."""
    return _filled(_core.ReadOptions(), options)


def core_stream_options(
    detect: str, after: _core.History | None = None, images: bool = False
) -> _core.StreamOptions:
    """The core's struct; `images`: the frames are independent of each other.

    Raises
    ------
    OptionError
        `detect` is neither ``every`` nor ``track``.
    """
    if not isinstance(detect, str):
        raise OptionError(f"detect: wanted every or track, got {detect!r}")
    return _core.StreamOptions(detect, after or _core.History(), images)


def _filled(struct: _Struct, options: EngineOptions | ReadOptions) -> _Struct:
    """The struct with those fields of the options that it has too, and that aren't None."""
    known: Mapping[str, Any] = struct.as_dict()
    for option in fields(options):
        value = getattr(options, option.name)
        left_to_core = value is None and option.default is None
        if option.name not in known or left_to_core:
            continue
        try:
            setattr(struct, option.name, value)
        except (TypeError, OverflowError) as error:
            raise _wrong_type(option.name, option.type, value) from error
    return struct


def _check_least(name: str, value: Any, least: float | None) -> None:
    """The core reads values below the least one as "choose yourself": those are None here."""
    if least is not None and isinstance(value, int | float) and not value >= least:
        raise OptionError(f"{name}: wanted at least {least}, or None for the default, got {value}")


def _check_pixels(name: str, wanted: str, value: Any, least: int) -> None:
    try:
        pixels = operator.index(value)
    except TypeError as error:
        raise _wrong_type(name, wanted, value) from error
    if pixels < least:
        none = ", or None" if "None" in wanted else ""
        raise OptionError(f"{name}: wanted at least {least} pixels{none}, got {value}")


def _wrong_type(name: str, wanted: Any, value: Any) -> OptionError:
    return OptionError(f"an option has the wrong type: wanted {wanted}, got {name}={value!r}")
