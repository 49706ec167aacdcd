"""Kinds of media files, and the files that folders and patterns stand for."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from mien.errors import InputError

__all__ = ["IMAGE_SUFFIXES", "MAX_SIDE", "MIN_SIDE", "VIDEO_SUFFIXES", "expand_inputs", "kind_of"]


# Sides of an image, pixels: below, no face can be found; from the upper one on, something else is
# wrong.
MIN_SIDE = 16
MAX_SIDE = 20_000

Kind = Literal["video", "image"]

IMAGE_SUFFIXES = frozenset(
    {".bmp", ".jpe", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"}
)
VIDEO_SUFFIXES = frozenset(
    {
        ".264", ".265", ".3g2", ".3gp", ".asf", ".avi", ".dv", ".f4v", ".flv", ".gif", ".h264",
        ".h265", ".hevc", ".ivf", ".m1v", ".m2t", ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg",
        ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm",
        ".wmv", ".y4m",
    }
)  # fmt: skip

_IMAGE_STARTS = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM",
)  # fmt: skip
_VIDEO_STARTS = (
    b"\x1a\x45\xdf\xa3", b"GIF8", b"FLV\x01", b"OggS", b"\0\0\1\xba", b"\0\0\1\xb3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
)  # fmt: skip
_QUICKTIME_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"avif")  # images in the box of a video
_TS_PACKET = 188  # bytes


def kind_of(path: str | Path) -> Kind:
    """Whether a file is a video or an image, by its first bytes or else by its name.

    GIF files, moving or not, count as videos; animated WebP and PNG as images (the first frame).
    A damaged file with a media suffix counts by its suffix; opening it then fails.

    Raises
    ------
    InputError
        The file is missing, a directory, unreadable, or neither by content nor by name.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: wanted a video or image file; got a directory")
    try:
        with path.open("rb") as file:
            head = file.read(2 * _TS_PACKET)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; wanted a video or image") from error
    except OSError as error:
        raise InputError(
            f"{path}: can't be read; wanted a video or image; got: {error.strerror}"
        ) from error
    suffix = path.suffix.lower()
    kind = _kind_of_bytes(head, suffix)
    if kind is not None:
        return kind
    if suffix in IMAGE_SUFFIXES:
        return "image"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    raise InputError(f"{path}: neither a video nor an image; wanted one, or a suffix that says so")


def _kind_of_bytes(head: bytes, suffix: str) -> Kind | None:
    if head[:4] == b"RIFF":
        return {b"AVI ": "video", b"WEBP": "image"}.get(head[8:12])  # type: ignore[return-value]
    if head.startswith(b"\xff\xd8\xff") and suffix in (".mjpeg", ".mjpg"):
        return "video"  # JPEGs one after the other
    if head.startswith(_IMAGE_STARTS):
        return "image"
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return "image"
    if head.startswith(_VIDEO_STARTS) or head[4:8] in _QUICKTIME_ATOMS:
        return "video"
    if len(head) > _TS_PACKET and head[0] == head[_TS_PACKET] == 0x47:
        return "video"
    return None


def expand_inputs(inputs: str | Path | Iterable[str | Path]) -> list[Path]:
    """Files that inputs stand for, in the order given.

    A folder stands for the files in it that have a media suffix (not those in folders below it, nor
    hidden ones), sorted by name; a pattern (``*``, ``?``, ``[...]``, ``**``) for all files that
    match, sorted.

    Raises
    ------
    InputError
        Something is missing, a folder holds no media, or a pattern matches nothing.
    """
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    return [path for item in inputs for path in _expand(item)]


def _expand(item: str | Path) -> list[Path]:
    path = Path(item)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if _is_media_name(p) and p.is_file())
        if not files:
            raise InputError(f"{path}: no videos or images in this folder")
        return files
    if path.exists():
        return [path]
    if glob.has_magic(str(item)):
        matches = (Path(match) for match in glob.glob(str(item), recursive=True))  # noqa: PTH207
        files = sorted(p for p in matches if p.is_file())
        if not files:
            raise InputError(f"{item}: no file matches this pattern")
        return files
    raise InputError(
        f"{path}: no such file or folder; wanted a video, an image, or a folder of them"
    )


def _is_media_name(path: Path) -> bool:
    suffix = path.suffix.lower()
    return not path.name.startswith(".") and suffix in IMAGE_SUFFIXES | VIDEO_SUFFIXES
