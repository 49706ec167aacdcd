"""Synthetic images, 8 and 16 bits a sample, and a comparison of decoded ones."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image


def scene(height: int = 40, width: int = 56) -> np.ndarray:
    """A smooth image without symmetry, (height, width, 3) RGB: lossy formats keep it within a few
    levels.
    """
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 4, 255 - y * 5, (x + 2 * y) * 255 // (width + 2 * height)], axis=2).astype(
        np.uint8
    )


def deep_scene(height: int = 40, width: int = 56) -> np.ndarray:
    """Every upper and lower byte differs; uint16 RGB."""
    rng = np.random.default_rng(1)
    return rng.integers(0, 65536, size=(height, width, 3), dtype=np.uint16)


def rounded(deep: np.ndarray) -> np.ndarray:
    return np.floor(deep / 257 + 0.5).astype(np.uint8)


def check(rgb: np.ndarray, wanted: np.ndarray, atol: int = 0) -> None:
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    assert rgb.shape == wanted.shape
    np.testing.assert_allclose(rgb.astype(int), wanted.astype(int), atol=atol)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(
    path, width: int, height: int, *, bits: int = 8, rows: int | None = None, more: bytes = b""
) -> None:
    """A black RGB PNG; `rows` are there, all by default; `more` are chunks before the pixels."""
    packer = zlib.compressobj(1)
    row = bytes(1 + width * 3 * bits // 8)
    data = b"".join(packer.compress(row) for _ in range(height if rows is None else rows))
    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + more + _chunk(b"IDAT", data + packer.flush())
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body + _chunk(b"IEND", b""))


def text_chunk(key: bytes, text: bytes) -> bytes:
    """PNG's compressed text."""
    return _chunk(b"zTXt", key + b"\0\0" + zlib.compress(text, 9))


def png16(path, samples: np.ndarray, color_type: int, orientation: int = 1) -> None:
    """A 16-bit PNG written by hand; `samples` is (height, width, channels) uint16."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)

    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    turn = _chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    body = (
        _chunk(b"IHDR", header) + turn + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
