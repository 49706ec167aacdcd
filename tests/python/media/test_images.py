"""Photographs of every kind, against independent readers and known samples."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_helpers import check, deep_scene, png16, rounded, scene, write_png
from PIL import Image

from mien.errors import InputError
from mien.media.images import decoding_bytes, read_image, read_shrunk


class TestFormats:
    @pytest.mark.parametrize(
        ("suffix", "options", "atol"),
        [
            (".png", {}, 0), (".bmp", {}, 0), (".tif", {}, 0),
            (".tif", {"compression": "tiff_lzw"}, 0), (".ppm", {}, 0),
            (".jp2", {"irreversible": False}, 0), (".avif", {"quality": 95}, 16),
            (".jfif", {"quality": 95, "subsampling": 0}, 4),
            (".webp", {"lossless": True}, 0), (".jpg", {"quality": 95, "subsampling": 0}, 4),
            (".jpg", {"quality": 95, "progressive": True}, 12), (".webp", {"quality": 95}, 16),
        ],
    )  # fmt: skip
    def test_rgb(self, tmp_path, suffix, options, atol):
        path = tmp_path / f"image{suffix}"
        Image.fromarray(scene()).save(path, **options)
        check(read_image(path), scene(), atol)

    @pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".bmp"])
    def test_agrees_with_opencv(self, tmp_path, suffix):
        path = tmp_path / f"image{suffix}"
        cv2.imwrite(str(path), scene()[:, :, ::-1])
        check(
            read_image(path), cv2.imread(str(path))[:, :, ::-1], atol=2 if suffix == ".jpg" else 0
        )

    def test_agrees_with_opencv_on_real_photographs(self, media):
        for name in ("single_face.jpg", "0-f1-su-ph.jpg", "BWPictureHuman.jpg"):
            wanted = cv2.imread(str(media(name)))[:, :, ::-1]
            check(read_image(media(name)), wanted, atol=3)

    def test_str_and_odd_names(self, tmp_path):
        path = tmp_path / "ein Bild é.png"
        Image.fromarray(scene()).save(path)
        check(read_image(str(path)), scene())


# EXIF 2.3, tag 0x0112: how the stored image is turned into the one to show.
SHOWN = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p),
}  # fmt: skip


@pytest.mark.parametrize(("name", "chunk"), [("a.png", b"IDAT"), ("a.jp2", b"jp2h")])
def test_a_length_in_the_file_is_not_believed_beyond_its_end(tmp_path, name, chunk):
    path = tmp_path / name
    Image.fromarray(scene()).save(path)
    content = bytearray(path.read_bytes())
    at = content.index(chunk) - 4
    content[at : at + 4] = (3 << 30).to_bytes(4, "big")
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with suppress(InputError):
            read_image(path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_bytes_by_the_header(tmp_path):
    """Pillow's four bytes a pixel, and three of the result; six and three of 16-bit colour."""
    path = tmp_path / "image.png"
    Image.fromarray(scene()).save(path)
    assert decoding_bytes(path) == 7 * 40 * 56
    path.write_bytes(path.read_bytes()[:100])
    assert decoding_bytes(path) == 7 * 40 * 56
    png16(path, deep_scene(), color_type=2)
    assert decoding_bytes(path) >= 9 * 40 * 56
    path.write_bytes(b"no image")
    assert decoding_bytes(path) == 0
    assert decoding_bytes(tmp_path / "missing.png") == 0


class TestOrientation:
    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_all_eight(self, tmp_path, orientation, suffix):
        path = tmp_path / f"image{suffix}"
        exif = Image.Exif()
        exif[0x0112] = orientation
        lossless = {"lossless": True} if suffix == ".webp" else {}
        Image.fromarray(scene()).save(path, exif=exif, quality=95, **lossless)
        atol = {".jpg": 12}.get(suffix, 0)
        check(read_image(path), SHOWN[orientation](scene()), atol)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_sixteen_bit_png(self, tmp_path, orientation):
        path = tmp_path / "deep.png"
        png16(path, deep_scene(), color_type=2, orientation=orientation)
        check(read_image(path), SHOWN[orientation](rounded(deep_scene())))

    @pytest.mark.parametrize("bigtiff", [False, True])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_sixteen_bit_tiff(self, tmp_path, orientation, bigtiff):
        path = tmp_path / "deep.tif"
        tifffile = pytest.importorskip("tifffile")
        tags = [(0x0112, "H", 1, orientation, True)]
        tifffile.imwrite(path, deep_scene(), photometric="rgb", extratags=tags, bigtiff=bigtiff)
        check(read_image(path), SHOWN[orientation](rounded(deep_scene())))


class TestGrayAndPalette:
    def test_gray(self, tmp_path):
        gray = scene()[:, :, 0]
        for suffix in (".png", ".tif", ".bmp"):
            path = tmp_path / f"gray{suffix}"
            Image.fromarray(gray).save(path)
            check(read_image(path), np.repeat(gray[:, :, None], 3, axis=2))

    def test_one_bit(self, tmp_path):
        bits = scene()[:, :, 0] > 100
        for suffix in (".png", ".tif", ".bmp"):
            path = tmp_path / f"bits{suffix}"
            Image.fromarray(bits).save(path)
            check(read_image(path), np.repeat(bits[:, :, None] * np.uint8(255), 3, axis=2))

    def test_palette(self, tmp_path):
        path = tmp_path / "palette.png"
        image = Image.fromarray(scene()).quantize(32)
        image.save(path)
        check(read_image(path), np.asarray(image.convert("RGB")))

    def test_palette_with_transparency(self, tmp_path):
        path = tmp_path / "palette.png"
        indices = np.tile(np.array([0, 1], np.uint8), (20, 10))
        image = Image.frombytes("P", (20, 20), indices.tobytes())
        image.putpalette([200, 0, 0, 0, 0, 200])
        image.save(path, transparency=0)
        rgb = read_image(path)
        assert rgb[0, 0].tolist() == [255, 255, 255]
        assert rgb[0, 1].tolist() == [0, 0, 200]


class TestAlpha:
    def over_white(self, rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        a = alpha[:, :, None] / 255
        return np.round(rgb * a + 255 * (1 - a)).astype(np.uint8)

    @pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
    def test_rgba_lies_on_white(self, tmp_path, suffix):
        alpha = np.linspace(0, 255, 56).astype(np.uint8)[None].repeat(40, axis=0)
        path = tmp_path / f"alpha{suffix}"
        options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
        Image.fromarray(np.dstack([scene(), alpha])).save(path, **options)
        check(read_image(path), self.over_white(scene(), alpha), atol=1)

    def test_gray_with_alpha(self, tmp_path):
        path = tmp_path / "alpha.png"
        gray = scene()[:, :, 0]
        alpha = scene()[:, :, 1]
        Image.frombytes("LA", (56, 40), np.dstack([gray, alpha]).tobytes()).save(path)
        check(read_image(path), self.over_white(gray[:, :, None].repeat(3, axis=2), alpha), atol=1)

    def test_color_key(self, tmp_path):
        """PNG may name one colour as transparent."""
        path = tmp_path / "key.png"
        Image.fromarray(scene()).save(path, transparency=tuple(scene()[3, 5].tolist()))
        wanted = scene()
        wanted[(wanted == wanted[3, 5]).all(axis=2)] = 255
        check(read_image(path), wanted)

    def test_sixteen_bits(self, tmp_path):
        path = tmp_path / "alpha16.png"
        deep = np.dstack([deep_scene(), deep_scene()[:, :, 0]])
        png16(path, deep, color_type=6)
        a = deep[:, :, 3:] / 65535
        check(read_image(path), np.round((deep[:, :, :3] * a + 65535 * (1 - a)) / 257), atol=1)

    def test_real_file(self, media):
        rgba = cv2.imread(str(media("Image_with_alpha.png")), cv2.IMREAD_UNCHANGED)
        wanted = self.over_white(rgba[:, :, 2::-1], rgba[:, :, 3])
        check(read_image(media("Image_with_alpha.png")), wanted, atol=1)


class TestSixteenBits:
    def test_png_rgb(self, tmp_path):
        path = tmp_path / "deep.png"
        png16(path, deep_scene(), color_type=2)
        check(read_image(path), rounded(deep_scene()))

    def test_png_gray(self, tmp_path):
        path = tmp_path / "deep.png"
        png16(path, deep_scene()[:, :, :1], color_type=0)
        check(read_image(path), rounded(deep_scene()[:, :, :1]).repeat(3, axis=2))

    def test_png_gray_with_alpha(self, tmp_path):
        path = tmp_path / "deep.png"
        opaque = np.dstack([deep_scene()[:, :, 0], np.full((40, 56), 65535, np.uint16)])
        png16(path, opaque, color_type=4)
        check(read_image(path), rounded(opaque[:, :, :1]).repeat(3, axis=2))

    @pytest.mark.parametrize("byteorder", ["<", ">"])
    @pytest.mark.parametrize("compression", [None, "zlib"])
    def test_tiff_rgb(self, tmp_path, byteorder, compression):
        tifffile = pytest.importorskip("tifffile")
        path = tmp_path / "deep.tif"
        tifffile.imwrite(
            path, deep_scene(), photometric="rgb", byteorder=byteorder, compression=compression
        )
        check(read_image(path), rounded(deep_scene()))

    @pytest.mark.parametrize(
        ("photometric", "byteorder"),
        [("minisblack", "<"), ("minisblack", ">"), ("miniswhite", "<")],
    )
    def test_tiff_gray(self, tmp_path, byteorder, photometric):
        tifffile = pytest.importorskip("tifffile")
        path = tmp_path / "deep.tif"
        gray = deep_scene()[:, :, 0]
        tifffile.imwrite(path, gray, photometric=photometric, byteorder=byteorder)
        shown = gray if photometric == "minisblack" else 65535 - gray
        check(read_image(path), rounded(shown)[:, :, None].repeat(3, axis=2))

    def test_floating_point_is_refused(self, tmp_path):
        path = tmp_path / "float.tif"
        Image.fromarray(deep_scene()[:, :, 0].astype(np.float32)).save(path)
        with pytest.raises(InputError, match="8 or 16 bits a sample"):
            read_image(path)


class TestCmyk:
    INKS = np.array(
        [
            [0, 0, 0, 0],
            [255, 0, 0, 0],
            [0, 255, 0, 0],
            [0, 0, 255, 0],
            [0, 0, 0, 255],
            [0, 255, 255, 0],
        ]
    )
    COLORS = np.array(
        [[255, 255, 255], [0, 255, 255], [255, 0, 255], [255, 255, 0], [0, 0, 0], [255, 0, 0]]
    )

    @pytest.mark.parametrize(("suffix", "atol"), [(".jpg", 12), (".tif", 0)])
    def test_inks_become_their_colors(self, tmp_path, suffix, atol):
        """Pillow writes CMYK JPEGs as Adobe does: inverted, with Adobe's marker."""
        path = tmp_path / f"inks{suffix}"
        stripes = self.INKS.astype(np.uint8).repeat(16, axis=0)[:, None].repeat(32, axis=1)
        Image.frombytes("CMYK", (32, 96), stripes.tobytes()).save(path, quality=98)
        rgb = read_image(path)
        for i, color in enumerate(self.COLORS):
            np.testing.assert_allclose(
                rgb[16 * i + 4 : 16 * i + 12].mean(axis=(0, 1)), color, atol=atol
            )


class TestBadFiles:
    def refused(self, path, *words):
        with pytest.raises(InputError) as caught:
            read_image(path)
        for word in (path.name, "wanted", *words):
            assert word in str(caught.value)

    def test_missing_empty_folder_text(self, tmp_path):
        self.refused(tmp_path / "missing.jpg", "no such file")
        (tmp_path / "empty.jpg").touch()
        self.refused(tmp_path / "empty.jpg", "empty file")
        (tmp_path / "text.jpg").write_text("not an image")
        self.refused(tmp_path / "text.jpg", "not an image")
        (tmp_path / "folder.jpg").mkdir()
        self.refused(tmp_path / "folder.jpg", "directory")

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp"])
    def test_cut_off(self, tmp_path, suffix, share):
        rng = np.random.default_rng(0)
        path = tmp_path / f"image{suffix}"
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(share * len(data))])
        self.refused(path)

    def test_cut_off_sixteen_bits(self, tmp_path):
        path = tmp_path / "deep.png"
        png16(path, deep_scene(), color_type=2)
        path.write_bytes(path.read_bytes()[:5000])
        self.refused(path)

    @pytest.mark.parametrize("size", [(1, 1), (15, 200), (200, 15), (20000, 3)])
    def test_no_photograph_by_its_sides(self, tmp_path, size):
        path = tmp_path / "small.png"
        Image.new("RGB", size).save(path)
        self.refused(path, f"image is {size[0]}x{size[1]} pixels", "at least 16x16")

    def test_long_side(self, tmp_path):
        path = tmp_path / "long.png"
        Image.new("L", (20000, 16)).save(path)
        self.refused(path, "image is 20000x16 pixels", "below 20000")

    def test_decompression_bomb(self, tmp_path):
        path = tmp_path / "bomb.png"
        write_png(path, 19000, 19000, rows=1)
        self.refused(path, "too large an image: 19000x19000", "image_pixels=100000000")

    @pytest.mark.filterwarnings("ignore")  # Pillow grumbles about damaged EXIF
    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(suffix=st.sampled_from([".jpg", ".png", ".webp", ".tif", ".bmp"]), data=st.data())
    def test_noise_is_an_error_or_an_image(self, tmp_path, suffix, data):
        path = tmp_path / f"noise{suffix}"
        Image.fromarray(scene()).save(path)
        content = bytearray(path.read_bytes())
        for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=12)):
            content[at] = data.draw(st.integers(0, 255))
        path.write_bytes(content)
        with suppress(InputError):
            assert read_image(path).ndim == 3


class TestShrunk:
    @pytest.fixture
    def large(self, tmp_path):
        """A JPEG of 1001x803."""
        path = tmp_path / "large.jpg"
        big = np.asarray(Image.fromarray(scene()).resize((1001, 803), Image.Resampling.BICUBIC))
        Image.fromarray(big).save(path, quality=98)
        return path

    @pytest.mark.parametrize(
        ("side", "factor"),
        [(None, 1), (501, 1), (500, 2), (251, 2), (250, 4), (126, 4), (125, 8), (20, 8)],
    )
    def test_as_far_as_the_side_allows(self, large, side, factor):
        rgb, original = read_shrunk(large, side)
        assert original == (None if factor == 1 else (factor, 1001, 803))
        assert rgb.shape == (-(-803 // factor), -(-1001 // factor), 3)

    @pytest.mark.parametrize("factor", [2, 4, 8])
    def test_pixels_are_means_of_blocks(self, large, factor):
        rgb, _ = read_shrunk(large, 1001 // factor)
        whole = read_image(large)[: 803 // factor * factor, : 1001 // factor * factor].astype(float)
        rows, columns = whole.shape[0] // factor, whole.shape[1] // factor
        means = whole.reshape(rows, factor, columns, factor, 3).mean(axis=(1, 3))
        assert np.abs(rgb[:rows, :columns] - means).mean() < 1

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_turned_images_keep_their_upright_size(self, large, tmp_path, orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / "turned.jpg"
        with Image.open(large) as image:
            image.save(path, exif=exif, quality=98)
        rgb, original = read_shrunk(path, 250)
        assert (original.height, original.width) == read_image(path).shape[:2]
        assert rgb.shape[:2] == (-(-original.height // 4), -(-original.width // 4))

    def test_the_first_image_of_a_jpeg_with_several(self, large, tmp_path):
        path = tmp_path / "several.mpo"
        with Image.open(large) as image:
            more = [image.rotate(90)]
            image.save(path, format="MPO", save_all=True, append_images=more, quality=98)
        assert read_shrunk(path, 500)[1] == (2, 1001, 803)

    def test_only_jpegs(self, tmp_path):
        path = tmp_path / "large.png"
        Image.new("RGB", (800, 600)).save(path)
        assert read_shrunk(path, 100)[1] is None
