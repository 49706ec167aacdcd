"""Faces followed between detections: as good as detected ones, never kept where there is none, and
the same in pieces.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mien
from mien import OptionError
from mien.schema import BOX_COLUMNS, EMOTIONS

LANDMARKS = [f"{axis}_{i}" for axis in "xy" for i in range(68)]


def overlap(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """IoU of the boxes in two tables, row by row."""
    ax, ay, aw, ah = a[list(BOX_COLUMNS[:4])].to_numpy(float).T
    bx, by, bw, bh = b[list(BOX_COLUMNS[:4])].to_numpy(float).T
    width = np.clip(np.minimum(ax + aw, bx + bw) - np.maximum(ax, bx), 0, None)
    height = np.clip(np.minimum(ay + ah, by + bh) - np.maximum(ay, by), 0, None)
    return width * height / (aw * ah + bw * bh - width * height)


@pytest.fixture(scope="module")
def walk(portrait):
    """Forty frames (T, 360, 640, 3) through which a portrait wanders, grows a little, and back."""
    import cv2

    face = cv2.resize(portrait, (300, 300), interpolation=cv2.INTER_AREA)
    frames = np.full((40, 360, 640, 3), 114, np.uint8)
    for i, frame in enumerate(frames):
        side = 260 + round(20 * np.sin(i / 6))
        x = 150 + round(60 * np.sin(i / 12))
        y = 40 + round(30 * np.cos(i / 7))
        frame[y : y + side, x : x + side] = cv2.resize(face, (side, side))
    return frames


@pytest.fixture(scope="module")
def followed(engine, walk):
    return engine.analyze(walk, fps=25)


def test_videos_are_tracked_and_images_detected(engine, walk, followed):
    pd.testing.assert_frame_equal(followed, engine.analyze(walk, fps=25, detect="track"))
    image = engine.analyze(walk[0])
    pd.testing.assert_frame_equal(image, engine.analyze(walk[0], detect="every"))
    with pytest.raises(OptionError, match="nothing to track it from"):
        engine.analyze(walk[0], detect="track")


def test_a_followed_face_is_where_a_detected_one_is(engine, walk, followed):
    detected = engine.analyze(walk, fps=25, detect="every")
    detected, followed = (t[t.track == 0].reset_index(drop=True) for t in (detected, followed))
    assert list(followed.frame) == list(detected.frame) == list(range(40))
    assert overlap(followed, detected).min() > 0.6  # the detector's own boxes of a small face jump
    assert overlap(followed, detected).mean() > 0.85
    side = np.sqrt(detected.FaceRectWidth * detected.FaceRectHeight).to_numpy()
    apart = np.hypot(
        followed[LANDMARKS[:68]].to_numpy() - detected[LANDMARKS[:68]].to_numpy(),
        followed[LANDMARKS[68:]].to_numpy() - detected[LANDMARKS[68:]].to_numpy(),
    ).mean(axis=1)
    assert (apart / side).mean() < 0.012
    expressions = followed[list(EMOTIONS)].to_numpy() - detected[list(EMOTIONS)].to_numpy()
    assert np.abs(expressions).mean() < 0.05


def test_an_interval_of_one_detects_in_every_frame(walk):
    """Such a face is cut out by its landmarks all the same, but its box is the detector's own."""
    engine = mien.Engine(device="cpu", threads=2, detect_interval=1)
    each = engine.analyze(walk, fps=25, detect="every")
    boxes = list(BOX_COLUMNS)
    pd.testing.assert_frame_equal(
        engine.analyze(walk, fps=25)[boxes], each[boxes], check_exact=True
    )


@pytest.mark.parametrize("gone", [3, 7, 12])
def test_a_face_that_vanishes_is_not_followed_on(engine, walk, gone):
    """A cut to an empty scene, at any place between two detections."""
    rng = np.random.default_rng(0)
    frames = walk[:20].copy()
    scene = rng.integers(0, 255, (36, 64, 3), np.uint8).repeat(10, axis=0).repeat(10, axis=1)
    frames[gone:] = scene
    table = engine.analyze(frames, fps=25)
    assert list(table.frame[table.status == "ok"].unique()) == list(range(gone))


def test_a_face_that_jumps_is_found_again_at_once(engine, walk):
    frames = walk[:16].copy()
    frames[5:] = np.roll(frames[5:], -130, axis=2)
    table = engine.analyze(frames, fps=25)
    detected = engine.analyze(frames, fps=25, detect="every")
    assert list(table.frame) == list(detected.frame) == list(range(16))
    assert overlap(table, detected).min() > 0.75


def test_a_newcomer_is_found_within_the_interval(engine, portrait):
    import cv2

    face = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA)
    frames = np.full((24, 256, 640, 3), 114, np.uint8)
    frames[:, :, :256] = face
    frames[3:, :, 384:] = face[:, ::-1]
    faces = engine.analyze(frames, fps=25).groupby("frame").size()
    assert (faces[:3] == 1).all()
    assert (faces[8:] == 2).all()
    alone = np.full_like(frames, 114)
    alone[3:, :, 384:] = face
    assert list(engine.analyze(alone, fps=25).status[:4]) == ["no_face"] * 3 + ["ok"]


def test_most_faces(walk):
    frames = np.concatenate([walk[:10, :, 120:480], walk[10:20, :, 120:480]], axis=2)
    engine = mien.Engine(device="cpu", threads=2, max_faces=1)
    assert (engine.analyze(frames, fps=25).groupby("frame").size() == 1).all()


class TestGoingOn:
    @pytest.mark.parametrize("detect", ["every", "track"])
    @pytest.mark.parametrize("done", [8, 16, 32, 40])
    def test_rows_are_those_of_one_run(self, engine, walk, detect, done):
        frames = walk.copy()
        frames[18:21] = 0  # nobody for a while
        whole = engine.analyze(frames, fps=25, detect=detect)
        before = whole[whole.frame < done]
        parts = list(engine.stream(frames, 5, fps=25, detect=detect, after=before))
        pd.testing.assert_frame_equal(
            pd.concat([before, *parts], ignore_index=True), whole, check_exact=True
        )

    def test_through_files(self, engine, followed, walk, tmp_path):
        path = followed[followed.frame < 24].save(tmp_path / "begun.parquet")
        parts = list(engine.stream(walk, fps=25, after=mien.read_table(path)))
        wanted = followed[followed.frame >= 24].reset_index(drop=True)
        pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), wanted, check_exact=True)

    def test_nothing_is_left_of_an_image(self, engine, walk):
        assert list(engine.stream(walk[0], after=engine.analyze(walk[0]))) == []

    def test_every_nth_frame(self, engine, walk):
        whole = engine.analyze(walk, fps=25, every=2, start=0.1)
        before = whole[whole.frame < 3 + 2 * 8]
        (part,) = engine.stream(walk, fps=25, every=2, start=0.1, after=before)
        pd.testing.assert_frame_equal(
            pd.concat([before, part], ignore_index=True), whole, check_exact=True
        )

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t: t[t.frame < 5], "multiple of detect_interval=8 frames, got 5"),
            (lambda t: t[t.frame < 8].iloc[::-1], "in the order of their frames"),
            (lambda t: t[t.frame < 8].assign(track=7), "wanted track 0, got 7"),
        ],
        ids=["cut", "turned round", "other tracks"],
    )
    def test_rows_that_do_not_fit_are_refused(self, engine, walk, followed, change, message):
        with pytest.raises(OptionError, match=message):
            next(engine.stream(walk, fps=25, after=change(followed)))
