"""The clips of the benchmarks: one moving face at any size and codec, or up to five faces.

The face and the five photographs are from the test media (`MIEN_DATA`) where those are available,
or else the public-domain portrait of scikit-image; every result says which.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.media import loop_clip
from mien import demo

Frame = NDArray[np.uint8]
GROUP_SIZE = (768, 512)
CELL = 256
CODECS = {
    "h264": ("libx264", {"preset": "fast", "crf": "20"}),
    "hevc": ("libx265", {"preset": "fast", "crf": "22", "x265-params": "log-level=none"}),
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "6", "b": "1M"}),
    "mpeg4": ("mpeg4", {"qscale": "3"}),
}
# Enough for seconds of work: mien does hundreds a second at each size.
_FRAMES = {(640, 360): 2000, (1280, 720): 1000, (1920, 1080): 600, GROUP_SIZE: 1000}


@dataclass(frozen=True)
class Clip:
    """A clip, and the short one that it repeats; `about` goes into the results."""

    name: str
    path: Path
    frames: int
    short: Path
    short_frames: int
    about: dict[str, Any]


class Clips:
    """Encodes clips in a folder, each when it is first needed.

    Parameters
    ----------
    folder : Path
    quick : bool
        A few frames each: to see whether everything runs, not how fast.
    """

    def __init__(self, folder: Path, quick: bool = False) -> None:
        self.folder = folder
        self.quick = quick
        self._clips: dict[str, Clip] = {}

    def one(self, width: int = 640, height: int = 360, codec: str = "h264") -> Clip:
        """One face that fills much of the height."""
        source = _one_face(self.folder)
        with av.open(str(source)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            as_it_is = (context.width, context.height, context.name) == (width, height, codec)

        def write(path: Path, frames: int) -> None:
            if as_it_is:
                loop_clip(source, path, frames)
            else:
                encode(path, _scaled(source, frames), (width, height), codec)

        about = {"faces": 1, "source": source.name}
        return self._clip(f"one_{width}x{height}_{codec}", (width, height), codec, write, about)

    def group(self, faces: int) -> Clip:
        """Up to five large faces in cells of 256 pixels, over a moving background."""
        names, photographs = _photographs()

        def write(path: Path, frames: int) -> None:
            images = (_group(photographs[:faces], i) for i in range(frames))
            encode(path, images, GROUP_SIZE, "h264")

        about = {"faces": faces, "source": ", ".join(sorted(set(names[:faces])))}
        return self._clip(f"group_of_{faces}", GROUP_SIZE, "h264", write, about)

    def few(self, clip: Clip) -> Clip:
        """The short clip alone, for contestants that are slow."""
        about = {**clip.about, "frames": clip.short_frames}
        return Clip(
            f"{clip.name}_short",
            clip.short,
            clip.short_frames,
            clip.short,
            clip.short_frames,
            about,
        )

    def _clip(
        self,
        name: str,
        size: tuple[int, int],
        codec: str,
        write: Callable[[Path, int], None],
        about: dict[str, Any],
    ) -> Clip:
        if name not in self._clips:
            short_frames = 12 if self.quick else 72
            frames = 2 * short_frames if self.quick else _FRAMES[size]
            short = self.folder / f"{name}_short.mp4"
            write(short, short_frames)
            path = loop_clip(short, self.folder / f"{name}.mp4", frames)
            about = {"width": size[0], "height": size[1], "codec": codec, "frames": frames} | about
            self._clips[name] = Clip(name, path, frames, short, short_frames, about)
        return self._clips[name]


def encode(path: Path, images: Iterator[Frame], size: tuple[int, int], codec: str) -> None:
    """Write images at 30 frames a second, 4:2:0, with a key frame at the beginning."""
    encoder, options = CODECS[codec]
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(encoder, rate=30, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 30)
        for image in images:
            frame = av.VideoFrame.from_ndarray(cv2.resize(image, size), "rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def data(name: str) -> Path | None:
    """A file of the datasets and media, where they are."""
    path = Path(os.environ.get("MIEN_DATA", "../shared/data")) / name
    return path if path.exists() else None


def media(name: str) -> Path | None:
    """A file of the test media, where they are."""
    return data(f"pyfeat/{name}")


def _one_face(folder: Path) -> Path:
    if clip := media("single_face.mp4"):
        return clip
    path = folder / "portrait.mp4"
    if not path.exists():
        demo.make_clip(demo.portrait(), path)
    return path


def _scaled(source: Path, frames: int) -> Iterator[Frame]:
    with av.open(str(source)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i == frames:
                return
            yield frame.to_ndarray(format="rgb24")


@cache
def _photographs() -> tuple[list[str], list[Frame]]:
    """Names of five photographs, and their images a little larger than a cell."""
    names = ("0-f1-su-ph", "0-f15-hao-ph", "15-f13-anc-ph", "45-m7-di-ph", "single_face")
    paths = [media(f"{name}.jpg") for name in names]
    side = CELL + 32
    if all(paths):
        images = [cv2.cvtColor(cv2.imread(str(p)), cv2.COLOR_BGR2RGB) for p in paths]
        return list(names), [cv2.resize(p, (side, side)) for p in images]
    face = cv2.resize(demo.portrait()[:300, 70:370], (side, side))
    variants = (face, face[:, ::-1], face // 2 + 60, face[:, ::-1] // 2 + 90, face // 4 * 3)
    return ["portrait"] * 5, [np.ascontiguousarray(variant) for variant in variants]


def _group(photographs: list[Frame], index: int) -> Frame:
    """Frame `index`: each photograph circles in its cell, once or twice in 72 frames."""
    width, height = GROUP_SIZE
    frame = _background(width, height, index)
    for i, photograph in enumerate(photographs):
        phase = 2 * np.pi * (index / 72 * (1 + i % 2) + i / 5)
        x, y = (round(16 + 16 * wave) for wave in (np.sin(phase), np.cos(phase)))
        left, top = CELL * (i % 3), CELL * (i // 3)
        frame[top : top + CELL, left : left + CELL] = photograph[y : y + CELL, x : x + CELL]
    return frame


def _background(width: int, height: int, index: int) -> Frame:
    y, x = np.mgrid[:height, :width]
    waves = [
        60 * np.sin((x * fx + y * fy + 4 * index) / 90) for fx, fy in ((1, 2), (2, -1), (-1, 1))
    ]
    grain = np.random.default_rng(1).normal(0, 6, (height, width, 1))
    return np.clip(np.stack(waves, -1) + 120 + grain, 0, 255).astype(np.uint8)
