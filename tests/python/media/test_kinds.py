"""Kinds of files, folders and patterns."""

from __future__ import annotations

import os

import numpy as np
import pytest
from media import RECIPES, Clip, make_clip
from PIL import Image

from mien.errors import InputError
from mien.media.inputs import expand_inputs
from mien.media.kinds import kind_of


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
