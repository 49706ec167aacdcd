"""Kinds of media files: by their first bytes, or else by their names."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

from mien.errors import InputError, InputNotFoundError

__all__ = [
    "IMAGE_SUFFIXES",
    "MAX_SIDE",
    "MIN_SIDE",
    "UNREAD_SUFFIXES",
    "VIDEO_SUFFIXES",
    "check_file",
    "is_netpbm",
    "kind_of",
    "name_of",
]


# Sides of an image, pixels: below, no face can be found; from the upper one on, something else is
# wrong.
MIN_SIDE = 16
MAX_SIDE = 20_000

Kind = Literal["video", "image"]

IMAGE_SUFFIXES = frozenset(
    {
        ".apng", ".avif", ".bmp", ".heic", ".heif", ".hif", ".j2c", ".j2k", ".jfif", ".jp2", ".jpe",
        ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif",
        ".tiff", ".webp",
    }
)  # fmt: skip
VIDEO_SUFFIXES = frozenset(
    {
        ".264", ".265", ".3g2", ".3gp", ".asf", ".avi", ".dv", ".f4v", ".flv", ".gif", ".h264",
        ".h265", ".hevc", ".ivf", ".m1v", ".m2t", ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg",
        ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm",
        ".wmv", ".y4m",
    }
)  # fmt: skip
# Media by their names that nothing here reads: in a folder they are skipped, and that is said.
UNREAD_SUFFIXES = frozenset(
    {
        ".264", ".265", ".arw", ".av1", ".avs", ".bayer", ".braw", ".cr2", ".cr3", ".dcm", ".dng",
        ".emf", ".eps", ".exr", ".h264", ".h265", ".hdr", ".hevc", ".ico", ".ivf", ".jls", ".jxl",
        ".jxr", ".mxf", ".nef", ".obu", ".orf", ".pcx", ".pef", ".pfm", ".psd", ".qoi", ".r3d",
        ".raf", ".raw", ".rm", ".rmvb", ".rw2", ".srw", ".svg", ".tga", ".vob", ".wmf", ".wtv",
        ".y4m", ".yuv",
    }
)  # fmt: skip

_IMAGE_STARTS = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM",
    b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\0",
)  # fmt: skip
_VIDEO_STARTS = (
    b"\x1a\x45\xdf\xa3", b"GIF8", b"FLV\x01", b"OggS", b"\0\0\1\xba", b"\0\0\1\xb3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
)  # fmt: skip
_QUICKTIME_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# Images in the box of a video.
_STILL_BRANDS = (
    b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis",
)  # fmt: skip
_TS_PACKET = 188  # bytes


def kind_of(path: str | Path) -> Kind:
    """Whether a file is a video or an image, by its first bytes or else by its name.

    GIF files, moving or not, count as videos; animated WebP and PNG as images (the first frame).
    A damaged file with a media suffix counts by its suffix; opening it then fails.

    Raises
    ------
    InputNotFoundError
        The file is missing.
    InputError
        It is a directory, pipe or device, unreadable, or neither by content nor by name.
    """
    path = Path(path)
    check_file(path, "a video or image file")
    try:
        with path.open("rb") as file:
            head = file.read(2 * _TS_PACKET)
    except OSError as error:
        raise InputError(
            f"{name_of(path)}: can't be read; wanted a video or image; got: {error.strerror}"
        ) from error
    suffix = path.suffix.lower()
    kind = _kind_of_bytes(head, suffix)
    if kind is not None:
        return kind
    if suffix in IMAGE_SUFFIXES:
        return "image"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    raise InputError(
        f"{name_of(path)}: neither a video nor an image; wanted one, or a suffix that says so"
    )


def check_file(path: Path, wanted: str) -> None:
    """Check that something is a regular file, before it is opened: opening a pipe without a writer
    would wait for ever.

    Parameters
    ----------
    path : Path
    wanted : str
        For the message: what the caller reads.

    Raises
    ------
    InputNotFoundError
        Nothing is there.
    InputError
        A directory, a pipe, a device, or a name that the system refuses.
    """
    name = name_of(path)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputNotFoundError(f"{name}: no such file; wanted {wanted}") from error
    except (OSError, ValueError) as error:
        got = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name}: can't be read; wanted {wanted}; got: {got}") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{name}: can't be read; wanted {wanted}; got a directory")
    if not stat.S_ISREG(mode):
        what = "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"
        raise InputError(
            f"{name}: can't be read; wanted {wanted} on disk, which is read more than once; "
            f"got {what}: save it to a file first"
        )


def name_of(path: str | Path) -> str:
    r"""The text by which a file is known in tables and messages: its path, as it was given.

    Bytes of a name that are not UTF-8 are written ``\xe9``: no table, JSON or console could hold
    them otherwise.
    """
    name = os.fspath(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    return name


def _kind_of_bytes(head: bytes, suffix: str) -> Kind | None:
    if head[:4] == b"RIFF":
        return {b"AVI ": "video", b"WEBP": "image"}.get(head[8:12])  # type: ignore[return-value]
    if head.startswith(b"\xff\xd8\xff") and suffix in (".mjpeg", ".mjpg"):
        return "video"  # JPEGs one after the other
    if head.startswith(_IMAGE_STARTS) or is_netpbm(head):
        return "image"
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return "image"
    if head.startswith(_VIDEO_STARTS) or head[4:8] in _QUICKTIME_ATOMS:
        return "video"
    if len(head) > _TS_PACKET and head[0] == head[_TS_PACKET] == 0x47:
        return "video"
    return None


def is_netpbm(head: bytes) -> bool:
    """PBM, PGM or PPM: P1 to P6 and white space."""
    return head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace()
