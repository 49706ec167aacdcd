"""A face that changes from one set of action units to another, as GIF or MP4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.formats._atomic_write import replacing
from mien.plot._style import new_figure, whole
from mien.plot.face_model import FaceModel, Units, face_model
from mien.plot.faces import check_gaze, plot_face

__all__ = ["animate_face", "face_frames"]


Gaze = tuple[float, float]


def animate_face(
    start: Units,
    end: Units,
    path: str | Path,
    *,
    seconds: float = 1.0,
    hold: float = 0.5,
    back: bool = True,
    fps: int = 25,
    gaze: tuple[Gaze, Gaze] = ((0.0, 0.0), (0.0, 0.0)),
    muscles: bool = True,
    vectors: bool = False,
    model: FaceModel | None = None,
    title: str | None = None,
    size: int = 480,
) -> Path:
    """Write an animation of a face that goes from some action units to others.

    Intensities follow a minimum-jerk trajectory (Flash & Hogan 1985), 10 s^3 - 15 s^4 + 6 s^5,
    which starts and ends at rest.

    Parameters
    ----------
    start, end : mapping, Series, array, str or None
        Action units, or the name of an expression; see `mien.plot.FaceModel.values`.
    path : str or Path
        ``.gif`` (loops) or ``.mp4``. An existing file is replaced, and only once the new one is
        whole.
    seconds, hold : float
        How long the change takes, and how long it stays at each end, s.
    back : bool
        Come back the same way.
    fps : int
        Frames per second, 1 to 50.
    gaze : pair of (pitch, yaw)
        Of the eyes in the head at the start and at the end, rad.
    muscles, vectors, model, title
        As for `plot_face`; arrows start from the neutral face.
    size : int
        Height and width, pixels; even, 64 to 2048.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        Units the model doesn't know.
    OptionError
        Another suffix, or an option out of range.
    OutputError
        It can't be written.

    Examples
    --------
    >>> animate_face("neutral", "happiness", "smile.gif")  # doctest: +SKIP
    """
    path = Path(path)
    write = _writer(path)
    _check(seconds, hold, fps, size)
    frames = face_frames(
        start,
        end,
        _course(seconds, hold, fps, back),
        gaze=gaze,
        muscles=muscles,
        vectors=vectors,
        model=model,
        title=title,
        size=size,
    )
    first = next(frames)  # wrong units are reported before there is a file
    with replacing(path) as file:
        write(file, chain([first], frames), fps)
    return path


def _writer(path: Path) -> Callable[[IO[bytes], Iterator[NDArray[np.uint8]], int], None]:
    writers = {".gif": _write_gif, ".mp4": _write_mp4}
    if path.suffix.lower() not in writers:
        raise OptionError(f"path: wanted a name that ends in .gif or .mp4, got {path.name!r}")
    return writers[path.suffix.lower()]


def face_frames(
    start: Units,
    end: Units,
    course: NDArray[np.float64],
    *,
    gaze: tuple[Gaze, Gaze] = ((0.0, 0.0), (0.0, 0.0)),
    muscles: bool = True,
    vectors: bool = False,
    model: FaceModel | None = None,
    title: str | None = None,
    size: int = 480,
) -> Iterator[NDArray[np.uint8]]:
    """Yield images (size, size, 3) uint8 RGB of a face between `start` and `end`.

    Parameters
    ----------
    course : (N,) float array
        How far from `start` (0) to `end` (1) each image is.
    start, end, gaze, muscles, vectors, model, title, size
        As for `animate_face`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    model = model or face_model()
    first, last = model.values(start), model.values(end)
    for angles in gaze:
        check_gaze(angles)
    angles_at_ends = np.asarray(gaze, float)
    figure = new_figure(None, (4.8, 4.8))
    figure.set_dpi(size / 4.8)
    canvas = FigureCanvasAgg(whole(figure))
    for at in course:
        figure.clear()
        pitch, yaw = (1 - at) * angles_at_ends[0] + at * angles_at_ends[1]
        plot_face(
            (1 - at) * first + at * last,
            gaze=(float(pitch), float(yaw)),
            muscles=muscles,
            vectors=vectors,
            model=model,
            title=title,
            ax=figure.add_subplot(),
        )
        yield _pixels(canvas)


def _pixels(canvas: Any) -> NDArray[np.uint8]:
    """The drawing (height, width, 3) as RGB."""
    canvas.draw()
    rgb: NDArray[np.uint8] = np.asarray(canvas.buffer_rgba())[:, :, :3].copy()
    return rgb


def _check(seconds: float, hold: float, fps: int, size: int) -> None:
    if not 0 < seconds <= 60 or not 0 <= hold <= 60:
        raise OptionError(f"seconds, hold: wanted up to 60 s, got {seconds!r} and {hold!r}")
    if fps not in range(1, 51):
        raise OptionError(f"fps: wanted a whole number from 1 to 50, got {fps!r}")
    if size not in range(64, 2049, 2):
        raise OptionError(f"size: wanted an even number from 64 to 2048 pixels, got {size!r}")


def _course(seconds: float, hold: float, fps: int, back: bool) -> NDArray[np.float64]:
    """How far along each image is, 0 to 1."""
    s = np.linspace(0, 1, max(2, round(seconds * fps) + 1))
    forth = 10 * s**3 - 15 * s**4 + 6 * s**5
    rest = max(1, round(hold * fps))
    parts = [np.zeros(rest - 1), forth, np.ones(rest - 1)]
    return np.concatenate([*parts, forth[-2:0:-1]] if back else parts)


def _write_gif(file: IO[bytes], frames: Iterator[NDArray[np.uint8]], fps: int) -> None:
    from PIL import Image

    # GIF counts hundredths of a second: each image ends at the nearest one, so that errors don't
    # add up.
    images = [Image.fromarray(frame).quantize(128) for frame in frames]
    ends = np.round(np.arange(len(images) + 1) * 100 / fps).astype(int) * 10
    images[0].save(
        file,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=np.diff(ends).tolist(),
        loop=0,
    )


def _write_mp4(file: IO[bytes], frames: Iterator[NDArray[np.uint8]], fps: int) -> None:
    import av
    from av.codec.codec import UnknownCodecError

    first = next(frames)
    with av.open(file, "w", format="mp4") as container:
        try:
            stream: Any = container.add_stream("libx264", rate=fps, options={"crf": "18"})
        except UnknownCodecError:  # a build of FFmpeg without it
            stream = container.add_stream("mpeg4", rate=fps, options={"q:v": "3"})
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for frame in chain([first], frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))
