"""PyAV's frames as upright 8-bit planes: views of the decoder's memory where that is possible.

Colours are read as in the core (``cpp/src/video/frame_view_ffmpeg.cc``, Note [Colours of a frame]).
"""

from __future__ import annotations

import re
import struct
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien import _core
from mien.errors import InputError

__all__ = [
    "UPRIGHT",
    "Image",
    "Model",
    "Orientation",
    "orientation_from_matrix",
    "to_rgb",
    "view_frame",
]


Bytes = NDArray[np.uint8]
Model = Literal["yuv", "rgb", "gray"]
Matrix = Literal["601", "709", "2020"]


class Orientation(NamedTuple):
    """Shown (x, y) is stored (y, x) if `transpose`, else (x, y), then counted from the right or
    bottom edge if flipped.
    """

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @property
    def rotation(self) -> int:
        """Degrees clockwise: 0, 90, 180, 270; a mirrored image is mirrored left to right first."""
        mirrored = (self.flip_x == self.flip_y) if self.transpose else (self.flip_x != self.flip_y)
        flipped = self.flip_x != mirrored
        return (90 if self.transpose else 0) + (180 if flipped else 0)


UPRIGHT = Orientation()


class Image(NamedTuple):
    """Planes of a frame and how to read them, in the order in which the core takes them.

    Attributes
    ----------
    planes : tuple of ndarray
        (rows, columns) uint8 each, any strides: Y, U, V or R, G, B or grey alone.
    model : {"yuv", "rgb", "gray"}
    chroma_shift_x, chroma_shift_y : int
        The chroma sample of pixel (x, y) is at (x >> chroma_shift_x, y >> chroma_shift_y).
    matrix : {"601", "709", "2020"}
        ITU-R recommendation that turns YUV into RGB.
    full_range : bool
        Luma 0-255 rather than 16-235.
    width, height : int
        Pixels, as they are stored.
    sar : float
        Sample aspect ratio: width of a pixel through its height.
    """

    planes: tuple[Bytes, ...]
    model: Model
    chroma_shift_x: int
    chroma_shift_y: int
    matrix: Matrix
    full_range: bool
    width: int
    height: int
    sar: float = 1.0


class _Layout(NamedTuple):
    """Where a pixel format keeps its colours: for each, (plane, first byte, bytes to the next
    pixel).
    """

    model: Model
    colors: tuple[tuple[int, int, int], ...]
    shift_x: int = 0
    shift_y: int = 0
    depth: int = 8
    shift: int = 0  # bits below the sample in its 16-bit word


_CHROMA_SHIFTS = {
    "420": (1, 1), "422": (1, 0), "444": (0, 0), "440": (0, 1), "411": (2, 0), "410": (2, 2),
}  # fmt: skip
_SEMIPLANAR = {"nv12": "420", "nv21": "420", "nv16": "422", "nv24": "444", "nv42": "444"}
_PACKED_RGB = ("rgb24", "bgr24", "rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr")


def _layout(name: str) -> _Layout | None:
    """The layout of an FFmpeg pixel format; None: libswscale has to convert it first."""
    if found := re.fullmatch(r"yuv[ja]?(\d{3})p(?:(9|10|12|14|16)le)?", name):
        step = 1 if found[2] is None else 2
        colors = tuple((i, 0, step) for i in range(3))
        return _Layout("yuv", colors, *_CHROMA_SHIFTS[found[1]], depth=int(found[2] or 8))
    if found := re.fullmatch(r"gbra?p(?:(9|10|12|14|16)le)?", name):
        step = 1 if found[1] is None else 2
        return _Layout("rgb", ((2, 0, step), (0, 0, step), (1, 0, step)), depth=int(found[1] or 8))
    if found := re.fullmatch(r"gray(?:(9|10|12|14|16)le)?", name):
        return _Layout("gray", ((0, 0, 1 if found[1] is None else 2),), depth=int(found[1] or 8))
    if name in _SEMIPLANAR:
        u = name in ("nv21", "nv42")
        return _Layout(
            "yuv",
            ((0, 0, 1), (1, int(u), 2), (1, int(not u), 2)),
            *_CHROMA_SHIFTS[_SEMIPLANAR[name]],
        )
    if found := re.fullmatch(r"p([024])(10|12|16)le", name):
        depth = int(found[2])
        shifts = _CHROMA_SHIFTS[{"0": "420", "2": "422", "4": "444"}[found[1]]]
        return _Layout(
            "yuv", ((0, 0, 2), (1, 0, 4), (1, 2, 4)), *shifts, depth=depth, shift=16 - depth
        )
    if name in _PACKED_RGB:
        step = 3 if name.endswith("24") else 4
        return _Layout("rgb", tuple((0, name.index(color), step) for color in "rgb"))
    return None


def _plane(frame: Any, layout: _Layout, color: int) -> Bytes:
    """One colour of a frame as (rows, columns), rounded to 8 bits where it has more."""
    index, offset, step = layout.colors[color]
    chroma = layout.model == "yuv" and color > 0
    width = -(-frame.width >> layout.shift_x) if chroma else frame.width
    height = -(-frame.height >> layout.shift_y) if chroma else frame.height
    memory = np.frombuffer(frame.planes[index], np.uint8)
    stride = frame.planes[index].line_size
    if layout.depth == 8:
        return np.lib.stride_tricks.as_strided(
            memory[offset:], (height, width), (stride, step), writeable=False
        )
    words = np.lib.stride_tricks.as_strided(
        memory[offset:].view("<u2"), (height, width), (stride, step), writeable=False
    )
    samples = (words.astype(np.uint32) >> layout.shift) & ((1 << layout.depth) - 1)
    half = 1 << (layout.depth - 9)
    rounded: Bytes = np.minimum((samples + half) >> (layout.depth - 8), 255).astype(np.uint8)
    return rounded


def _is_full_range(frame: Any, gray: bool) -> bool:
    color_range = int(frame.color_range)  # 0 unspecified, 1 limited, 2 full
    if frame.format.name.startswith("yuvj"):
        return True
    return gray if color_range == 0 else color_range == 2


def _matrix(frame: Any, where: str) -> Matrix:
    colorspace = int(frame.colorspace)  # ITU-T H.273, MatrixCoefficients
    if colorspace in (1, 7):
        return "709"
    if colorspace in (4, 5, 6):
        return "601"
    if colorspace in (9, 10):
        return "2020"
    if colorspace in (2, 3):
        return "601" if min(frame.width, frame.height) < 720 else "709"
    raise InputError(
        f"{where}: its colours can't be converted; "
        f"wanted the matrix of BT.601, BT.709 or BT.2020; got number {colorspace} of H.273"
    )


def _convert(frame: Any) -> Any:
    """The frame in a format that has a layout."""
    name = frame.format.name
    colored = frame.format.is_rgb or frame.format.has_palette or name.startswith(("xyz", "bayer"))
    gray = name.startswith(("gray", "ya", "mono"))
    target = "rgb24" if colored else "gray" if gray else "yuv444p"
    return frame.reformat(format=target, interpolation="POINT")


def view_frame(frame: Any, orientation: Orientation, where: str, sar: float = 1.0) -> Image:
    """Planes of a decoded PyAV frame, as shown.

    Parameters
    ----------
    frame : av.VideoFrame
        Its memory stays in use for as long as the planes do.
    orientation : Orientation
        How to turn it.
    where : str
        The file, for messages.
    sar : float
        Sample aspect ratio of the frame, before it is turned.

    Raises
    ------
    InputError
        The colours can't be described.
    """
    layout = _layout(frame.format.name)
    full_range = _is_full_range(frame, frame.format.name.startswith(("gray", "ya", "mono")))
    matrix: Matrix = "601"
    if layout is None or any(plane.line_size < 0 for plane in frame.planes):
        frame = _convert(frame)
        layout = _layout(frame.format.name)
        assert layout is not None  # _convert knows the three formats it makes
    if layout.model == "yuv":
        matrix = _matrix(frame, where)
    planes = tuple(_plane(frame, layout, i) for i in range(len(layout.colors)))
    model = layout.model
    if model == "gray" and not full_range:  # as YUV without colour: grey is always 0-255
        neutral = np.broadcast_to(np.uint8(128), planes[0].shape)
        planes, model = (planes[0], neutral, neutral), "yuv"
    image = Image(
        planes, model, layout.shift_x, layout.shift_y, matrix, full_range, frame.width,
        frame.height, sar
    )  # fmt: skip
    return image if orientation == UPRIGHT else _turn(image, orientation)


def _turn(image: Image, orientation: Orientation) -> Image:
    transpose, flip_x, flip_y = orientation
    sx, sy = image.chroma_shift_x, image.chroma_shift_y
    planes = image.planes
    odd = (flip_x and image.width % (1 << sx)) or (flip_y and image.height % (1 << sy))
    if (
        image.model == "yuv" and odd
    ):  # subsampled chroma of an odd side can't be mirrored: store it in full
        rows = np.arange(image.height)[:, None] >> sy
        columns = np.arange(image.width)[None, :] >> sx
        planes = (planes[0], planes[1][rows, columns], planes[2][rows, columns])
        sx = sy = 0
    turned = []
    for plane in planes:
        flipped = plane[:: -1 if flip_y else 1, :: -1 if flip_x else 1]
        turned.append(flipped.T if transpose else flipped)
    width, height, sar = image.width, image.height, image.sar
    if transpose:
        width, height, sx, sy, sar = height, width, sy, sx, 1 / sar
    return image._replace(
        planes=tuple(turned), chroma_shift_x=sx, chroma_shift_y=sy, width=width, height=height,
        sar=sar,
    )  # fmt: skip


def orientation_from_matrix(data: bytes) -> Orientation | None:
    """Reads a display matrix (nine 32-bit numbers); None if it turns by other than a multiple of 90
    degrees.
    """
    numbers = struct.unpack("=9i", bytes(data)[:36])
    a, b, c, d = numbers[0], numbers[1], numbers[3], numbers[4]
    if not any((a, b, c, d)):
        return UPRIGHT
    tangent = 0.0175  # of one degree
    transpose = abs(b) > abs(a)
    main_x, main_y, off_x, off_y = (b, c, a, d) if transpose else (a, d, b, c)
    skewed = abs(off_x) > tangent * abs(main_x) or abs(off_y) > tangent * abs(main_y)
    if main_x == 0 or main_y == 0 or skewed:
        return None
    return Orientation(transpose, main_x < 0, main_y < 0)


def to_rgb(image: Image) -> Bytes:
    """RGB of an image, as the core converts it.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        In square pixels.
    """
    return _core.to_rgb(*image)
