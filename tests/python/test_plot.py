"""Images show what the table says, where it says it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mien import FaceTable, InputError, OptionError
from mien.plot import plot_detections, plot_traces
from mien.plot._pose import pose_axes

SIZE = (90, 120)  # height, width


@pytest.fixture
def frame():
    return np.full((*SIZE, 3), 200, np.uint8)


@pytest.fixture
def table(table):
    """Frame 2 has two faces: upright at (10, 20), 40x50, and one turned to the subject's right."""
    table["FrameHeight"], table["FrameWidth"] = SIZE
    faces = table.status == "ok"
    table.loc[faces, "FaceRectX"] = np.where(table.face[faces] == 0, 10.0, 60.0)
    table.loc[faces, "FaceRectY"] = 20.0
    table.loc[faces, "FaceRectWidth"] = 40.0
    table.loc[faces, "FaceRectHeight"] = 50.0
    table.loc[faces, ["Pitch", "Roll"]] = 0.0
    table.loc[faces, "Yaw"] = np.where(table.face[faces] == 0, 0.0, 0.5)
    for column in (*table.aus, *table.emotions):
        table.loc[faces, column] = 0.25
    return table


def boxes(ax):
    return [p for p in ax.patches if isinstance(p, Rectangle)]


def test_boxes_landmarks_and_bars_are_where_the_table_says(table, frame):
    figure = plot_detections(table, 2, frame)
    assert isinstance(figure, Figure)
    image, units, expressions = figure.axes
    np.testing.assert_array_equal(image.images[0].get_array(), frame)
    assert [box.get_xy() for box in boxes(image)] == [(10, 20), (60, 20)]
    assert boxes(image)[0].get_width() == 40
    points = np.concatenate([c.get_offsets() for c in image.collections])
    rows = table[table.frame == 2]
    wanted = np.stack([rows.landmarks_x.to_numpy().ravel(), rows.landmarks_y.to_numpy().ravel()], 1)
    np.testing.assert_allclose(points, wanted)
    assert [t.get_text() for t in units.get_yticklabels()] == ["AU01", "AU04", "AU12", "AU25"]
    assert [t.get_text() for t in expressions.get_yticklabels()] == list(table.emotions)
    assert {bar.get_width() for bar in units.patches} == {0.25}
    assert len(units.patches) == 2 * 4


def test_first_pixel_has_its_centre_at_the_origin(table, frame):
    image = plot_detections(table, 2, frame).axes[0]
    assert image.get_xlim() == (-0.5, SIZE[1] - 0.5)
    assert image.get_ylim() == (SIZE[0] - 0.5, -0.5)


def test_pose_axes_start_in_the_box_and_point_where_the_head_does(table, frame):
    only_poses = {"faceboxes": False, "landmarks": False}
    image = plot_detections(table, 2, frame, **only_poses).axes[0]
    lines = [line.get_xydata() for line in image.lines]
    assert len(lines) == 6
    left, top, front = lines[:3]
    np.testing.assert_allclose(left, [(30, 45), (50, 45)])
    np.testing.assert_allclose(top, [(30, 45), (30, 25)])
    np.testing.assert_allclose(front, [(30, 45), (30, 45)], atol=1e-9)
    turned = lines[5]
    assert turned[1, 0] < turned[0, 0]  # to the subject's right is to the viewer's left


def test_parts_can_be_left_out(table, frame):
    figure = plot_detections(
        table, 2, frame, faceboxes=False, landmarks=False, poses=False, aus=False, emotions=False
    )
    (image,) = figure.axes
    assert not image.patches
    assert not image.lines
    assert not image.collections


def test_groups_the_table_lacks_are_left_out(table, frame):
    index = ["input", "frame", "time", "status", "FrameHeight", "FrameWidth"]
    figure = table[[*index, *table.faceboxes]].plot_detections(2, image=frame)
    assert len(figure.axes) == 1
    assert len(boxes(figure.axes[0])) == 2


def test_a_frame_without_a_face_is_drawn_too(table, frame):
    figure = plot_detections(table, 0, frame)
    assert "no face" in figure.axes[0].get_title(loc="left")
    assert not boxes(figure.axes[0])


def test_a_face_keeps_its_colour_by_its_track(table, frame):
    second = table[(table.frame == 2) & (table.track == 1)]
    both = boxes(plot_detections(table, 2, frame).axes[0])[1].get_edgecolor()
    alone = boxes(plot_detections(second, image=frame).axes[0])[0].get_edgecolor()
    assert both == alone


def test_figures_are_saved_without_a_display(table, frame, tmp_path):
    plot_detections(table, 2, frame).savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_the_image_is_taken_from_a_video(media):
    """The overlay of a frame lies on that very frame."""
    from mien import read_frames

    path = media("single_face.mp4")
    frames = list(read_frames(path))
    for index in (0, 37, 71):
        found = frames[index]
        rows = {"input": str(path), "frame": index, "time": found.time, "status": "no_face"}
        figure = plot_detections(FaceTable([rows]))
        np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), found.rgb)


def test_the_image_is_taken_from_a_photograph(media):
    path = media("single_face.jpg")
    rows = {"input": str(path), "frame": 0, "time": np.nan, "status": "no_face"}
    shown = plot_detections(FaceTable([rows])).axes[0].images[0].get_array()
    assert shown.ndim == 3


class TestErrors:
    def test_which_frame(self, table, frame):
        with pytest.raises(OptionError, match=r"frame: wanted one of the 12.*frame="):
            plot_detections(table, image=frame)

    def test_which_input(self, table, frame):
        table.loc[3:, "input"] = "b.mp4"
        with pytest.raises(OptionError, match="input="):
            plot_detections(table, 2, frame)

    def test_no_such_frame(self, table, frame):
        with pytest.raises(InputError, match="no frame 99"):
            plot_detections(table, 99, frame)

    def test_another_size(self, table, frame):
        with pytest.raises(InputError, match=r"height 90, width 120, got height 45"):
            plot_detections(table, 2, frame[::2])

    @pytest.mark.parametrize("shape", [SIZE, (*SIZE, 4)])
    def test_not_an_image(self, table, shape):
        with pytest.raises(InputError, match=r"wanted uint8 RGB"):
            plot_detections(table, 2, np.zeros(shape, np.uint8))

    def test_the_file_is_gone(self, table):
        with pytest.raises(InputError, match=r"clip\.mp4: no such file.*image="):
            plot_detections(table, 2)

    def test_a_column_to_trace_is_missing(self, table):
        with pytest.raises(InputError, match="AU99"):
            plot_traces(table, [["AU12", "AU99"]])


def test_traces_follow_time_and_leave_gaps(table):
    figure = plot_traces(table[table.face.fillna(0) == 0], [["AU12"], ["Yaw", "Pitch"]])
    first, second = figure.axes
    x, y = first.lines[0].get_xydata().T
    np.testing.assert_allclose(x, np.arange(12) / 29.97)
    assert np.isnan(y[::3]).all()
    assert len(second.lines) == 2


angle = st.floats(-1.5, 1.5)


class TestPoseAxes:
    def test_directions(self):
        left, _, front = pose_axes(0.3, 0, 0)
        assert front[1] < 0  # up in the image
        np.testing.assert_allclose(left, [1, 0], atol=1e-12)
        assert pose_axes(0, 0, 0.3)[2][0] < 0  # the viewer's left
        assert pose_axes(0, 0.3, 0)[1][0] < 0  # the top of the head too

    @given(angle, angle, angle)
    def test_a_mirrored_head_has_mirrored_axes(self, pitch, roll, yaw):
        mirrored = pose_axes(pitch, -roll, -yaw)
        wanted = pose_axes(pitch, roll, yaw) * [-1, 1]
        wanted[0] *= -1  # what was its left is its right
        np.testing.assert_allclose(mirrored, wanted, atol=1e-12)

    @given(angle, angle, angle, angle)
    def test_tilting_turns_the_image(self, pitch, roll, yaw, more):
        turn = np.array([[np.cos(more), np.sin(more)], [-np.sin(more), np.cos(more)]])  # y is down
        np.testing.assert_allclose(
            pose_axes(pitch, roll + more, yaw), pose_axes(pitch, roll, yaw) @ turn.T, atol=1e-12
        )

    @given(angle, angle, angle)
    def test_axes_are_shadows_of_unit_axes(self, pitch, roll, yaw):
        axes = pose_axes(pitch, roll, yaw)
        np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-12)


def test_plotting_leaves_pyplot_alone():
    code = "import sys, mien.plot; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
