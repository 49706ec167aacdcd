"""Which frames of a damaged video were lost, and when they were due.

The core's reader does the same (``cpp/src/video/packet_ledger.h``, ``demuxer_ffmpeg.cc``,
``stated_size.cc``), where the reasons are told; both must give the same rows.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

__all__ = ["Missing", "PacketLedger", "PacketLog", "stamp_of", "stated_size"]


_RECENT = 64  # packets; H.264 and HEVC reorder at most 16 frames


def stamp_of(pts: int | None, dts: int | None) -> int | None:
    """What finds a packet's frame again: pts, or dts where the container gives no pts."""
    return dts if pts is None else pts


class PacketLedger:
    """Finds the frames that a decoder lost: packets that gave no frame, although it reported a
    failure.
    """

    def __init__(self) -> None:
        self._open: dict[int, bool] = {}  # stamp -> broken
        self._failures = 0

    def sent(self, stamp: int, broken: bool) -> None:
        """A packet went into the decoder, or would have if the file still held it."""
        self._open[stamp] = self._open.get(stamp, False) or broken

    def failed(self) -> None:
        """The decoder reported a failure."""
        self._failures += 1

    def shown(self, stamp: int) -> tuple[list[int], bool]:
        """A frame came out: stamps of those lost before it, and whether its packet was whole."""
        lost = self._settle([s for s in self._open if s < stamp])
        return lost, not self._open.pop(stamp, False)

    def finish(self) -> list[int]:
        """Nothing more will come out: stamps of those lost."""
        return self._settle(list(self._open))

    def _settle(self, stamps: list[int]) -> list[int]:
        lost = []
        for stamp in sorted(stamps):
            if self._open.pop(stamp) or self._failures:
                lost.append(stamp)
                self._failures = max(0, self._failures - 1)
        return lost


@dataclass
class Missing:
    """Frames that the container promised and the file no longer holds.

    Attributes
    ----------
    stamps : list of int
        Presentation times in units of the stream's time base, where they are certain.
    unplaced : int
        How many more there are.
    """

    stamps: list[int] = field(default_factory=list)
    unplaced: int = 0

    def __bool__(self) -> bool:
        return bool(self.stamps) or self.unplaced > 0


class PacketLog:
    """Notes the packets of a video stream as they are read, and tells at the end which are missing.

    Parameters
    ----------
    container, stream
        PyAV's input container and its video stream.
    path : Path
        The file.
    """

    def __init__(self, container: Any, stream: Any, path: Path) -> None:
        self._container = container
        self._stream = stream
        self._path = path
        self._format = str(container.format.name)
        self._packets = 0
        self._filled = 0
        self._shown = 0
        self._first = self._least = self._greatest = 0
        self._step = 0
        self._delay = 0
        self._all_stamped = True
        self._reordered = False
        self._last_broken = False
        self._last_position = -1
        self._recent: deque[int] = deque(maxlen=_RECENT)

    def note(self, packet: Any) -> None:
        """A packet was read, empty or not."""
        self._packets += 1
        self._filled += packet.size > 0
        self._last_position = -1 if packet.pos is None else packet.pos
        self._last_broken = packet.is_corrupt
        if packet.is_discard:
            return
        self._all_stamped = self._all_stamped and packet.pts is not None
        if self._all_stamped:
            at = packet.pts
            if self._shown == 0:
                self._first = self._least = self._greatest = at
                self._delay = at - (at if packet.dts is None else packet.dts)
            self._least = min(self._least, at)
            self._greatest = max(self._greatest, at)
            self._step = math.gcd(self._step, at - self._first)
            self._reordered |= packet.dts is None or at - packet.dts != self._delay
            self._recent.append(at)
        self._shown += 1

    def missing(self, read_error: str) -> Missing:
        """Once the file ended, or reading broke off with `read_error`."""
        if self._format.startswith("mov,"):
            missing = self._behind_end()
            if missing:
                return missing
        is_short = stated_size(self._path) > self._container.size
        broke_off = is_short or self._last_broken or bool(read_error)
        if not broke_off and self._is_avi:
            return Missing(unplaced=self._listed_and_unread())
        if not broke_off and not self._is_matroska:
            return Missing()
        promised = self._promised()
        gone = promised - self._packets
        if not broke_off and gone <= float(self._stream.average_rate or 0):
            return Missing()
        missing = self._by_count(gone)
        unexplained = broke_off and not missing and not self._last_broken
        if unexplained and (promised == 0 or read_error):
            missing.unplaced = 1
        return missing

    @property
    def _is_matroska(self) -> bool:
        return self._format.startswith("matroska")

    @property
    def _is_avi(self) -> bool:
        return self._format == "avi"

    @property
    def _index(self) -> list[Any] | None:
        """The container's index; None with PyAV before 17, which does not show it."""
        entries = getattr(self._stream, "index_entries", None)
        return None if entries is None else list(entries)

    def _listed_and_unread(self) -> int:
        listed = sum(int(entry.size > 0) for entry in self._index or ())
        return max(0, listed - self._filled)

    def _behind_end(self) -> Missing:
        if self._index is None:
            gone = int(self._stream.frames) - self._packets
            is_short = _boxes_end(self._path) > int(self._container.size)
            return self._by_count(gone) if is_short else Missing()
        wanted = [entry for entry in self._index if not entry.is_discard]
        size = int(self._container.size)
        gone = sum(e.pos + e.size > size and e.pos != self._last_position for e in wanted)
        if size <= 0 or gone == 0:
            return Missing()
        stamps = self._place([e.timestamp for e in wanted], gone)
        return Missing(stamps, gone - len(stamps))

    def _place(self, coding: list[int], missing: int) -> list[int]:
        if self._shown == 0 or not self._all_stamped:
            return []
        if not self._reordered:
            return [t + self._delay for t in coding[-missing:]]
        steps = {b - a for a, b in pairwise(coding)}
        if len(steps) != 1:
            return []
        step = steps.pop()
        if step <= 0 or self._step % step != 0:
            return []
        taken = set(self._recent)
        grid = (self._least + i * step for i in reversed(range(len(coding))))
        free = [at for _, at in zip(range(missing + len(taken)), grid, strict=False)]
        return sorted([at for at in free if at not in taken][:missing])

    def _by_count(self, gone: int) -> Missing:
        if gone <= 0:
            return Missing()
        if self._is_avi and not self._reordered and self._all_stamped and self._recent:
            return Missing([self._recent[-1] + i for i in range(1, gone + 1)])
        return Missing(unplaced=gone)

    def _promised(self) -> int:
        """Frames that the container says it holds; 0 if it does not say."""
        stream = self._stream
        if stream.frames > 0:
            return int(stream.frames)
        rate = float(stream.average_rate or 0)
        if not self._is_matroska or rate <= 0 or not self._all_stamped or self._shown < 2:
            return 0
        base = float(stream.time_base)
        skipped = (self._greatest - self._least) * base * rate - (self._shown - 1)
        if not -0.5 <= skipped <= (4.5 if self._reordered else 0.5):
            return 0
        length = self._stated_duration() - max(0.0, self._least * base)
        return math.floor(length * rate + 0.5)

    def _stated_duration(self) -> float:
        stream, container = self._stream, self._container
        if stream.duration is not None:
            return float(stream.duration * stream.time_base)
        parts = stream.metadata.get("DURATION", "").split(":")
        if len(parts) == 3:
            return int(parts[0]) * 3600 + int(parts[1]) * 60 + float(parts[2])
        alone = len(container.streams) == 1 and container.duration is not None
        return container.duration / 1_000_000 if alone else 0.0


def stated_size(path: Path) -> int:
    """Bytes that a RIFF (AVI) or Matroska (WebM) file claims to have; 0 for others, and where it
    does not say.
    """
    with path.open("rb") as file:
        head = file.read(256)
    if head[:4] == b"RIFF" and len(head) >= 8:
        size = int.from_bytes(head[4:8], "little")
        return size + 8 if size else 0
    return _matroska_size(head)


def _boxes_end(path: Path) -> int:
    """Where the last of an MP4 file's outermost boxes claims to end."""
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


def _matroska_size(head: bytes) -> int:
    if head[:4] != b"\x1a\x45\xdf\xa3":
        return 0
    header, at = _ebml_number(head, 4)
    if header is None or head[at + header : at + header + 4] != b"\x18\x53\x80\x67":
        return 0
    segment, at = _ebml_number(head, at + header + 4)
    return 0 if segment is None else at + segment


def _ebml_number(data: bytes, at: int) -> tuple[int | None, int]:
    """A number with as many bytes as its first has leading zeros, plus one, and where it ends;
    None: left open.
    """
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if first == 0 or at + length > len(data):
        return None, at
    bits = 7 * length
    value = int.from_bytes(data[at : at + length], "big") & ((1 << bits) - 1)
    return (None if value == (1 << bits) - 1 else value), at + length
