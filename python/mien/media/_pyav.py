"""Video files through PyAV, for builds of the core without FFmpeg: the same frames, times and
errors.

PyAV demuxes and decodes; which frames were lost is the core's account (`mien._core.FrameAccount`).
"""

from __future__ import annotations

import errno
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from mien import _core
from mien.errors import InputError, OptionError
from mien.media._packet_loss import container_info
from mien.media._planes import (
    UPRIGHT,
    Image,
    Orientation,
    orientation_from_matrix,
    view_frame,
)
from mien.media.kinds import name_of

__all__ = ["DecodedFrame", "decode", "probe"]

# AV_CODEC_FLAG_OUTPUT_CORRUPT: damaged frames come out, marked, instead of vanishing.
_OUTPUT_CORRUPT = 1 << 3
# Formats that leave the sample aspect ratio to the stream, which may change it.
_SAR_FROM_STREAM = ("mpegts", "mpeg", "mpegvideo", "h264", "hevc", "m4v")
_ATTACHED_IMAGE = 1 << 10  # AV_DISPOSITION_ATTACHED_PIC


@dataclass(frozen=True, eq=False)
class DecodedFrame:
    """One frame of a video, as shown: turned by the display matrix, 8 bits a sample.

    Attributes
    ----------
    index : int
        Counts the frames of the file from 0 in order of presentation.
    time : float
        Presentation time in seconds as the container says; NaN if it does not, or if it is before
        that of a frame yielded earlier.
    image : Image or None
        None if the frame could not be decoded.
    """

    index: int
    time: float
    image: Image | None


def decode(
    path: str | Path,
    every: int = 1,
    start: float = -math.inf,
    end: float = math.inf,
    threads: int = 1,
    sar: float | None = None,
    *,
    fps: float = math.nan,
    on_notes: Callable[[list[str]], None] | None = None,
) -> Iterator[DecodedFrame]:
    """Frames of a video file in order of presentation.

    Parameters
    ----------
    path : str or Path
        The file.
    every : int
        Yield the first, the (1 + every)th, ... of the frames in [start, end).
    start, end : float
        Seconds; `end` is exclusive. A frame without a time lies where the one before it does.
    threads : int
        Of the decoder, where the codec works in slices; 0: FFmpeg's choice.
    sar : float, optional
        Sample aspect ratio of the stored pixels, in place of what the file says.
    fps : float
        Frames per second of a file without a clock (a raw stream); NaN if unknown.
    on_notes : callable, optional
        Called with what a reader of the frames has to know (where streams were joined, ...),
        whenever there is something new.

    Raises
    ------
    InputError
        The file is missing, empty, not a video, has no frames at all or none in [start, end). A
        file that breaks half way is no error: its lost frames come without an image.
    OptionError
        An argument is outside its range, or does not fit the file's clock.
    """
    if every < 1:
        raise OptionError(f"every: wanted at least 1, got {every}")
    if not start < end:
        raise OptionError(f"start, end: wanted start before end, in seconds, got {start}, {end}")
    path = Path(path)
    options = _core.ReadOptions(every=every, start=start, end=end, fps=fps, sar=sar or 0.0)
    options.validate()
    with _open(path) as (container, stream):
        _core.check_clock(path, container.format.name, options)
        decoder = _Decoder(path, container, stream, threads, fps)
        yield from _selected(path, decoder, options, on_notes or (lambda _: None))


def probe(path: str | Path, sar: float | None = None) -> dict[str, Any]:
    """Properties of a video file.

    Parameters
    ----------
    path : str or Path
    sar : float, optional
        As for `decode`.

    Returns
    -------
    dict
        codec, pixel_format, width and height as shown (square pixels), rotation (degrees
        clockwise), sar (sample aspect ratio of the stored pixels), ignored_sar (what the file says,
        only if that can't be), frame_rate (1/s), frames and duration (s) as the container says, 0
        where it does not.

    Raises
    ------
    InputError
        As `decode`.
    """
    path = Path(path)
    with _open(path) as (container, stream):
        context = stream.codec_context
        orientation = _stream_orientation(path, stream)
        stated, ignored = _stated_sar(stream.sample_aspect_ratio)
        sides = _core.shown_size(context.width, context.height, sar or stated)
        width, height = sides[::-1] if orientation.transpose else sides
        has_clock = _core.has_clock(container.format.name)
        info = {
            "codec": context.codec.canonical_name
            if hasattr(context.codec, "canonical_name")
            else context.name,
            "pixel_format": context.pix_fmt or "",
            "width": width,
            "height": height,
            "rotation": orientation.rotation,
            "sar": sar or stated,
            "frame_rate": float(stream.average_rate or 0) if has_clock else 0.0,
            "frames": stream.frames,
            "duration": _duration(container, stream) if has_clock else 0.0,
        }
        if ignored and not sar:
            info["ignored_sar"] = ignored
        return info


def _duration(container: Any, stream: Any) -> float:
    """Seconds, by the container; 0 if it doesn't say."""
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration is not None else 0.0


def _selected(
    path: Path,
    decoder: _Decoder,
    options: _core.ReadOptions,
    on_notes: Callable[[list[str]], None],
) -> Iterator[DecodedFrame]:
    start, end = options.start, options.end
    first = last = math.nan
    decoded = in_range = behind = 0
    for frame, time in decoder:
        index = decoded
        decoded += 1
        if not math.isnan(time):
            first = time if math.isnan(first) else first
            last = time
        behind = behind + 1 if last >= end else 0
        if behind >= _core.FRAMES_BEHIND_WINDOW:
            break
        if behind or not (start == -math.inf or last >= start):
            continue
        in_range += 1
        if (in_range - 1) % options.every == 0:
            told = decoder.rising(time)
            decoder.tell(on_notes)
            image = None if frame is None else _view(path, frame, options.sar or decoder.sar)
            yield DecodedFrame(index, told, image)
    decoder.tell(on_notes)
    if decoded == 0:
        got = decoder.read_error or "an empty video stream"
        raise InputError(
            f"{name_of(path)}: holds no frames; wanted a video with at least one; got: {got}"
        )
    if in_range == 0:
        raise InputError(
            f"{name_of(path)}: no frame to analyse; wanted frames with start={start:g} <= time < "
            f"end={end:g} seconds; got times {first:g} to {last:g}"
        )


def _view(path: Path, frame: Any, sar: float) -> Image:
    return view_frame(frame, _orientation(path, frame), name_of(path), sar)


def _stated_sar(stated: Fraction | None) -> tuple[float, str]:
    """The sample aspect ratio to read with, and what was stated if it isn't believed."""
    if not stated:
        return 1.0, ""
    used = _core.believed_sar(stated.numerator, stated.denominator)
    is_believed = math.isclose(used, stated)
    return used, "" if is_believed else f"{stated.numerator}:{stated.denominator}"


class _Decoder:
    """Yields (frame or None if lost, time in seconds) in order of presentation.

    Attributes
    ----------
    sar : float
        Sample aspect ratio of the last frame, before it is turned.
    """

    def __init__(self, path: Path, container: Any, stream: Any, threads: int, fps: float) -> None:
        self.read_error = ""
        self._path = path
        self._container = container
        self._stream = stream
        self._context = stream.codec_context
        # PyAV can't get at the frames behind an error at the end, which frame threads would put
        # there.
        self._context.thread_type = "SLICE"
        self._context.thread_count = threads
        self._context.flags = int(self._context.flags) | _OUTPUT_CORRUPT
        # PyAV's frames don't tell theirs, and the decoder knows that of the packet it read last.
        self._sar_may_change = container.format.name in _SAR_FROM_STREAM
        self._sars: dict[int | None, float] = {}
        self.sar, _ = _stated_sar(stream.sample_aspect_ratio)
        base = stream.time_base
        self._account = _core.FrameAccount(
            base.numerator, base.denominator, format=container.format.name, fps=fps
        )
        self._told = 0

    def rising(self, time: float) -> float:
        """The time of a frame that is handed on; NaN if it is before an earlier one's."""
        return self._account.rising(time)

    def tell(self, on_notes: Callable[[list[str]], None]) -> None:
        """Hand the notes on if there is something new."""
        if self._told != self._account.changes:
            self._told = self._account.changes
            on_notes(self._account.notes)

    def __iter__(self) -> Iterator[tuple[Any, float]]:
        for packet in self._packets():
            is_needed, pts, dts = self._account.read(
                packet.pts, packet.dts, packet.pos, packet.size, packet.is_corrupt,
                packet.is_discard, packet.duration,
            )  # fmt: skip
            if is_needed:
                packet.pts, packet.dts = pts, dts
                yield from self._decode(packet)
        entries = self._account.index_entries
        container = container_info(self._container, self._stream, self._path, entries)
        self._account.end(container, read_failed=bool(self.read_error))
        yield from self._decode(None)
        yield from self._lost(self._account.finish())

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:  # "no memory" where a damaged size is gigabytes
                self.read_error = _reason(error)
                return
            # PyAV ends with an empty packet of its own, which has no stamps.
            if packet is None or (packet.size == 0 and packet.dts is None and packet.pts is None):
                return
            yield packet

    def _decode(self, packet: Any) -> Iterator[tuple[Any, float]]:
        """The frames that come out when a packet goes in; None: the last ones."""
        try:
            frames = self._context.decode(packet)
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            self._account.failed()
            return
        if packet is not None and self._sar_may_change:
            self._sars[packet.pts], _ = _stated_sar(self._context.sample_aspect_ratio)
        for frame in frames:
            self.sar = self._sars.pop(frame.pts, self.sar)
            lost, time, whole = self._account.shown(frame.dts if frame.pts is None else frame.pts)
            yield from self._lost(lost)
            yield (frame if whole and not frame.is_corrupt else None), time

    @staticmethod
    def _lost(times: list[float]) -> Iterator[tuple[None, float]]:
        return ((None, time) for time in times)


def _reason(error: av.error.FFmpegError) -> str:
    if isinstance(error, av.error.ExitError):
        return f"no packet in {_core.MAX_SECONDS_WITHOUT_PACKET:g} s"
    if error.errno == errno.EINVAL:  # FFmpeg's word for a format that isn't in its list
        return "text, a playlist, or a format that isn't read"
    return error.strerror or str(error)


def _refuse(path: Path, what: str, got: str) -> InputError:
    return InputError(f"{name_of(path)}: {what}; wanted a video file; got: {got}")


@contextmanager
def _open(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container and its video stream."""
    if not path.exists():
        raise _refuse(path, "no such file", "nothing there")
    if path.is_dir():
        raise _refuse(path, "can't be read", "a directory")
    if not path.is_file():  # a pipe can be read once, and this is a second look
        raise _refuse(path, "can't be read", "a pipe or device")
    if path.stat().st_size == 0:
        raise _refuse(path, "can't be read", "an empty file")
    try:
        container: Any = av.open(
            f"file:{path}",
            options={"max_pixels": str(_core.MAX_FRAME_PIXELS)},
            # A playlist that calls itself a video must not make us open other files.
            container_options={
                "protocol_whitelist": "file",
                "format_whitelist": _core.readable_formats(),
            },
            metadata_errors="replace",
            timeout=_core.MAX_SECONDS_WITHOUT_PACKET,
        )
    except av.error.FFmpegError as error:
        raise _refuse(path, "can't be opened as a video", _reason(error)) from error
    with container:
        yield container, _video_stream(path, container)


def _video_stream(path: Path, container: Any) -> Any:
    streams = container.streams
    if not streams.video:
        raise _refuse(path, "has no video stream", container.format.long_name)
    stream = streams.best("video") if hasattr(streams, "best") else streams.video[0]
    disposition = getattr(stream, "disposition", 0)
    if int(getattr(disposition, "value", disposition)) & _ATTACHED_IMAGE:
        raise _refuse(path, "has no video stream", "a cover image only")
    if stream is None or stream.codec_context is None:
        raise _refuse(path, "no decoder for its codec", "Decoder not found")
    context = stream.codec_context
    _core.check_frame_size(path, context.width, context.height)
    context.options = {**context.options, "max_pixels": str(_core.MAX_FRAME_PIXELS)}
    for other in streams:
        if other.index != stream.index and hasattr(other, "discard"):
            other.discard = av.stream.Discard.all
    return stream


def _orientation(path: Path, frame: Any) -> Orientation:
    """The first display matrix of a frame: the container's, or else the stream's own message."""
    side = frame.side_data
    for i in range(len(side)):
        if side[i].type.name == "DISPLAYMATRIX":
            orientation = orientation_from_matrix(bytes(side[i]))
            if orientation is None:
                raise InputError(
                    f"{name_of(path)}: its display matrix can't be applied; wanted a turn by a "
                    "multiple of 90 degrees"
                )
            return orientation
    return UPRIGHT


def _stream_orientation(path: Path, stream: Any) -> Orientation:
    """PyAV shows side data of frames only, so this decodes up to the first."""
    try:
        for frame in stream.container.decode(stream):
            return _orientation(path, frame)
    except av.error.FFmpegError:
        return UPRIGHT  # a damaged first frame: `decode` reports it
    return UPRIGHT
