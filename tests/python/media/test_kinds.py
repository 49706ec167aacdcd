"""Kinds of files, folders and patterns."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from media import RECIPES, Clip, make_clip
from PIL import Image

import mien
from mien._engine.sources import resolve
from mien.errors import InputError
from mien.media.images import count_images, read_image
from mien.media.inputs import expand_inputs, find_inputs, numbered_frames
from mien.media.kinds import kind_of, name_of


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_videos_by_content_whatever_their_name(recipe, tmp_path):
    path = make_clip(tmp_path / "clip", recipe, Clip(3))
    assert kind_of(path) == "video"
    assert kind_of(path.rename(tmp_path / "clip.jpg")) == "video"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp"])
def test_images_by_content_whatever_their_name(suffix, tmp_path):
    path = tmp_path / f"image{suffix}"
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(path)
    assert kind_of(path) == "image"
    assert kind_of(path.rename(tmp_path / "image.mp4")) == "image"


def test_gif_is_a_video(tmp_path):
    path = tmp_path / "moving.gif"
    Image.new("P", (20, 20)).save(path)
    assert kind_of(path) == "video"


@pytest.mark.parametrize(
    ("name", "kind"), [("a.mp4", "video"), ("a.JPG", "image"), ("a.mkv", "video")]
)
def test_names_decide_where_bytes_say_nothing(name, kind, tmp_path):
    path = tmp_path / name
    for content in (b"", b"just text"):
        path.write_bytes(content)
        assert kind_of(path) == kind


def test_what_is_neither(tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    for path, word in [
        (tmp_path / "notes.txt", "neither"),
        (tmp_path / "missing.mp4", "no such file"),
        (tmp_path, "directory"),
    ]:
        with pytest.raises(InputError, match=word):
            kind_of(path)


class TestExpandInputs:
    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("b.mp4", "a.JPG", "c.txt", ".hidden.mp4", "sub/d.mp4"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("x")
        return tmp_path

    def names(self, paths):
        return [path.name for path in paths]

    def test_files_keep_their_order(self, folder):
        found = expand_inputs([folder / "b.mp4", str(folder / "a.JPG"), folder / "c.txt"])
        assert self.names(found) == ["b.mp4", "a.JPG", "c.txt"]

    def test_one_by_itself(self, folder):
        assert self.names(expand_inputs(folder / "b.mp4")) == ["b.mp4"]
        assert self.names(expand_inputs(str(folder / "b.mp4"))) == ["b.mp4"]

    def test_folder_gives_its_media_and_those_below_sorted(self, folder):
        assert self.names(expand_inputs(folder)) == ["a.JPG", "b.mp4", "d.mp4"]

    def test_patterns(self, folder):
        assert self.names(expand_inputs(str(folder / "*.mp4"))) == ["b.mp4"]
        assert self.names(expand_inputs(str(folder / "**" / "*.mp4"))) == ["b.mp4", "d.mp4"]

    def test_a_name_with_brackets_is_a_name(self, folder):
        path = folder / "clip[1].mp4"
        path.write_text("x")
        assert expand_inputs(path) == [path]

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("missing.mp4", "no such file"),
            ("*.mkv", "no file matches"),
            ("empty", "no videos or images"),
        ],
    )
    def test_nothing_there(self, folder, name, word):
        (folder / "empty").mkdir()
        with pytest.raises(InputError, match=word):
            expand_inputs([folder / "b.mp4", os.fspath(folder / name)])


class TestOddFiles:
    @pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
    def test_pipes_and_devices_are_refused_at_once(self, tmp_path):
        """Opening a pipe would wait for a writer for ever."""
        os.mkfifo(tmp_path / "pipe.mp4")
        for path in (tmp_path / "pipe.mp4", "/dev/zero"):
            with pytest.raises(InputError, match="save it to a file first"):
                kind_of(path)
        for call in (read_image, lambda path: next(mien.read_frames(path))):
            with pytest.raises(InputError, match="a pipe"):
                call(tmp_path / "pipe.mp4")

    def test_a_missing_file_is_pythons_own_kind_too(self, tmp_path):
        for call in (kind_of, expand_inputs, read_image):
            with pytest.raises(FileNotFoundError, match=r"missing\.jpg: no such file") as caught:
                call(tmp_path / "missing.jpg")
            assert isinstance(caught.value, InputError)

    @pytest.mark.parametrize("call", [kind_of, expand_inputs, read_image])
    @pytest.mark.parametrize("name", ["x" * 300 + ".png", "a\0b.png"])
    def test_names_that_the_system_refuses(self, call, name):
        with pytest.raises(InputError, match="can't be read"):
            call(name)

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
    def test_names_that_are_not_utf8(self, tmp_path):
        path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
        Image.new("RGB", (20, 20)).save(path)
        assert name_of(path) == f"{tmp_path}/caf\\xe9.png"
        assert name_of("café.png") == "café.png"
        assert kind_of(path) == "image"
        assert read_image(path).shape == (20, 20, 3)
        Path(path).write_bytes(b"no image")
        with pytest.raises(InputError, match=r"caf\\xe9\.png"):
            read_image(path)


class TestFolders:
    def make(self, folder, *names):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("x")

    def below(self, item):
        return [file.below.as_posix() for file in find_inputs(item).files]

    def test_where_files_lie(self, tmp_path, monkeypatch):
        self.make(tmp_path, "study/P02/b.mp4", "study/P01/a.mp4", "study/c.png")
        wanted = ["P01/a.mp4", "P02/b.mp4", "c.png"]
        assert self.below(tmp_path / "study") == wanted
        assert self.below(str(tmp_path / "study" / "*")) == wanted
        assert self.below(str(tmp_path / "study" / "**")) == wanted
        assert self.below(tmp_path / "study" / "P01" / "a.mp4") == ["a.mp4"]
        monkeypatch.chdir(tmp_path / "study")
        assert self.below(".") == self.below("*") == wanted

    def test_hidden_ones_and_links_in_a_circle(self, tmp_path):
        self.make(tmp_path, "a/b.mp4", ".hidden/c.mp4", "a/.d.mp4")
        (tmp_path / "a" / "up").symlink_to(tmp_path)
        (tmp_path / "a" / "self.mp4").symlink_to(tmp_path / "a" / "self.mp4")
        assert self.below(tmp_path) == ["a/b.mp4"]

    def test_what_was_skipped_is_named_and_counted(self, tmp_path):
        self.make(tmp_path, "a.mp4", "b.dng", "c.txt", "sub/d.csv")
        note = find_inputs(tmp_path).note
        assert "3 files skipped: 1 of kinds that can't be read (b.dng)" in note
        assert "2 that are neither videos nor images (c.txt, d.csv)" in note
        self.make(tmp_path, *(f"{i:02d}.txt" for i in range(30)))
        assert "33 files skipped" in (note := find_inputs(tmp_path).note)
        assert "and 22 more" in note
        assert find_inputs(tmp_path / "a.mp4").note is None

    def test_media_that_are_skipped_warn(self, tmp_path):
        self.make(tmp_path, "a.mp4", "b.dng")
        with pytest.warns(UserWarning, match=r"b\.dng"):
            resolve(tmp_path)

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root reads all")
    def test_a_closed_folder_costs_only_itself(self, tmp_path):
        self.make(tmp_path, "a/b.mp4", "c/d.mp4")
        (tmp_path / "c").chmod(0)
        found = find_inputs(tmp_path)
        assert [path.name for path, _ in found.failures] == ["c"]
        assert len(found.files) == 1


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([f"f_{i:04d}.png" for i in range(1, 31)], {"f_%04d.png": 30}),
        ([f"{i:04d}.png" for i in range(990, 1020)], {"%04d.png": 30}),
        ([f"f{i}.jpg" for i in range(90, 120)], {"f%d.jpg": 30}),
        ([f"f{i}.jpg" for i in range(0, 60, 2)], {}),
        ([f"f{i}.jpg" for i in range(10)], {}),
        ([f"f{i}.mp4" for i in range(30)], {}),
        ([*(f"f0{i}.jpg" for i in range(30)), "f7.jpg"], {}),
    ],
)
def test_numbered_frames(names, wanted):
    assert numbered_frames(map(Path, names)) == wanted


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".jfif", {"format": "JPEG"}),
        (".avif", {}),
        (".jp2", {}),
        (".pgm", {}),
        (".apng", {"format": "PNG"}),
    ],
)
def test_images_of_other_kinds(tmp_path, suffix, options):
    """In a folder by their names, and by their bytes whatever the name."""
    path = tmp_path / f"image{suffix}"
    Image.new("L" if suffix == ".pgm" else "RGB", (24, 20)).save(path, **options)
    assert expand_inputs(tmp_path) == [path]
    assert kind_of(path.rename(tmp_path / "image.bin")) == "image"
    assert read_image(tmp_path / "image.bin").shape == (20, 24, 3)


def test_heic_says_what_reads_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "image.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    assert kind_of(path) == "image"
    with pytest.raises(InputError, match=r"pip install 'mien\[heic\]'"):
        read_image(path)


def test_heic(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "image.heic"
    image = Image.new("RGB", (64, 48), (200, 90, 30))
    pillow_heif.from_pillow(image).save(path, quality=95)
    assert kind_of(path) == "image"
    np.testing.assert_allclose(read_image(path).mean(axis=(0, 1)), (200, 90, 30), atol=4)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".jpg"])
def test_images_of_a_file(tmp_path, suffix):
    path = tmp_path / f"image{suffix}"
    first, *more = (Image.new("RGB", (24, 20), (i, 0, 0)) for i in (10, 90, 200))
    animation = {} if suffix == ".jpg" else {"save_all": True, "append_images": more}
    first.save(path, **animation)
    assert count_images(path) == (1 if suffix == ".jpg" else 3)
    assert count_images(tmp_path / "missing.png") == 0
