"""The compiled core (C++). All of it is private; `mien.Engine` is its public interface."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

class EngineOptions:
    """What a caller of the engine may choose; see cpp/include/mien/options.h."""

    device: str
    threads: int
    batch_size: int
    detection_size: int
    score_threshold: float
    max_faces: int
    detect_interval: int
    decoder_threads: int
    profile: bool
    def __init__(
        self,
        *,
        device: str = "auto",
        threads: int = 0,
        batch_size: int = 0,
        detection_size: int = 0,
        score_threshold: float = -1.0,
        max_faces: int = 64,
        detect_interval: int = 8,
        decoder_threads: int = 0,
        profile: bool = False,
    ) -> None: ...
    def validate(self) -> None: ...
    def as_dict(self) -> dict[str, Any]:
        """Names of all fields to their values, in order of declaration."""
    def to_string(self) -> str: ...

class ReadOptions:
    """Which frames of a video to analyse: every n-th of those in [start, end), seconds."""

    every: int
    start: float
    end: float
    fps: float
    sar: float
    def __init__(
        self,
        *,
        every: int = 1,
        start: float = ...,
        end: float = ...,
        fps: float = ...,
        sar: float = 0.0,
    ) -> None: ...
    def validate(self) -> None: ...
    def as_dict(self) -> dict[str, Any]:
        """Names of all fields to their values, in order of declaration."""
    def to_string(self) -> str: ...

class History:
    """Rows of a source's first frames, finished by an earlier run; boxes are (rows, 4), the others
    (rows,).
    """

    def __init__(
        self,
        frame: NDArray[np.int64] = ...,
        time: NDArray[np.float64] = ...,
        face: NDArray[np.int32] = ...,
        track: NDArray[np.int32] = ...,
        boxes: NDArray[np.float32] = ...,
    ) -> None: ...

class StreamOptions:
    """How to run over one source: detect "every" or "track", after which rows to go on, and
    whether its frames are independent images.
    """

    def __init__(
        self, detect: str = "every", after: History = ..., images: bool = False
    ) -> None: ...

class Results:
    """Columns of a stretch of rows; the arrays are views that keep the rows alive."""

    def __len__(self) -> int: ...
    @property
    def frame(self) -> NDArray[np.int64]: ...
    @property
    def time(self) -> NDArray[np.float64]: ...
    @property
    def face(self) -> NDArray[np.int32]: ...
    @property
    def track(self) -> NDArray[np.int32]: ...
    @property
    def status(self) -> NDArray[np.uint8]: ...
    @property
    def values(self) -> NDArray[np.float32]: ...

class Stream:
    """Results of one source, in frame order."""

    def next(self, frames: int) -> Results | None:
        """Rows of the next frames, fewer at the end, then None; raises what broke after the rows
        before it.
        """
    def close(self) -> None: ...
    @property
    def decoder(self) -> str:
        """Of a video file: as `VideoReader.decoder`; empty otherwise."""
    @property
    def notes(self) -> list[str]:
        """As `VideoReader.notes`."""

class Feed:
    """The producer's end of a stream of frames. A push blocks while the queue is full."""

    def push_rgb(
        self, index: int, time: float, rgb: NDArray[np.uint8] | DeviceArray, sar: float = 1.0
    ) -> bool: ...
    def push_planes(
        self,
        index: int,
        time: float,
        planes: tuple[NDArray[np.uint8], ...],
        model: str,
        chroma_shift_x: int,
        chroma_shift_y: int,
        matrix: str,
        full_range: bool,
        width: int,
        height: int,
        sar: float = 1.0,
    ) -> bool: ...
    def push_lost(self, index: int, time: float) -> bool: ...
    def close(self) -> None: ...

class Engine:
    """The engine of cpp/include/mien/engine.h."""

    def __init__(
        self, detector: str | Path, behaviour: str | Path, options: EngineOptions
    ) -> None: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def provider(self) -> str: ...
    @property
    def takes_device_frames(self) -> bool: ...
    @property
    def options(self) -> EngineOptions: ...
    @property
    def detector(self) -> dict[str, Any]: ...
    @property
    def behaviour(self) -> dict[str, Any]: ...
    def profile(self) -> list[tuple[str, int, float, float, int]]: ...
    def open_video(
        self, path: str | Path, options: ReadOptions, stream: StreamOptions = ...
    ) -> Stream: ...
    def open_feed(self, capacity: int, stream: StreamOptions = ...) -> tuple[Stream, Feed]: ...
    def analyze_frame(
        self,
        rgb: NDArray[np.uint8] | DeviceArray,
        time: float,
        detect: str = "every",
        sar: float = 1.0,
    ) -> Results: ...
    def detection_sides(self, images: bool) -> list[int]: ...
    def reset(self) -> None: ...

class DeviceArray:
    """An array on a CUDA device, somebody's or our own; public as what `mien.read_frames` yields
    with device="cuda".
    """

    @staticmethod
    def take(array: Any, where: str = "array") -> DeviceArray:
        """What an object offers by DLPack or `__cuda_array_interface__`, without a copy."""
    @staticmethod
    def is_offered_by(object: Any) -> bool:
        """Whether an object offers memory of a CUDA device."""
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def ndim(self) -> int: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> DeviceArray: ...
    def as_several(self) -> DeviceArray:
        """With one more dimension, of one element, in front."""
    def get(self) -> NDArray[np.uint8]:
        """A copy in CPU memory."""
    def __dlpack__(
        self,
        *,
        stream: int | None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...

class VideoReader(Iterator[tuple[int, float, str, Any, float]]):
    """Frames of a video file as (index, time, status, rgb, its sample aspect ratio); for tests and
    images, not for speed.
    """

    def __init__(
        self,
        path: str | Path,
        every: int = 1,
        start: float = ...,
        end: float = ...,
        threads: int = 1,
        device: str = "cpu",
        fps: float = ...,
        sar: float = 0.0,
        square: bool = True,
    ) -> None: ...
    @property
    def notes(self) -> list[str]:
        """What a reader of the frames has to know, of those read so far."""
    @property
    def decoder(self) -> str:
        """The codec and, where it isn't the CPU, who decodes it: "h264", "h264 (nvdec)"."""
    def __iter__(self) -> VideoReader: ...
    def __next__(self) -> tuple[int, float, str, Any, float]: ...

class ContainerInfo:
    """What a container says about its video stream; see cpp/src/video/container_info.h."""

    def __init__(
        self,
        *,
        format: str,
        size: int,
        declared_size: int = 0,
        frames: int = 0,
        frame_rate: float = 0.0,
        time_base: tuple[int, int] = (1, 1),
        duration: int | None = None,
        duration_tag: str = "",
        file_duration: float | None = None,
        index: Sequence[tuple[int, int, int, bool]] = (),
    ) -> None: ...

class FrameAccount:
    """Every frame of a video stream in order of presentation, with its time in seconds (NaN if
    unknown), lost ones among them; see cpp/src/video/frame_account.h.
    """

    def __init__(self, num: int, den: int, *, format: str, fps: float = ...) -> None: ...
    def read(
        self,
        pts: int | None,
        dts: int | None,
        position: int | None,
        size: int,
        is_broken: bool,
        is_discarded: bool,
        duration: int | None = 0,
    ) -> tuple[bool, int | None, int | None]:
        """A packet was read: whether it has to be decoded, and its pts and dts for the decoder."""
    def failed(self) -> None:
        """The decoder reported a failure."""
    def shown(self, stamp: int | None) -> tuple[list[float], float, bool]:
        """A frame came out: times of those lost before it, its own, and whether it is whole."""
    def end(self, container: ContainerInfo, read_failed: bool) -> None:
        """The last packet was read, and the decoder is about to be flushed."""
    def finish(self) -> list[float]:
        """Nothing more will come out: times of the frames that were lost."""
    def rising(self, time: float) -> float:
        """The time of a frame that is handed on; NaN if it is before an earlier one's."""
    @property
    def index_entries(self) -> int:
        """How many entries of the container's index `end` looks at."""
    @property
    def notes(self) -> list[str]:
        """Sentences about what a reader of the frames has to know."""
    @property
    def changes(self) -> int:
        """Grows whenever `notes` say something else."""

MAX_FRAME_PIXELS: int
MAX_SECONDS_WITHOUT_PACKET: float
FRAMES_BEHIND_WINDOW: int

def readable_formats() -> str:
    """FFmpeg's names of the containers that are read, with commas between."""

def has_clock(format: str) -> bool:
    """Whether files of a format have times of their own."""

def check_clock(path: str | Path, format: str, options: ReadOptions) -> None:
    """Raises OptionError for options that don't fit the clock of a file."""

def check_frame_size(path: str | Path, width: int, height: int) -> None:
    """Raises InputError for frames that are too large."""

def declared_size(path: str | Path) -> int:
    """Bytes that a RIFF or Matroska file claims to have; 0 for others, and where it doesn't say."""

def believed_sar(num: int, den: int) -> float:
    """The sample aspect ratio num : den as a number, or 1 where it can't be that of pixels."""

def shown_size(width: int, height: int, sar: float) -> tuple[int, int]:
    """Width and height in square pixels of an image with these stored sides."""

def to_rgb(
    planes: Sequence[NDArray[np.uint8]],
    model: str,
    chroma_shift_x: int,
    chroma_shift_y: int,
    matrix: str,
    full_range: bool,
    width: int,
    height: int,
    sar: float = 1.0,
) -> NDArray[np.uint8]:
    """RGB values of a frame, (height, width, 3) in square pixels."""

def video_decoder_version() -> str: ...
def probe_video(path: str | Path, sar: float = 0.0) -> dict[str, Any]: ...
def build_info() -> dict[str, Any]: ...
def cpu_info() -> dict[str, Any]: ...
def runtime_info() -> dict[str, Any]: ...
def set_runtime_library(path: str | Path) -> None: ...
def choose_provider(device: str) -> str: ...
def cuda_devices() -> list[str]: ...
def hog(
    image: NDArray[np.uint8], orientations: int, cell: int, block: int
) -> NDArray[np.float32]: ...
def status_names() -> list[str]: ...
