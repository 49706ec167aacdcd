"""What is known of an input before its frames are analysed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mien import _core
from mien._engine.sources import Source
from mien.errors import OptionError
from mien.options import ReadOptions

__all__ = ["describe", "detect_mode", "frame_count", "path_of"]


def path_of(source: Source) -> Path:
    """The file of a source that is one."""
    assert source.path is not None  # only arrays have none
    return source.path


def detect_mode(source: Source, wanted: str | None) -> str:
    """In which frames of a source faces are looked for: as was asked for, or as fits the source.

    Raises
    ------
    OptionError
        Tracking was asked for, and the source is an image by itself.
    """
    if wanted is None:
        return "every" if source.single else "track"
    if source.single and wanted == "track":
        raise OptionError(
            f"detect: {source.name} is an image by itself, with nothing to track it from; "
            "wanted every"
        )
    return wanted


def describe(source: Source, fps: float | None, detect: str) -> dict[str, Any]:
    """What provenance says of an input."""
    entry: dict[str, Any] = {"input": source.name, "kind": source.kind, "detect": detect}
    if source.frames is not None:
        height, width = source.frames.shape[1:3]
        entry |= {"frames": len(source.frames), "width": width, "height": height, "fps": fps}
    elif source.kind == "video":
        found = _probe(source)
        entry |= found | {"fps": found.pop("frame_rate", 0) or None, "decoder": _decoder()}
    return entry


def _probe(source: Source) -> dict[str, Any]:
    if _core.video_decoder_version():
        return dict(_core.probe_video(path_of(source)))
    from mien.media import _pyav as pyav

    return dict(pyav.probe(path_of(source)))


def _decoder() -> str:
    if version := _core.video_decoder_version():
        return version
    import av

    return f"PyAV {av.__version__}"


def frame_count(entry: Mapping[str, Any], read: ReadOptions) -> int | None:
    """Frames that will be analysed of what `describe` tells of, where that can be known without
    decoding.
    """
    start, end = read.bounds
    whole = math.isinf(start) and math.isinf(end)
    frames: int = entry["frames"]  # 0, like the duration, where the container doesn't say
    duration: float | None = entry.get("duration")
    if not frames or (entry["kind"] == "array" and not whole):
        return None
    if not whole and duration:
        span = min(end, duration) - max(start, 0.0)
        frames = max(round(frames * span / duration), 0)
    return -(-frames // read.every)
