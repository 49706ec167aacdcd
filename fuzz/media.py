"""Videos and images: read as the engine reads them, by each decoder, without its networks."""

from __future__ import annotations

import functools
import math
import random
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fuzz.campaign import Case
from fuzz.media_mutations import MUTATIONS
from fuzz.media_seeds import FRAMES, MediaSeed, media_seeds

__all__ = ["MOST_ROWS", "case", "check_frames", "read"]

MOST_ROWS = 10 * FRAMES + 1000
"""Frames that a mutated file may be said to have, read or lost."""
_READERS = ("core", "pyav")


def read(reader: str, path: Path) -> Any:
    """Read a file with the decoder of that name, and check what must hold for any file.

    Raises
    ------
    MienError
        The file is refused.
    AssertionError
        Something doesn't hold.
    """
    from mien import _core

    if reader == "pyav":
        with patch.object(_core, "video_decoder_version", lambda: ""):
            return _read(path)
    return _read(path)


def _read(path: Path) -> tuple[int, int]:
    """Frames that were read, and those that were lost."""
    import mien
    from mien._engine.probe import describe
    from mien._engine.sources import resolve
    from mien.media.images import read_image

    (source,) = resolve(str(path))
    with suppress(mien.MienError):  # what can't be probed may still be read
        describe(source, None, "every", [])
    if source.kind == "image":
        _check_image(read_image(path))
        return 1, 0
    return check_frames(mien.read_frames(path))


def check_frames(frames: Iterable[Any]) -> tuple[int, int]:
    """Check the times, numbers and arrays of `mien.VideoFrame`; how many were read, and lost.

    Raises
    ------
    AssertionError
        Times go back, numbers don't count, an array isn't an image, or there are too many.
    """
    counts, latest = [0, 0], -math.inf
    for number, frame in enumerate(frames):
        if frame.index != number:
            raise AssertionError(f"frame {number} has the number {frame.index}")
        if math.isinf(frame.time) or frame.time < latest:
            raise AssertionError(f"frame {number}: time {frame.time} after {latest}")
        if number >= MOST_ROWS:
            raise AssertionError(f"more than {MOST_ROWS} frames")
        latest = latest if math.isnan(frame.time) else frame.time
        counts[frame.rgb is None] += 1
        if frame.rgb is not None:
            _check_image(frame.rgb)
    return counts[0], counts[1]


def _check_image(rgb: Any) -> None:
    if rgb.dtype != "uint8" or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise AssertionError(f"an array of shape {rgb.shape} and type {rgb.dtype}")
    rgb[:: max(1, len(rgb) - 1)].sum()  # its memory is there


@functools.lru_cache(maxsize=1)
def _seeds() -> list[MediaSeed]:
    return media_seeds()


def case(number: int) -> Case:
    """Mutation of that number, always the same one for one version of FFmpeg."""
    seeds = _seeds()
    seed = seeds[number % len(seeds)]
    rng = random.Random(zlib.crc32(f"{seed.name} {number}".encode()))
    mutation, reader = rng.choice(MUTATIONS), rng.choice(_READERS)
    content = mutation(rng, seed.content, seeds)
    return Case(f"{seed.name} {number} {mutation.__name__}", reader, {seed.name: content})
