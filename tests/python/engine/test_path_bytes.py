"""File names that are no UTF-8: names are bytes on Linux, and all of them open."""

from __future__ import annotations

import math
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from media import RECIPES, make_clip
from PIL import Image

import mien
from mien import ReadOptions, _core
from mien._engine.sources import source_of
from mien.batch._fingerprint import file_details
from mien.errors import InputError, PackError
from mien.media import _pyav
from mien.media.images import read_image
from mien.media.inputs import FoundFile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")

WHOLE = (1, -math.inf, math.inf)


@pytest.fixture
def folder(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    path.mkdir()
    return path


@pytest.fixture
def clip(folder, tmp_path):
    recipe = next(r for r in RECIPES if r.name == "h264-mkv")
    made = make_clip(tmp_path / "clip", recipe)
    return Path(shutil.copy(made, folder / made.name))


@pytest.fixture
def image(folder, portrait):
    path = folder / "face.png"
    with path.open("wb") as file:
        Image.fromarray(portrait).save(file, "PNG")
    return path


@pytest.mark.skipif(not _core.video_decoder_version(), reason="no FFmpeg in this build")
def test_the_cores_decoder_opens_them(engine, clip):
    assert len(list(_core.VideoReader(clip))) == 40
    assert _core.probe_video(clip)["width"] == 96
    stream = engine._loaded.core.open_video(clip)
    assert len(stream.next(100).frame) == 40


def test_pyav_opens_them(clip):
    assert len(list(_pyav.decode(clip, *WHOLE))) == 40


def test_images_open(image, portrait):
    np.testing.assert_array_equal(read_image(image), portrait)


def test_packs_open(folder, portrait):
    pack = shutil.copytree(mien.packs.load_pack().path, folder / "pack")
    table = mien.Engine(pack, device="cpu", threads=1).analyze(portrait)
    assert list(table["status"]) == ["ok"]


@pytest.mark.skipif(not _core.video_decoder_version(), reason="no FFmpeg in this build")
def test_errors_name_them(engine, folder):
    (folder / "broken.mp4").write_bytes(b"nothing")
    for name in ("missing.mp4", "broken.mp4"):
        with pytest.raises(InputError, match=r"caf\\xe9") as caught:
            engine._loaded.core.open_video(folder / name)
        assert str(caught.value).count(r"caf\xe9") == 1
    with pytest.raises(PackError, match=r"caf\\xe9"):
        _core.Engine(folder / "a.onnx", folder / "b.onnx", _core.EngineOptions())


def test_so_does_the_error_of_one_that_is_gone(image):
    source = source_of(FoundFile(image, Path(image.name)))
    image.unlink()
    with pytest.raises(InputError, match=r"caf\\xe9/face\.png: can't be read"):
        file_details(source, ReadOptions())


@pytest.mark.parametrize("path", ["a\0b.mp4", 7, None])
def test_what_is_no_path_is_refused(engine, path):
    with pytest.raises((TypeError, ValueError)):
        engine._loaded.core.open_video(path)
