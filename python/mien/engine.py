"""`Engine`: from files and arrays to face tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mien._engine.analysis import Analysis
from mien._engine.events import Event, SourceError, SourceRows
from mien._engine.loaded_engine import LoadedEngine
from mien._engine.sources import ON_DEVICE, Source, resolve, single_frame
from mien._engine.stream_session import Progress
from mien._engine.timestamps import LiveClock, Timestamps
from mien.errors import InputError, OptionError
from mien.options import EngineOptions, ReadOptions
from mien.packs import Pack
from mien.table import FaceTable, table_from_arrays

__all__ = ["Engine"]


class Engine:
    """Finds and describes faces. One engine serves any number of inputs.

    Parameters
    ----------
    pack : str, Path or Pack
        The networks: a name, a folder, or what `mien.packs.load_pack` returned. What runs them
        decides which of its files are taken, if it has several forms of a network: the default
        pack's are INT8 on a CPU and fp16 on a GPU.
    device, threads, batch_size, detection_size, score_threshold, max_faces
        See `EngineOptions`, whose fields these are.
    detect_interval, decoder_threads, image_side, image_pixels, profile
        Likewise.
    options : EngineOptions, optional
        All of them at once, instead.

    Raises
    ------
    OptionError
        An option of the wrong type or outside its range; options given twice.
    PackError
        No such pack, or an altered one.
    ProviderError
        The device or ONNX Runtime isn't there.

    Examples
    --------
    >>> engine = mien.Engine()  # doctest: +SKIP
    >>> table = engine.analyze("clip.mp4")  # doctest: +SKIP
    >>> table.groupby("track").AU12.mean()  # doctest: +SKIP
    """

    def __init__(
        self,
        pack: str | Path | Pack = "default",
        device: str = "auto",
        threads: int | None = None,
        *,
        batch_size: int | None = None,
        detection_size: int | None = None,
        score_threshold: float | None = None,
        max_faces: int = 64,
        detect_interval: int = 8,
        decoder_threads: int | None = None,
        image_side: int | None = None,
        image_pixels: int = 100_000_000,
        profile: bool = False,
        options: EngineOptions | None = None,
    ) -> None:
        single = EngineOptions(
            device=device,
            threads=threads,
            batch_size=batch_size,
            detection_size=detection_size,
            score_threshold=score_threshold,
            max_faces=max_faces,
            detect_interval=detect_interval,
            decoder_threads=decoder_threads,
            image_side=image_side,
            image_pixels=image_pixels,
            profile=profile,
        )
        if options is not None and single != EngineOptions():
            raise OptionError(f"options: wanted all options in it, got others too: {single}")
        if not isinstance(options, EngineOptions | None):
            raise OptionError(f"options: wanted EngineOptions, got {options!r}")
        self._loaded = LoadedEngine(pack, options or single)
        self.pack = self._loaded.pack
        self._live_clock = LiveClock()

    @property
    def columns(self) -> list[str]:
        """Names of the engine's own columns, in table order."""
        return list(self._loaded.columns)

    @property
    def provider(self) -> str:
        """What runs the networks: ``cpu``, ``cuda`` or ``tensorrt``."""
        return self._loaded.core.provider

    @property
    def options(self) -> dict[str, Any]:
        """The options with every default resolved, as a table's provenance has them."""
        return self._loaded.options

    def step_times(self) -> pd.DataFrame:
        """What each step of the core took so far, in all streams and threads together.

        Returns
        -------
        pandas.DataFrame
            Indexed by step: `calls`; `wall` and `cpu`, seconds by the clock and of CPU time;
            `allocations` on the heap by mien's own code (not those within ONNX Runtime and FFmpeg).
            ``queue`` is waiting for one's turn.

        Raises
        ------
        OptionError
            The engine was made without ``profile=True``.
        """
        steps = self._loaded.core.profile()
        if not steps:
            raise OptionError("step_times: wanted an engine made with profile=True")
        columns = ["step", "calls", "wall", "cpu", "allocations"]
        frame: pd.DataFrame = pd.DataFrame(steps, columns=columns).set_index("step")
        return frame

    def __repr__(self) -> str:
        pack = f"{self.pack.name} {self.pack.version}"
        return f"Engine(pack={pack!r}, provider={self.provider!r}, options={self.options})"

    def analyze(
        self,
        inputs: Any,
        *,
        every: int = 1,
        start: float | None = None,
        end: float | None = None,
        fps: float | None = None,
        times: ArrayLike | None = None,
        detect: str | None = None,
        sar: float | None = None,
        progress: Progress | None = None,
    ) -> FaceTable:
        """Analyse videos, images and arrays into one table.

        Parameters
        ----------
        inputs : path, array, or list of these
            Videos and images by name, folder or glob. Or uint8 RGB arrays: (height, width, 3) is an
            image, (frames, height, width, 3) is a video, whose faces are tracked; any strides,
            never copied. In a list every array is an input by itself. On a GPU also arrays on the
            engine's CUDA device (see `analyze_frame`); they must not change before the rows are
            there.
        every : int
            Of the frames in the window, analyse the first and every n-th after it.
        start, end : float, optional
            Window [start, end) in seconds of presentation time. Images have no time and are always
            in it.
        fps : float, optional
            Frames per second of arrays, and of raw streams (``.mjpeg``, ``.h264``, ``.hevc``):
            frame i is at i / fps. Without it (and `times`) they have no time: NaN.
        times : array of float or timedelta, optional
            Presentation time of each frame of a single array; numbers are seconds. They rise.
        detect : {"every", "track"}, optional
            Where faces are looked for: in every frame, or in every `detect_interval`-th frame, in
            frames without a face and on doubt, while between them a face is followed by its own
            landmarks. ``track`` for videos by default; images are independent of each other, so
            that only ``every`` fits them.
        sar : float, optional
            Sample aspect ratio, the width of a pixel through its height (0.25-4), for inputs whose
            pixels aren't square and who don't say so: arrays and images, which count as square
            otherwise; of a video it takes the place of what the file says. All coordinates of the
            table are in square pixels.
        progress : callable, optional
            Called as ``progress(input, frames done, frames in all or None)`` a few times a second.

        Returns
        -------
        FaceTable
            One row a face, and one for each frame without a face. `input` is the path, or the index
            of an array as text, with zeros before it (``02`` of eleven) so that it sorts as the
            arrays do.

        Raises
        ------
        InputError
            Something that isn't there or can't be used, by name; rows finished before it are in its
            attribute `partial`. A video with frames that can't be decoded is not an error: those
            have the status ``decode_error``.
        OptionError
            An option outside its range.

        Examples
        --------
        >>> engine.analyze(["a.mp4", "b.mp4"], every=5)  # doctest: +SKIP
        >>> engine.analyze(frames, fps=29.97)  # (T, H, W, 3) uint8  # doctest: +SKIP
        """
        read = ReadOptions(every=every, start=start, end=end, fps=fps, detect=detect, sar=sar)
        analysis = self._analysis(resolve(inputs), read, times)
        rows: list[SourceRows] = []
        with closing(analysis.events(progress=progress)) as events:
            for event in events:
                if isinstance(event, SourceError):
                    event.error.partial = analysis.table(rows)
                    raise event.error
                rows.append(event)
        return analysis.table(rows)

    def stream(
        self,
        source: Any,
        chunk_frames: int = 1024,
        *,
        every: int = 1,
        start: float | None = None,
        end: float | None = None,
        fps: float | None = None,
        times: ArrayLike | None = None,
        detect: str | None = None,
        sar: float | None = None,
        after: FaceTable | None = None,
        progress: Progress | None = None,
    ) -> Iterator[FaceTable]:
        """Analyse one input in pieces, so that memory does not grow with its length.

        Parameters
        ----------
        source : path or array
            One input of those that `analyze` takes.
        chunk_frames : int
            Frames of a piece (the last may have fewer).
        every, start, end, fps, times, detect, sar, progress
            As for `analyze`.
        after : FaceTable, optional
            All rows that an earlier run gave for the first frames of this input, in their order: go
            on after them, with the rows that one run would have given. Of their columns `frame`,
            `time`, `face`, `track` and the box count. With ``detect="track"`` they must be of a
            multiple of `detect_interval` frames.

        Yields
        ------
        FaceTable
            Rows of the next frames. Tracks and frames count through the whole input.

        Raises
        ------
        InputError, OptionError
            As for `analyze`; a source that breaks half way raises after the rows before the break.
            `after` does not fit.

        Examples
        --------
        >>> for part in engine.stream("long.mp4"):  # doctest: +SKIP
        ...     print(part.AU12.mean())
        """
        read = ReadOptions(every=every, start=start, end=end, fps=fps, detect=detect, sar=sar)
        if not isinstance(chunk_frames, int) or chunk_frames < 1:
            raise OptionError(
                f"chunk_frames: wanted a whole number of at least 1, got {chunk_frames!r}"
            )
        sources = resolve(source)
        if len(sources) != 1:
            raise InputError(
                f"stream: wanted one input, got {len(sources)}; use analyze for several"
            )
        analysis = self._analysis(sources, read, times)
        events = analysis.session(sources).events(chunk_frames, progress, after)
        return (analysis.table([_rows(event)]) for event in events)

    def analyze_frame(
        self,
        rgb: Any,
        time: float | timedelta = math.nan,
        *,
        detect: str = "track",
        sar: float | None = None,
    ) -> FaceTable:
        """Analyse one frame of a live sequence, on the caller's thread, with the least delay.

        Parameters
        ----------
        rgb : array
            (height, width, 3) uint8 RGB, any strides; not copied and not kept. A NumPy array, or,
            on a GPU, an array of CuPy, PyTorch, JAX or another library on the engine's CUDA device
            (device 0): whatever has ``__dlpack__`` or ``__cuda_array_interface__``. What its
            library has queued on it so far comes first.
        time : float or timedelta
            When it was taken (numbers are seconds), later than the frame before; tracks use it. NaN
            where it is unknown.
        detect : {"every", "track"}
            As for `analyze`. Frames that have nothing to do with each other want ``every``, or
            `reset` between them.
        sar : float, optional
            As for `analyze`.

        Returns
        -------
        FaceTable
            Rows of its faces, or one row that says there is none. `frame` counts the calls, and
            tracks go on from call to call, until `reset`.

        Raises
        ------
        InputError
            Not such an array.
        OptionError
            Another `detect`, or a `sar` out of range; a time that is infinite, repeats or goes
            back.
        """
        frame, core = single_frame(rgb), self._loaded.core
        if not isinstance(frame, np.ndarray) and not core.takes_device_frames:
            raise InputError(f"frame: {ON_DEVICE}")
        read = ReadOptions(sar=sar)
        seconds = self._live_clock.read(time)
        rows = core.analyze_frame(frame, seconds, detect, sar or 1.0)
        self._live_clock.passed(seconds)
        provenance = self._loaded.provenance(read)
        return table_from_arrays([(["0"] * len(rows.frame), rows)], self.columns, provenance)

    def reset(self) -> None:
        """Forget the faces and the count of frames of `analyze_frame`: the next frame is the first
        of a new sequence.
        """
        self._loaded.core.reset()
        self._live_clock = LiveClock()

    def _analysis(
        self,
        sources: Sequence[Source],
        read: ReadOptions,
        times: ArrayLike | None = None,
    ) -> Analysis:
        """What `analyze`, `stream` and `mien.batch` do with sources."""
        return Analysis(self._loaded, sources, read, Timestamps(sources, read, times))


def _rows(event: Event) -> SourceRows:
    """The event's rows.

    Raises
    ------
    InputError
        It has none, but an error.
    """
    if isinstance(event, SourceError):
        raise event.error
    return event
