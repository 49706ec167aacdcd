"""Frames with gaze, muscles and emoji over them, several at once, on the caller's axes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.text import Annotation
from plot_tables import SIZE, smiling

from mien import InputError, OptionError
from mien.plot import plot_detections
from mien.plot._heat import activation_scale


@pytest.fixture
def frame():
    return np.full((*SIZE, 3), 200, np.uint8)


@pytest.fixture
def table():
    return smiling()


def arrows(ax):
    return [text for text in ax.texts if isinstance(text, Annotation) and text.arrowprops]


def muscles(ax):
    return {p.get_label(): p for p in ax.patches if isinstance(p, Polygon) and "(" in p.get_label()}


class TestGaze:
    def test_arrows_start_at_the_eyes_and_point_where_they_look(self, table, frame):
        ax = plot_detections(table, 1, frame).axes[0]
        found = arrows(ax)
        assert len(found) == 2
        row = table[table.frame == 1].iloc[0]
        x = row.landmarks_x.to_numpy(float)
        assert found[0].xyann[0] == pytest.approx(x[36:42].mean())
        away = np.subtract(found[0].xy, found[0].xyann)
        wanted = [
            -np.sin(0.5) * np.cos(0.2) * 100,
            -np.sin(0.2) * 100,
        ]  # to the viewer's left and up
        np.testing.assert_allclose(away, wanted)

    def test_without_landmarks_from_the_middle_of_the_box(self, table, frame):
        few = table.drop(columns=list(table.landmarks))
        (found,) = arrows(plot_detections(few, 1, frame).axes[0])
        assert found.xyann == pytest.approx((200, 200))

    def test_it_can_be_left_out(self, table, frame):
        assert not arrows(plot_detections(table, 1, frame, gazes=False).axes[0])


class TestFeatures:
    def test_they_have_no_place_in_the_image(self, table, frame):
        """Wavelets of pose, gaze, landmarks and units leave the boxes, and nothing else to draw."""
        names = ["Pitch", "Roll", "Yaw", "gaze_pitch", "gaze_yaw", "AU12", *table.landmarks]
        features = table.rename(columns={name: f"f1.0_power_{name}" for name in names})
        features = features.drop(
            columns=[*features.emotions, *(n for n in features.aus if n[0] == "A")]
        )
        assert "f1.0_power_AU12" in features.aus
        ax, *others = plot_detections(features, 1, frame).axes
        assert not others
        assert not ax.lines
        assert len(ax.patches) == 1
        with pytest.raises(InputError, match="muscles need landmarks"):
            plot_detections(features, 1, frame, muscles=True)


class TestMuscles:
    def test_sides_are_coloured_by_their_units(self, table, frame):
        figure = plot_detections(table, 1, frame, muscles=True)
        found = muscles(figure.axes[0])
        wanted = activation_scale().to_rgba(0.9)[:3]
        assert found["zygomaticus major (L)"].get_facecolor()[:3] == pytest.approx(wanted)
        wanted = activation_scale().to_rgba(0.5)[:3]
        assert found["zygomaticus major (R)"].get_facecolor()[:3] == pytest.approx(wanted)
        labels = [ax.get_ylabel() for ax in figure.axes]
        assert "muscle activation (intensity, 0-1)" in labels

    def test_they_lie_on_the_face(self, table, frame):
        outline = muscles(plot_detections(table, 1, frame, muscles=True).axes[0])
        x, y = outline["zygomaticus major (L)"].get_xy().mean(0)
        assert 200 < x < 270  # the subject's left is at the viewer's right
        assert 110 < y < 180

    def test_units_that_the_table_lacks_colour_nothing(self, table, frame):
        found = muscles(plot_detections(table, 1, frame, muscles=True).axes[0])
        assert "mentalis (L)" not in found  # AU17

    def test_no_landmarks(self, table, frame):
        with pytest.raises(InputError, match="muscles need landmarks"):
            plot_detections(table.drop(columns=list(table.landmarks)), 1, frame, muscles=True)


def test_emoji_stand_beside_their_boxes(table, frame):
    row = table[table.frame == 1]
    wanted = row.emoji()["emoji"].iloc[0]
    ax = plot_detections(table, 1, frame, emoji=True).axes[0]
    (found,) = [text for text in ax.texts if text.get_text() == wanted]
    assert found.get_position() == (300, 100)


class TestSeveralFrames:
    def test_each_has_its_image(self, table, frame):
        shades = np.stack([np.full_like(frame, shade) for shade in (10, 120, 240)])
        figure = plot_detections(table, [1, 2, 4], shades, aus=False, emotions=False)
        assert len(figure.axes) == 3
        for ax, shade, number in zip(figure.axes, (10, 120, 240), (1, 2, 4), strict=True):
            assert ax.images[0].get_array()[0, 0, 0] == shade
            assert f"frame {number}," in ax.get_title(loc="left")

    def test_each_has_its_bars(self, table, frame):
        figure = plot_detections(table, [1, 2], [frame, frame], columns=1)
        assert len(figure.axes) == 6
        assert len(figure.subfigs) == 2

    def test_units_of_the_bars(self, table, frame):
        _, units, expressions = plot_detections(table, 1, frame).axes
        assert units.get_xlabel() == "intensity, 0-1"
        assert expressions.get_xlabel() == "probability, 0-1"

    def test_too_few_images(self, table, frame):
        with pytest.raises(InputError, match="wanted 2 images, one for each frame, got 1"):
            plot_detections(table, [1, 2], [frame])
        with pytest.raises(InputError, match="got one"):
            plot_detections(table, [1, 2], frame)

    def test_too_many_frames(self, table):
        with pytest.raises(OptionError, match="1 to 64 frames, got 65"):
            plot_detections(table, range(65))

    def test_frames_of_a_real_clip(self, media, engine):
        table = engine.analyze(media("single_face.mp4"), end=0.5)
        figure = table.plot_detections([0, 5], muscles=True, emoji=True)
        images = [ax for ax in figure.axes if ax.images and not ax.get_ylabel()]
        assert len(images) == 2
        assert all(muscles(ax) for ax in images)


class TestCallersAxes:
    def test_image_alone(self, table, frame):
        ax = Figure().add_subplot()
        assert table.plot_detections(1, image=frame, ax=ax) is ax
        assert len(ax.figure.axes) == 1

    def test_figure(self, table, frame):
        figure = Figure()
        assert plot_detections(table, 1, frame, figure=figure) is figure
        assert len(figure.axes) == 3

    def test_both_or_several(self, table):
        ax = Figure().add_subplot()
        for options in ({"frame": 1, "figure": Figure()}, {"frame": [1, 2]}):
            with pytest.raises(OptionError, match="ax"):
                plot_detections(table, image=None, ax=ax, **options)
