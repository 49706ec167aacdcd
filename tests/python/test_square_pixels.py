"""The table of inputs whose pixels aren't square: in square pixels, and the values of the same
faces.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
import pytest
from media import need_encoder
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli import app
from mien.errors import OptionError

HDV = Fraction(4, 3)
FRAMES = 24


def encode(path: Path, frames, size: tuple[int, int], sar: Fraction, quality: int) -> Path:
    """ffmpeg -i single_face.mp4 -vf scale=W:H,setsar=SAR -c:v mpeg2video -q:v QUALITY path"""
    need_encoder("mpeg2video")
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        context = stream.codec_context
        context.sample_aspect_ratio = sar
        context.qmin = context.qmax = quality
        for index, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            frame = frame.reformat(*size, format="yuv420p", interpolation="BICUBIC")
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def clips(media, tmp_path_factory) -> dict[str, Path]:
    """One clip as HDV stores it, in square pixels, and in square pixels coded more coarsely."""
    folder = tmp_path_factory.mktemp("sar")
    source = [frame.rgb for frame, _ in zip(mien.read_frames(media("single_face.mp4")),
                                            range(FRAMES), strict=False)]  # fmt: skip
    one = Fraction(1)
    return {
        "hdv": encode(folder / "hdv.m2ts", source, (1440, 1080), HDV, 2),
        "square": encode(folder / "square.m2ts", source, (1920, 1080), one, 2),
        "coarse": encode(folder / "coarse.m2ts", source, (1920, 1080), one, 5),
    }


@pytest.fixture(scope="module")
def tables(engine, clips) -> dict[str, mien.FaceTable]:
    return {name: engine.analyze(path, detect="every") for name, path in clips.items()}


def values(table: pd.DataFrame, group: str) -> np.ndarray:
    return getattr(table, group).to_numpy(float)


def test_the_table_is_in_square_pixels(tables):
    hdv, square = tables["hdv"], tables["square"]
    assert (hdv.FrameWidth == 1920).all()
    assert (hdv.FrameHeight == 1080).all()
    assert list(hdv.status) == list(square.status)
    for group in ("faceboxes", "landmarks"):
        names = getattr(square, group).columns.drop("FaceScore", errors="ignore")
        difference = (hdv[names] - square[names]).abs().median()
        assert (difference < 0.02 * square.FaceRectWidth.median()).all()


@pytest.mark.parametrize("group", ["aus", "emotions", "affect", "gazes", "poses"])
def test_values_differ_as_another_coding_does(tables, group):
    square = values(tables["square"], group)
    noise = np.abs(values(tables["coarse"], group) - square).mean(axis=0)
    difference = np.abs(values(tables["hdv"], group) - square).mean(axis=0)
    assert difference.mean() < 2 * noise.mean() + 0.01


def test_stored_arrays_with_their_sar_give_the_files_rows(engine, clips, tables):
    stored = list(mien.read_frames(clips["hdv"], square=False))
    assert {frame.sar for frame in stored} == {float(HDV)}
    frames = np.stack([frame.rgb for frame in stored])
    assert frames.shape[1:] == (1080, 1440, 3)
    table = engine.analyze(frames, sar=stored[0].sar, detect="every")
    ours = table.columns.drop(["input", "time"])
    pd.testing.assert_frame_equal(
        pd.DataFrame(table[ours]), pd.DataFrame(tables["hdv"][ours]), check_exact=True
    )
    row = engine.analyze_frame(frames[0], sar=stored[0].sar, detect="every")
    np.testing.assert_array_equal(values(row, "landmarks"), values(table[:1], "landmarks"))


def test_square_frames_give_them_but_for_the_interpolation(engine, clips, tables):
    frame = next(iter(mien.read_frames(clips["hdv"])))
    assert frame.rgb.shape == (1080, 1920, 3)
    row = engine.analyze(frame.rgb)
    difference = values(row, "landmarks") - values(tables["hdv"][:1], "landmarks")
    assert np.abs(difference).max() < 0.03 * row.FaceRectWidth.iloc[0]


def test_pixels_higher_than_wide(engine, clips, tables):
    turned = next(iter(mien.read_frames(clips["hdv"], square=False))).rgb.transpose(1, 0, 2)
    row = engine.analyze(np.ascontiguousarray(turned), sar=0.75)
    assert (row.FrameWidth.iloc[0], row.FrameHeight.iloc[0]) == (1080, 1920)
    upright = tables["hdv"]
    assert row.FaceRectX.iloc[0] == pytest.approx(upright.FaceRectY.iloc[0], abs=60)


def test_tracking_follows_in_square_pixels(engine, clips):
    followed = {name: engine.analyze(clips[name]) for name in ("hdv", "square")}
    assert followed["hdv"].track.nunique() == 1
    assert (followed["hdv"].FrameWidth == 1920).all()
    difference = values(followed["hdv"], "landmarks") - values(followed["square"], "landmarks")
    width = followed["square"].FaceRectWidth.median()
    assert np.median(np.abs(difference)) < 0.02 * width


def test_images_take_it_when_it_is_given(engine, clips, tmp_path):
    stored = next(iter(mien.read_frames(clips["hdv"], square=False)))
    path = tmp_path / "stored.png"
    Image.fromarray(stored.rgb).save(path)
    assert engine.analyze(path).FrameWidth.iloc[0] == 1440
    shown = engine.analyze(path, sar=stored.sar)
    assert shown.FrameWidth.iloc[0] == 1920
    wanted = engine.analyze(stored.rgb, sar=stored.sar)
    np.testing.assert_array_equal(values(shown, "landmarks"), values(wanted, "landmarks"))


def test_shrunk_photographs_keep_their_square_pixels(media, tmp_path):
    rgb = np.asarray(Image.open(media("single_face.jpg")).convert("RGB"))
    height, width = 1200, 1600
    path = tmp_path / "stored.jpg"
    Image.fromarray(cv2.resize(rgb, (width, height))).save(path, quality=95)
    engine = mien.Engine(device="cpu", threads=1, image_side=400)
    table = engine.analyze(path, sar=1.5)
    assert (table.FrameWidth.iloc[0], table.FrameHeight.iloc[0]) == (2400, height)


def test_provenance_says_it(tables, clips, engine):
    entry = tables["hdv"].provenance["inputs"][0]
    assert entry["sar"] == pytest.approx(4 / 3)
    assert (entry["width"], entry["height"]) == (1920, 1080)
    assert tables["hdv"].provenance["read"]["sar"] is None
    given = engine.analyze(clips["square"], sar=2.0, end=0.05)
    assert given.provenance["read"]["sar"] == 2.0
    assert (given.FrameWidth == 3840).all()


def test_overlays_are_drawn_on_square_pixels(tables):
    axes = mien.plot.plot_detections(tables["hdv"], 0).axes[0]
    assert np.asarray(axes.images[0].get_array()).shape[:2] == (1080, 1920)


def test_overlays_take_the_sar_that_was_given(engine, clips):
    frame = next(iter(mien.read_frames(clips["hdv"], square=False)))
    table = engine.analyze(frame.rgb, sar=frame.sar)
    axes = mien.plot.plot_detections(table, image=frame.rgb).axes[0]
    assert np.asarray(axes.images[0].get_array()).shape[:2] == (1080, 1920)


def test_the_command_line_takes_it(clips, tmp_path):
    target = tmp_path / "table.csv"
    done = CliRunner().invoke(
        app, ["analyze", str(clips["hdv"]), "-o", str(target), "--sar", "1", "--end", "0.05", "-q"]
    )
    assert done.exit_code == 0, done.output
    assert (mien.read_table(target).FrameWidth == 1440).all()


@pytest.mark.parametrize("sar", [0, 5.0, -1, float("inf"), float("nan"), "4:3"])
def test_nonsense_is_an_option_error(engine, sar):
    frame = np.zeros((32, 32, 3), np.uint8)
    for call in (engine.analyze, engine.analyze_frame):
        with pytest.raises(OptionError, match="sar"):
            call(frame, sar=sar)
