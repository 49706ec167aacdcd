"""Photographs above the budget are decoded smaller, or refused; memory stays bounded."""

from __future__ import annotations

import struct
import subprocess
import sys

import numpy as np
import pytest
from image_helpers import deep_scene, png16, scene, text_chunk, write_png
from PIL import Image

import mien
from mien.errors import InputError
from mien.media import _webp
from mien.media.images import IMAGE_PIXELS, decoding_bytes, read_image, read_shrunk


def block_means(rgb: np.ndarray, factor: int) -> np.ndarray:
    rows, columns = rgb.shape[0] // factor * factor, rgb.shape[1] // factor * factor
    blocks = rgb[:rows, :columns].reshape(rows // factor, factor, columns // factor, factor, 3)
    return blocks.astype(float).mean(axis=(1, 3))


class TestReduced:
    """Of 40x56 pixels with less allowed."""

    @pytest.mark.parametrize(
        ("pixels", "factor"), [(2240, 1), (2239, 2), (560, 2), (559, 3), (100, 5)]
    )
    def test_by_the_least_factor(self, tmp_path, pixels, factor):
        path = tmp_path / "image.png"
        Image.fromarray(scene()).save(path)
        rgb, original = read_shrunk(path, None, pixels)
        assert original == (None if factor == 1 else (factor, 56, 40))
        assert rgb.shape == (-(-40 // factor), -(-56 // factor), 3)
        assert rgb.flags.c_contiguous
        means = block_means(scene(), factor)
        np.testing.assert_allclose(rgb[: means.shape[0], : means.shape[1]], means, atol=0.6)

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("kind", ["png", "deep", "tif", "jpg"])
    def test_turned(self, tmp_path, kind, orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / f"image.{'png' if kind == 'deep' else kind}"
        if kind == "deep":
            smooth = np.repeat(np.repeat(deep_scene()[:20, :28], 2, axis=0), 2, axis=1)
            png16(path, smooth, color_type=2, orientation=orientation)
        else:
            Image.fromarray(scene()).save(path, exif=exif, quality=95)
        whole = read_image(path)
        rgb, original = read_shrunk(path, None, 2000)
        assert original == (2, whole.shape[1], whole.shape[0])
        np.testing.assert_allclose(rgb, block_means(whole, 2), atol=8 if kind == "jpg" else 0.6)

    def test_a_jpeg_by_its_blocks_and_further(self, tmp_path):
        path = tmp_path / "image.jpg"
        Image.new("RGB", (1600, 1200), (90, 120, 200)).save(path)
        rgb, original = read_shrunk(path, None, 1600 * 1200 // 400)
        assert original == (24, 1600, 1200)
        assert rgb.shape == (50, 67, 3)

    def test_rows_are_in_pixels_of_the_file(self, engine, portrait, tmp_path):
        path = tmp_path / "portrait.png"
        Image.fromarray(portrait).resize((1024, 1024)).save(path)
        whole = engine.analyze(path)
        budget = mien.Engine(device="cpu", threads=1, image_pixels=300_000)
        small = budget.analyze(path)
        assert small.provenance["options"]["image_pixels"] == 300_000
        for name in ("FaceRectX", "FaceRectWidth", "x_30", "y_8", "FrameWidth"):
            np.testing.assert_allclose(small[name], whole[name], atol=12)


class TestRefused:
    def refused(self, path, pixels=IMAGE_PIXELS, said="too large an image"):
        with pytest.raises(InputError, match=said) as caught:
            read_image(path, pixels)
        assert path.name in str(caught.value)

    def test_by_bytes_for_a_pixel_of_the_budget(self, tmp_path):
        """The header says so much; the pixels are not there."""
        path = tmp_path / "image.png"
        write_png(path, 19000, 19000, rows=1)
        said = r"2\.53 GB to decode; wanted at most 1\.60 GB, .* image_pixels=100000000"
        self.refused(path, said=said)
        self.refused(path, 200_000, said)  # a small budget reduces, and refuses no more
        assert decoding_bytes(path) < 16 * 160_000_000

    def test_webp_by_its_header(self, tmp_path):
        """Nothing behind it is looked at: Pillow's decoder makes its canvas at once."""
        path = tmp_path / "huge.webp"
        size = (16382).to_bytes(3, "little")
        path.write_bytes(b"RIFF\xff\0\0\0WEBPVP8X" + struct.pack("<II", 10, 0) + size + size)
        assert decoding_bytes(path) == 6 * 16383**2
        self.refused(path)

    @pytest.mark.parametrize("least", [0, -1, 102_399])
    def test_an_option_below_the_least(self, least):
        with pytest.raises(mien.OptionError, match=r"image_pixels: wanted at least 102400 pixels"):
            mien.EngineOptions(image_pixels=least)

    def test_an_option_of_another_type(self):
        with pytest.raises(mien.OptionError, match=r"wrong type: wanted int, got image_pixels="):
            mien.EngineOptions(image_pixels=1e8)


class TestLargeWebp:
    """Here what Pillow decodes too counts as large."""

    @pytest.fixture(autouse=True)
    def _all_are_large(self, monkeypatch):
        monkeypatch.setattr(_webp, "LARGE", 100)

    def same_as_pillow(self, path, monkeypatch, atol=0):
        got = read_image(path)
        monkeypatch.setattr(_webp, "LARGE", 10**9)
        np.testing.assert_allclose(got.astype(int), read_image(path).astype(int), atol=atol)

    @pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 90}])
    @pytest.mark.parametrize("orientation", [1, 3, 6])
    def test_colors(self, tmp_path, monkeypatch, options, orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / "image.webp"
        Image.fromarray(scene()).save(path, exif=exif, **options)
        self.same_as_pillow(path, monkeypatch, atol=1)

    def test_alpha(self, tmp_path, monkeypatch):
        path = tmp_path / "image.webp"
        alpha = np.linspace(0, 255, 56).astype(np.uint8)[None].repeat(40, axis=0)
        Image.fromarray(np.dstack([scene(), alpha])).save(path, lossless=True, exact=True)
        self.same_as_pillow(path, monkeypatch)

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    def test_cut_off(self, tmp_path, share):
        path = tmp_path / "image.webp"
        Image.effect_noise((64, 64), 50).convert("RGB").save(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(share * len(data))])
        with pytest.raises(InputError, match=r"image\.webp"):
            read_image(path)


PEAK = """
import resource, sys
import cv2
from mien.media.images import read_image
from mien.errors import InputError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_image(sys.argv[1])
except InputError as error:
    print(error, file=sys.stderr)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss in KiB")
class TestMemory:
    """MiB that a process of its own takes to read a file."""

    def peak(self, path) -> int:
        code = [sys.executable, "-c", PEAK, str(path)]
        return int(subprocess.run(code, capture_output=True, text=True, check=True).stdout)

    def test_png_of_13000_pixels(self, tmp_path):
        path = tmp_path / "large.png"
        write_png(path, 13000, 13000)
        assert self.peak(path) < 1200

    def test_sixteen_bits_of_24_megapixels(self, tmp_path):
        """80 bytes a pixel would be 1,800."""
        path = tmp_path / "deep.png"
        write_png(path, 6000, 4000, bits=16)
        assert self.peak(path) < 500

    @pytest.mark.parametrize("bits", [8, 16])
    def test_text_that_unpacks_to_much(self, tmp_path, bits):
        """Of a few hundred kilobytes, gigabytes."""
        path = tmp_path / "text.png"
        more = 20 * text_chunk(b"key", bytes(30_000_000))
        write_png(path, 64, 64, bits=bits, more=more)
        assert self.peak(path) < 200
