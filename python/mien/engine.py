"""`Engine`: from files and arrays to face tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mien import _core
from mien._engine.coordinate_rescaling import MIN_IMAGE_SIDE
from mien._engine.options import detect_mode, history, make_options, read_options, resolve_default
from mien._engine.probe import describe
from mien._engine.runtime_library import use_runtime_library
from mien._engine.sources import ON_DEVICE, check_memory, resolve, single_frame
from mien._engine.stream_session import Progress, Rows, Run, group_sources
from mien._engine.timestamps import Clock
from mien.errors import InputError, OptionError
from mien.packs import Pack, load_pack
from mien.table import FaceTable, Provenance, table_from_arrays

__all__ = ["Engine"]


# Frames asked of the core at a time by `analyze`: often enough for a progress bar, rarely enough to
# cost nothing.
_ANALYZE_FRAMES = 256


class Engine:
    """Finds and describes faces. One engine serves any number of inputs.

    Parameters
    ----------
    pack : str, Path or Pack
        The networks: a name, a folder, or what `mien.packs.load_pack` returned. What runs them
        decides which of its files are taken, if it has several forms of a network: the default
        pack's are INT8 on a CPU and fp16 on a GPU.
    device : {"auto", "cpu", "cuda", "tensorrt"}
        What runs the networks. ``auto`` takes CUDA where there is one; a device asked for by name
        and not there is an error. `provider` says what was taken.
    threads : int, optional
        Worker threads; one per core that the process may use by default, but at most four on a GPU.
        Never changes a result.
    batch_size : int, optional
        Frames a worker takes at a time, 1-1024; 8 by default, 32 on a GPU. Never changes a result
        on the CPU; on a GPU the networks' arithmetic may round differently from one batch size to
        another.
    detection_size : int, optional
        Longer side of the image in which faces are looked for, network pixels; the pack's own by
        default. Larger finds smaller faces and takes longer.
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
        or an eighth of their sides, not below this one, for a fraction of the time. Positions and
        sizes in the table stay those of the file. Faces of less than some 100 pixels in the smaller
        image lose detail, small ones are not found. By default nothing is shrunk.
    profile : bool
        Time every step of the core, for `step_times`.

    Raises
    ------
    OptionError
        An option outside its range.
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
        profile: bool = False,
    ) -> None:
        options = make_options(
            _core.EngineOptions,
            device=device,
            threads=resolve_default(threads, 0, "threads", least=1),
            batch_size=resolve_default(batch_size, 0, "batch_size", least=1),
            detection_size=resolve_default(detection_size, 0, "detection_size", least=1),
            score_threshold=resolve_default(score_threshold, -1.0, "score_threshold", least=0),
            max_faces=max_faces,
            detect_interval=detect_interval,
            decoder_threads=resolve_default(decoder_threads, 0, "decoder_threads", least=1),
            profile=profile,
        )
        if image_side is not None and image_side < MIN_IMAGE_SIDE:
            raise OptionError(
                f"image_side: wanted at least {MIN_IMAGE_SIDE} pixels, or None, got {image_side}"
            )
        self._image_side = image_side
        use_runtime_library()
        provider = _core.choose_provider(device)
        self.pack = pack.on(provider) if isinstance(pack, Pack) else load_pack(pack, provider)
        localization, behaviour = str(self.pack.localization), str(self.pack.behaviour)
        self._core = _core.Engine(localization, behaviour, options)
        self._columns = list(self._core.columns)

    @property
    def columns(self) -> list[str]:
        """Names of the engine's own columns, in table order."""
        return list(self._columns)

    @property
    def provider(self) -> str:
        """What runs the networks: ``cpu``, ``cuda`` or ``tensorrt``."""
        return self._core.provider

    @property
    def options(self) -> dict[str, Any]:
        """The options with every default resolved."""
        names = (
            "device",
            "threads",
            "batch_size",
            "detection_size",
            "score_threshold",
            "max_faces",
            "detect_interval",
            "decoder_threads",
        )
        options = self._core.options  # a copy of the core's struct
        return {
            **{name: getattr(options, name) for name in names},
            "image_side": self._image_side,
        }

    def step_times(self) -> pd.DataFrame:
        """What each step of the core took so far, in all streams and threads together.

        Returns
        -------
        pandas.DataFrame
            Indexed by step: `calls`; `wall` and `cpu`, seconds by the clock and of the processor;
            `allocations` on the heap by mien's own code (not those within ONNX Runtime and FFmpeg).
            ``queue`` is waiting for one's turn.

        Raises
        ------
        OptionError
            The engine was made without ``profile=True``.
        """
        steps = self._core.profile()
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
            Frames per second of arrays: frame i is at i / fps. Without it (and `times`) an array
            has no time: NaN.
        times : array of float, optional
            Presentation time of each frame of a single array, seconds.
        detect : {"every", "track"}, optional
            Where faces are looked for: in every frame, or in every `detect_interval`-th frame, in
            frames without a face and on doubt, while between them a face is followed by its own
            landmarks. ``track`` for videos by default; images are independent of each other, so
            that only ``every`` fits them.
        progress : callable, optional
            Called as ``progress(input, frames done, frames in all or None)`` a few times a second.

        Returns
        -------
        FaceTable
            One row a face, and one for each frame without a face. `input` is the path, or the index
            of an array, as text.

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
        read = read_options(every, start, end)
        sources = resolve(inputs)
        check_memory(sources, self._core.takes_device_frames)
        clock = Clock(sources, read, fps, times)
        provenance = self._provenance(read)
        parts: list[Rows] = []
        try:
            for group in group_sources(sources):
                where = detect_mode(group[0], detect)
                entries = [describe(source, fps, where) for source in group]
                provenance["inputs"] += entries
                how = _core.StreamOptions(where)
                run = Run(self._core, group, entries, read, clock, how, self._image_side)
                for part in run.rows(_ANALYZE_FRAMES, progress):
                    parts.append(part)  # noqa: PERF402 (one by one: an error keeps those before it)
        except InputError as error:
            error.partial = table_from_arrays(parts, self._columns, provenance)
            raise
        return table_from_arrays(parts, self._columns, provenance)

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
        every, start, end, fps, times, detect, progress
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
        read = read_options(every, start, end)
        if not isinstance(chunk_frames, int) or chunk_frames < 1:
            raise OptionError(
                f"chunk_frames: wanted a whole number of at least 1, got {chunk_frames!r}"
            )
        sources = resolve(source)
        check_memory(sources, self._core.takes_device_frames)
        if len(sources) != 1:
            raise InputError(
                f"stream: wanted one input, got {len(sources)}; use analyze for several"
            )
        clock = Clock(sources, read, fps, times)
        provenance = self._provenance(read)
        where = detect_mode(sources[0], detect)
        entries = provenance["inputs"] = [describe(sources[0], fps, where)]
        how = _core.StreamOptions(where, history(after))
        run = Run(self._core, sources, entries, read, clock, how, self._image_side)
        rows = run.rows(chunk_frames, progress, may_be_empty=after is not None)
        return (table_from_arrays([part], self._columns, provenance) for part in rows)

    def analyze_frame(
        self, rgb: Any, time: float = math.nan, *, detect: str = "track"
    ) -> FaceTable:
        """Analyse one frame of a live sequence, on the caller's thread, with the least delay.

        Parameters
        ----------
        rgb : array
            (height, width, 3) uint8 RGB, any strides; not copied and not kept. A NumPy array, or,
            on a GPU, an array of CuPy, PyTorch, JAX or another library on the engine's CUDA device
            (device 0): whatever has ``__dlpack__`` or ``__cuda_array_interface__``. What its
            library has queued on it so far comes first.
        time : float
            When it was taken, seconds; tracks use it.
        detect : {"every", "track"}
            As for `analyze`. Frames that have nothing to do with each other want ``every``, or
            `reset` between them.

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
            Another `detect`.
        """
        frame = single_frame(rgb)
        if not isinstance(frame, np.ndarray) and not self._core.takes_device_frames:
            raise InputError(f"frame: {ON_DEVICE}")
        rows = self._core.analyze_frame(frame, float(time), detect)
        provenance = self._provenance(read_options(1, None, None))
        return table_from_arrays([(["0"] * len(rows.frame), rows)], self._columns, provenance)

    def reset(self) -> None:
        """Forget the faces and the count of frames of `analyze_frame`: the next frame is the first
        of a new sequence.
        """
        self._core.reset()

    def _provenance(self, read: _core.ReadOptions) -> Provenance:
        window = {"start": read.start, "end": read.end}
        bounds = {name: value if math.isfinite(value) else None for name, value in window.items()}
        return {
            "mien": _core.__version__,
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "pack": {
                "name": self.pack.name,
                "version": self.pack.version,
                "license": self.pack.license,
                "sha256": dict(self.pack.sha256),
            },
            "provider": self.provider,
            "options": self.options,
            "read": {"every": read.every, **bounds},
            "inputs": [],
        }
