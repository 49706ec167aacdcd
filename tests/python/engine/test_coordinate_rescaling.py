"""Large JPEG photographs decoded smaller: the table speaks of the file's own pixels."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien._engine.coordinate_rescaling import rescaled
from mien.cli import app
from mien.media.images import Original


@pytest.fixture(scope="module")
def folder(tmp_path_factory, portrait):
    """The same face in JPEGs of 2048 and 512 pixels, and in a PNG of 2048."""
    folder = tmp_path_factory.mktemp("images")
    large = Image.fromarray(portrait).resize((2048, 2048), Image.Resampling.BICUBIC)
    large.save(folder / "a_large.jpg", quality=95)
    Image.fromarray(portrait).save(folder / "b_small.jpg", quality=95)
    large.save(folder / "c_large.png", compress_level=1)
    return folder


@pytest.fixture(scope="module")
def shrinking() -> mien.Engine:
    return mien.Engine(device="cpu", threads=2, image_side=512)


def test_positions_are_those_of_the_file(engine, shrinking, folder):
    ours, theirs = shrinking.analyze(folder), engine.analyze(folder)
    assert list(ours.status) == ["ok"] * 3
    for name in ("FrameWidth", "FrameHeight"):
        assert list(ours[name]) == list(theirs[name]) == [2048, 512, 2048]
    side = theirs.FaceRectWidth.iloc[0]
    assert side > 300
    for group in ("faceboxes", "landmarks"):
        names = list(getattr(theirs, group))[:136]
        names = [name for name in names if name != "FaceScore"]
        apart = np.abs(ours[names].iloc[0].to_numpy(float) - theirs[names].iloc[0].to_numpy(float))
        assert apart.max() < 0.02 * side, group
    assert np.abs(ours.aus.iloc[0] - theirs.aus.iloc[0]).max() < 0.15


def test_what_was_not_shrunk_is_as_ever(engine, shrinking, folder):
    others = [folder / "b_small.jpg", folder / "c_large.png"]
    ours, theirs = shrinking.analyze(others), engine.analyze(others)
    assert ours.equals(theirs)


def test_a_row_is_rescaled_about_pixel_centres():
    columns = [
        "FaceRectX",
        "FaceRectY",
        "FaceRectWidth",
        "FaceRectHeight",
        "x_0",
        "y_67",
        "Yaw",
        "FrameHeight",
        "FrameWidth",
    ]
    small = np.float32([[-0.5, 1, 10, 20, 0, 3.5, 0.25, 100, 200]])
    big = rescaled(small, columns, Original(4, 799, 398))
    assert big.tolist() == [[-0.5, 5.5, 40, 80, 1.5, 15.5, 0.25, 398, 799]]
    assert small[0, 0] == -0.5  # a copy


def test_frames_without_a_face_have_the_size_of_the_file(shrinking, tmp_path):
    Image.new("RGB", (1501, 1100), "grey").save(tmp_path / "empty.jpg")
    table = shrinking.analyze(tmp_path)
    assert list(table.status) == ["no_face"]
    assert (table.FrameWidth[0], table.FrameHeight[0]) == (1501, 1100)
    assert table.faceboxes.isna().all(axis=None)


def test_the_provenance_says_so(shrinking, engine, folder):
    assert shrinking.analyze(folder).provenance["options"]["image_side"] == 512
    assert engine.options["image_side"] is None


@pytest.mark.parametrize("side", [0, -1, 319])
def test_too_small_a_side_is_refused(side):
    with pytest.raises(mien.OptionError, match=r"image_side: wanted at least 320 pixels"):
        mien.Engine(image_side=side)


def test_from_the_command_line(folder, tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(
        app, ["analyze", str(folder), "-o", str(out), "--image-side", "512", "-q"]
    )
    assert done.exit_code == 0, done.output
    table = mien.read_table(out / "a_large.parquet")
    assert table.FrameWidth[0] == 2048
    assert json.dumps(table.provenance).count('"image_side": 512') == 1
