"""Animations: what they show, for how long, in which file."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from mien import InputError, OptionError, OutputError
from mien.plot import animate_face
from mien.plot.animation import _course, face_frames

SMALL = {"fps": 5, "seconds": 0.4, "hold": 0.2, "size": 96}


class TestCourse:
    def test_it_goes_there_and_back(self):
        course = _course(1.0, 0.0, 10, back=True)
        there = course[: len(course) // 2 + 1]
        assert there[0] == 0
        assert there[-1] == 1
        np.testing.assert_allclose(course[len(there) :], there[-2:0:-1])

    def test_minimum_jerk(self):
        """Flash & Hogan 1985: at rest at both ends, half way at half the time, greatest speed 1.875
        of the mean.
        """
        course = _course(1.0, 0.0, 50, back=False)
        assert course[25] == pytest.approx(0.5)
        speed = np.diff(course) * 50
        assert speed.max() == pytest.approx(1.875, rel=0.01)
        assert speed[0] < 0.02
        assert (speed > 0).all()

    def test_it_holds_at_both_ends(self):
        course = _course(1.0, 0.5, 10, back=False)
        assert (course[:5] == 0).all()
        assert (course[-5:] == 1).all()


def test_frames_change_from_start_to_end():
    frames = list(face_frames("neutral", "surprise", np.array([0.0, 0.5, 1.0, 0.0]), size=96))
    assert {f.shape for f in frames} == {(96, 96, 3)}
    assert {f.dtype for f in frames} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(frames[0], frames[3])
    assert (frames[0] != frames[1]).any()
    assert (frames[1] != frames[2]).any()


def test_the_end_is_the_face_of_its_units():
    (shown,) = face_frames("neutral", {"AU12": 0.6}, np.array([1.0]), size=96)
    (wanted,) = face_frames({"AU12": 0.6}, "fear", np.array([0.0]), size=96)
    np.testing.assert_array_equal(shown, wanted)


def test_gif(tmp_path):
    path = animate_face("neutral", "happiness", tmp_path / "a.gif", **SMALL)
    total = 0
    with Image.open(path) as image:
        assert image.size == (96, 96)
        assert image.info["loop"] == 0
        assert image.n_frames >= 3
        for index in range(image.n_frames):
            image.seek(index)
            total += image.info["duration"]
    assert total == 800  # one image at rest, two on the way up, one down again, 5 a second


def test_mp4(tmp_path):
    path = animate_face("neutral", "happiness", tmp_path / "a.mp4", **SMALL)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 5
    assert len(frames) == 4
    (wanted,) = face_frames("neutral", "happiness", np.array([1.0]), size=96)
    difference = np.abs(frames[2].astype(int) - wanted).mean()
    assert difference < 8  # grey levels; it is compressed
    assert difference < np.abs(frames[0].astype(int) - wanted).mean()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 51}, "fps"),
        ({"fps": 2.5}, "fps"),
        ({"size": 97}, "size"),
        ({"seconds": 0}, "seconds"),
        ({"hold": -1}, "hold"),
    ],
)
def test_options(tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        animate_face("neutral", "fear", tmp_path / "a.gif", **options)


def test_suffix(tmp_path):
    with pytest.raises(OptionError, match=r"\.gif or \.mp4, got 'a\.avi'"):
        animate_face("neutral", "fear", tmp_path / "a.avi")


def test_bad_units_leave_no_file(tmp_path):
    with pytest.raises(InputError):
        animate_face("neutral", {"AU99": 1}, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


def test_no_such_folder(tmp_path):
    with pytest.raises(OutputError, match="no folder"):
        animate_face("neutral", "fear", tmp_path / "b" / "a.gif", **SMALL)
