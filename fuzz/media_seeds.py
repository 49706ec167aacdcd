"""Small videos and images that the program ffmpeg makes: containers, codecs, and what varies within
them (turned, uneven times, sample aspect ratio, 10 bits, fragments, sound).
"""

from __future__ import annotations

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

__all__ = ["FRAMES", "MediaSeed", "media_seeds"]

FRAMES = 12
"""Frames of a video; one second of them."""

_H264 = "-c:v libx264 -preset ultrafast -g 6 -bf 2 -pix_fmt yuv420p"
_HEVC = "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=6"
_VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 6"
_AV1 = "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 6"
_STILL = "-frames:v 1"
# Name of the file, and the options that make it of FFmpeg's moving test pattern.
_RECIPES = (
    ("h264.mp4", _H264),
    ("fragments.mp4", f"{_H264} -movflags frag_keyframe+empty_moov"),
    ("sar.mp4", f"-vf setsar=4/3 {_H264}"),
    ("turned.mov", _H264),
    ("sound.mkv", f"-f lavfi -i sine=d=1 {_H264} -c:a aac"),
    ("uneven.mkv", f"-vf setpts=(N+N*N/12)/12/TB -fps_mode vfr {_H264}"),
    ("h264.ts", _H264),
    ("h264.m2ts", _H264),
    ("h264.flv", _H264),
    ("h264.h264", _H264),
    ("hevc.mp4", f"{_HEVC} -tag:v hvc1"),
    ("ten_bits.mkv", f"{_HEVC} -pix_fmt yuv420p10le"),
    ("hevc.hevc", _HEVC),
    ("vp9.webm", _VP9),
    ("vp9.mp4", _VP9),
    ("av1.mp4", _AV1),
    ("av1.mkv", _AV1),
    ("mpeg4.avi", "-c:v mpeg4 -bf 2"),
    ("mpeg4.mov", "-c:v mpeg4"),
    ("mjpeg.avi", "-c:v mjpeg -pix_fmt yuvj420p"),
    ("mjpeg.mjpeg", "-c:v mjpeg -pix_fmt yuvj420p"),
    ("mpeg2.mpg", "-r 25 -c:v mpeg2video -bf 2"),
    ("mpeg2.ts", "-r 25 -c:v mpeg2video"),
    ("ffv1.mkv", "-c:v ffv1 -level 3 -slicecrc 1"),
    ("ffv1.avi", "-c:v ffv1"),
    ("sorenson.flv", "-c:v flv"),
    ("theora.ogv", "-c:v libtheora"),
    ("gif.gif", "-vf format=rgb8"),
    ("rgb.png", _STILL),
    ("deep.png", f"{_STILL} -pix_fmt rgba64be"),
    ("photograph.jpg", f"{_STILL} -pix_fmt yuvj420p"),
    ("rgb.tiff", f"{_STILL} -pix_fmt rgb24"),
    ("lossy.webp", f"{_STILL} -c:v libwebp"),
    ("animated.webp", "-c:v libwebp_anim"),
    ("still.avif", f"{_STILL} -c:v libaom-av1 -still-picture 1 -cpu-used 8"),
    ("rgb.ppm", _STILL),
    ("wavelet.jp2", f"{_STILL} -c:v libopenjpeg"),
)  # fmt: skip
_MATRIX = 44  # bytes from the name of a track header (version 0) to its display matrix
_QUARTER_TURN = b"".join(n.to_bytes(4, "big", signed=True) for n in (0, 1 << 16, 0, -1 << 16, 0))


class MediaSeed(NamedTuple):
    """A good file: its name and its bytes."""

    name: str
    content: bytes


def media_seeds() -> list[MediaSeed]:
    """All seeds that the installed FFmpeg has the encoders for."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        paths = pool.map(lambda recipe: _make(Path(name), *recipe), _RECIPES)
        seeds = [MediaSeed(path.name, path.read_bytes()) for path in paths if path.is_file()]
    return [_turned(seed) if seed.name == "turned.mov" else seed for seed in seeds if seed.content]


def _make(folder: Path, name: str, options: str) -> Path:
    """A file, or none where ffmpeg lacks an encoder."""
    source = f"testsrc2=size=64x48:rate={FRAMES}:duration=1"
    command = ["ffmpeg", "-v", "quiet", "-y", "-threads", "1", "-f", "lavfi", "-i", source]
    subprocess.run([*command, *options.split(), "-bitexact", folder / name], check=False)
    return folder / name


def _turned(seed: MediaSeed) -> MediaSeed:
    """With a display matrix of a quarter turn: its option differs between versions of ffmpeg."""
    at = seed.content.index(b"tkhd") + _MATRIX
    turned = seed.content[:at] + _QUARTER_TURN + seed.content[at + len(_QUARTER_TURN) :]
    return seed._replace(content=turned)
