"""What PyAV's container says about its video stream, for the core's account of lost frames.

Which frames of a damaged video were lost, and when they were due, the core works out for both
decoders (`mien._core.FrameAccount`, ``cpp/src/video/frame_account.h``).
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from mien import _core

__all__ = ["container_info"]

_MICROSECONDS = 1_000_000  # PyAV's unit of a container's duration, per second


def container_info(container: Any, stream: Any, path: Path, entries: int) -> _core.ContainerInfo:
    """Describe a container once its packets have been read: its index is complete then.

    Parameters
    ----------
    container, stream
        PyAV's input container and its video stream.
    path : Path
        The file.
    entries : int
        How many entries of its index are wanted.
    """
    index = _index(stream, entries)
    declared = _core.declared_size(path)
    # PyAV before 17 does not show the index, which tells a cut MP4 file from a whole one.
    if index is None and stream.frames > 0 and container.format.name.startswith("mov,"):
        declared = _boxes_end(path)
    alone = len(container.streams) == 1 and container.duration is not None
    return _core.ContainerInfo(
        format=container.format.name,
        size=container.size,
        declared_size=declared,
        frames=stream.frames,
        frame_rate=float(stream.average_rate or 0),
        time_base=(stream.time_base.numerator, stream.time_base.denominator),
        duration=stream.duration,
        duration_tag=stream.metadata.get("DURATION", ""),
        file_duration=container.duration / _MICROSECONDS if alone else None,
        index=index or [],
    )


def _index(stream: Any, most: int) -> list[tuple[int, int, int, bool]] | None:
    """(timestamp, position, size, is discarded) of the first samples; None with PyAV before 17."""
    entries = getattr(stream, "index_entries", None)
    if entries is None:
        return None
    return [
        (entry.timestamp, entry.pos, entry.size, bool(entry.is_discard))
        for entry in islice(entries, most)
    ]


def _boxes_end(path: Path) -> int:
    """Where the last of an MP4 file's outermost boxes claims to end, bytes."""
    at = 0
    with path.open("rb") as file:
        while len(head := file.read(16)) >= 8:
            size = int.from_bytes(head[:4], "big")
            if size == 1:  # a longer number follows the name
                size = int.from_bytes(head[8:16], "big")
            if size < 8:  # 0: up to the end of the file
                break
            at += size
            file.seek(at)
    return at
