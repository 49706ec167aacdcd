"""Media for the tests, made on the spot with PyAV: small synthetic clips whose pixels and times are
known.

The ffmpeg command that makes the like stands beside each recipe. Encoders are those of PyAV's
wheel; a recipe whose encoder is missing skips the test.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass(frozen=True)
class Recipe:
    """How to make a clip: the tests' names are its container and codec."""

    name: str
    encoder: str
    suffix: str
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    container: dict[str, str] = field(default_factory=dict)
    audio: bool = False

    @property
    def index_behind(self) -> bool:
        """Cut off, such a file can't be opened at all."""
        return self.suffix == ".mp4" and "movflags" not in self.container

    def __str__(self) -> str:
        return self.name


X264_B = {"preset": "fast", "g": "12", "bf": "2"}
VP9 = {"deadline": "realtime", "cpu-used": "8", "b": "300k"}
FAST_START = {"movflags": "+faststart"}

RECIPES = (
    # ffmpeg -f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 40 -c:v libx264 -g 12 -bf 2 -movflags
    # +faststart h264.mp4
    Recipe("h264-mp4", "libx264", ".mp4", options=X264_B, container=FAST_START),
    # ... -f lavfi -i sine -t 3 -c:a aac: the sound is longer than the images
    Recipe("h264-mp4-audio", "libx264", ".mp4", options=X264_B, container=FAST_START, audio=True),
    # ... -movflags frag_keyframe+empty_moov
    Recipe("h264-mp4-fragments", "libx264", ".mp4", options=X264_B,
           container={"movflags": "frag_keyframe+empty_moov"}),
    Recipe("h264-mkv", "libx264", ".mkv", options=X264_B),
    Recipe("h264-ts", "libx264", ".ts", options=X264_B),
    # ... -flags +ilme+ildct
    Recipe("h264-interlaced", "libx264", ".mp4", options={**X264_B, "x264-params": "interlaced=1"}),
    # ffmpeg ... -c:v libx265 -x265-params log-level=none hevc.mp4
    Recipe("hevc-mp4", "libx265", ".mp4",
           options={"preset": "ultrafast", "x265-params": "log-level=none:bframes=2"},
           container=FAST_START),
    Recipe("hevc-10bit-mp4", "libx265", ".mp4", "yuv420p10le",
           options={"preset": "ultrafast", "x265-params": "log-level=none"}),
    # ffmpeg ... -c:v libvpx-vp9 -b:v 300k -deadline realtime -cpu-used 8 vp9.webm
    Recipe("vp9-webm", "libvpx-vp9", ".webm", options=VP9),
    # ... with frames that are never shown
    Recipe("vp9-webm-altref", "libvpx-vp9", ".webm",
           options={"deadline": "good", "cpu-used": "5", "b": "300k",
                    "auto-alt-ref": "1", "lag-in-frames": "16"}),
    # ffmpeg ... -c:v mpeg4 -q:v 3 mpeg4.avi
    Recipe("mpeg4-avi", "mpeg4", ".avi", options={"qscale": "3"}),
    Recipe("mpeg4-avi-bframes", "mpeg4", ".avi", options={"qscale": "3", "bf": "2"}),
    Recipe("mpeg4-mp4-bframes", "mpeg4", ".mp4", options={"qscale": "3", "bf": "2"},
           container=FAST_START),
    # ffmpeg ... -c:v mjpeg -q:v 3 mjpeg.avi
    Recipe("mjpeg-avi", "mjpeg", ".avi", "yuvj420p", options={"qscale": "3"}),
    Recipe("mjpeg-mov", "mjpeg", ".mov", "yuvj420p", options={"qscale": "3"}, container=FAST_START),
)  # fmt: skip
BY_NAME = {recipe.name: recipe for recipe in RECIPES}


def need_encoder(name: str) -> None:
    """Skips the test where PyAV lacks the encoder."""
    try:
        av.codec.Codec(name, "w")
    except ValueError:
        pytest.skip(f"PyAV {av.__version__} was built without the encoder {name}")


def moving_image(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """Frame `index` of a clip: a gradient with a square that moves; (height, width, 3) RGB."""
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([x * 255 // width, y * 255 // height, (x + y + 5 * index) % 256], axis=2).astype(
        np.uint8
    )
    left = 3 * index % max(1, width - 12)
    rgb[8:20, left : left + 12] = (230, 40, 60)
    return rgb


def flat_image(color: Sequence[int], width: int, height: int) -> NDArray[np.uint8]:
    """One colour; (height, width, 3) RGB."""
    return np.broadcast_to(np.array(color, np.uint8), (height, width, 3)).copy()


@dataclass
class Clip:
    """What to encode: frames 0, 1, ... at `times` (ticks of 1/`rate` seconds), of any size and
    colour.
    """

    frames: int = 40
    width: int = 96
    height: int = 64
    rate: int = 25
    times: Sequence[int] | None = None
    images: Sequence[NDArray[np.uint8]] | None = None
    matrix: str = ""  # "" (BT.601, not stated), "bt709" or "smpte170m"
    marked: bool = True  # the stream states the matrix
    full_range: bool | None = None
    sar: Fraction | None = None  # sample aspect ratio, if the stream states one


_MATRIX = {"bt709": 1, "smpte170m": 6}


def make_clip(path: Path, recipe: Recipe, clip: Clip | None = None) -> Path:
    """Encodes a clip by `recipe` to `path` plus the recipe's suffix."""
    need_encoder(recipe.encoder)
    clip = clip or Clip()
    path = path.with_suffix(recipe.suffix)
    with av.open(str(path), "w", options=recipe.container) as out:
        stream = out.add_stream(recipe.encoder, rate=clip.rate, options=recipe.options)
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, recipe.pixel_format
        context = stream.codec_context
        context.time_base = Fraction(1, clip.rate)
        context.thread_count = 1
        if clip.matrix and clip.marked:
            context.colorspace = _MATRIX[clip.matrix]
        if clip.full_range is not None:
            context.color_range = 2 if clip.full_range else 1
        if clip.sar is not None:
            context.sample_aspect_ratio = clip.sar
        sound = _add_sound(out) if recipe.audio else None
        for i in range(clip.frames):
            frame = _frame(clip, recipe, i)
            frame.pts = i if clip.times is None else clip.times[i]
            frame.time_base = Fraction(1, clip.rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            _mux_sound(out, sound, seconds=clip.frames / clip.rate + 1)
    return path


def _frame(clip: Clip, recipe: Recipe, index: int) -> av.VideoFrame:
    if clip.images is None:
        rgb = moving_image(index, clip.width, clip.height)
    else:
        rgb = clip.images[index % len(clip.images)]
    full = (
        clip.full_range if clip.full_range is not None else recipe.pixel_format.startswith("yuvj")
    )
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
        format=recipe.pixel_format,
        dst_colorspace="ITU709" if clip.matrix == "bt709" else "ITU601",
        dst_color_range="JPEG" if full else "MPEG",
    )
    frame.colorspace = _MATRIX.get(clip.matrix, 2) if clip.marked else 2
    if clip.full_range is not None:
        frame.color_range = 2 if clip.full_range else 1
    return frame


def _add_sound(out: av.container.OutputContainer) -> av.AudioStream:
    need_encoder("aac")
    return out.add_stream("aac", rate=8000, layout="mono")


def _mux_sound(out: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    for i in range(int(seconds * 8000 / 1024)):
        wave = np.sin(np.arange(i * 1024, (i + 1) * 1024) * 0.3)[None].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
        frame.sample_rate, frame.pts = 8000, i * 1024
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def make_sound(path: Path) -> Path:
    """ffmpeg -f lavfi -i sine -t 1 -c:a aac sound.mp4"""
    with av.open(str(path), "w") as out:
        _mux_sound(out, _add_sound(out), seconds=1)
    return path


def packet_span(path: Path) -> tuple[int, int]:
    """Where the packets of the video stream begin and end in a file, bytes."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size and p.pos is not None]
    return min(p.pos for p in packets), max(p.pos + p.size for p in packets)


def cut(path: Path, share: float) -> Path:
    """A copy of the first `share` of the images' bytes: head -c N clip.mp4 > cut.mp4"""
    first, last = packet_span(path)
    short = path.with_stem(f"{path.stem}-cut{int(100 * share)}")
    short.write_bytes(path.read_bytes()[: first + int(share * (last - first))])
    return short


def set_display_matrix(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Writes (a, b, c, d) times 1.0 into the first track's display matrix of an MP4 file, as a
    phone does.

    ffmpeg -display_rotation -90 -i clip.mp4 -c copy turned.mp4 (from FFmpeg 6) does the same for
    (0, 1, -1, 0).
    """
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    version = data[at]
    at += 52 if version == 1 else 40
    one = 1 << 16
    rows = (a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    data[at : at + 36] = struct.pack(">9i", *rows)
    turned = path.with_stem(f"{path.stem}-turned{a}{b}{c}{d}")
    turned.write_bytes(data)
    return turned
