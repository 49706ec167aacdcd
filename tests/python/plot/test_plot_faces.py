"""Faces drawn from action units: muscles, arrows, eyes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon
from matplotlib.path import Path
from matplotlib.quiver import Quiver

from mien import FaceTable, InputError, OptionError
from mien.plot import MUSCLES, face_model, plot_face
from mien.plot._heat import activation_scale
from mien.plot._landmarks import EYES, LINES, MIRROR
from mien.plot.faces import iris_centres
from mien.plot.muscles import muscle_patches

MODEL = face_model()


def muscles(ax):
    return {
        p.get_label(): p
        for p in ax.patches
        if isinstance(p, Polygon) and p.get_label()[:1] not in ("", "_")
    }


def arrows(ax):
    return [c for c in ax.collections if isinstance(c, Quiver)]


def color(value):
    return activation_scale().to_rgba(value)


class TestPlotFace:
    def test_lines_are_the_models_landmarks(self):
        au = {"AU12": 0.8, "AU26": 0.4}
        ax = plot_face(au, vectors=False)
        face = MODEL.landmarks(au)
        lines = [line.get_xydata() for line in ax.lines[: len(LINES)]]
        np.testing.assert_allclose(lines[0], face[:17])
        np.testing.assert_allclose(lines[7], face[[*range(48, 60), 48]])

    def test_active_muscles_have_the_colour_of_their_activation(self):
        found = muscles(plot_face({"AU12_L": 0.8, "AU01": 1}))
        assert found["zygomaticus major (L)"].get_facecolor() == color(0.8)
        assert found["zygomaticus major (R)"].get_facecolor() == color(0)
        assert found["frontalis, pars medialis (R)"].get_facecolor() == color(1)
        assert found["orbicularis oris"].get_facecolor() == color(0)

    def test_the_strongest_unit_of_a_muscle_counts(self):
        found = muscles(plot_face({"AU24_L": 0.3, "AU18": 0.6}))
        assert found["orbicularis oris"].get_facecolor() == color(0.6)

    def test_muscles_of_units_the_model_lacks_are_left_out(self):
        names = {muscle.name for muscle in MUSCLES}
        drawn = {label.removesuffix(" (L)").removesuffix(" (R)") for label in muscles(plot_face())}
        assert names - drawn == {"zygomaticus minor"}  # AU11

    def test_the_scale_says_what_it_shows(self):
        ax = plot_face("happiness")
        (bar,) = [other for other in ax.figure.axes if other is not ax]
        assert bar.get_ylabel() == "muscle activation (intensity, 0-1)"

    def test_arrows_go_from_the_reference_to_the_face(self):
        ax = plot_face({"AU12": 1}, reference={"AU26": 1})
        (field,) = arrows(ax)
        start, end = MODEL.landmarks({"AU26": 1}), MODEL.landmarks({"AU12": 1})
        away = end - start
        far = np.linalg.norm(away, axis=1) > 0.01
        np.testing.assert_allclose(np.stack([field.U, field.V], 1), away[far])
        np.testing.assert_allclose(field.XY, start[far])
        assert any("interocular distances" in text.get_text() for text in ax.texts)

    def test_a_face_that_did_not_move_has_no_arrows(self):
        assert not arrows(plot_face())
        assert not arrows(plot_face({"AU12": 1}, vectors=False))

    def test_parts_can_be_left_out(self):
        ax = plot_face({"AU12": 1}, muscles=False)
        assert not muscles(ax)
        assert len(ax.figure.axes) == 1

    def test_it_draws_where_it_is_told(self):
        figure = Figure()
        one, two = figure.subplots(1, 2)
        assert plot_face(ax=two, title="neutral", colorbar=False) is two
        assert two.get_title() == "neutral"
        assert not one.lines
        assert two.yaxis_inverted()

    def test_axes_of_something_else(self):
        with pytest.raises(OptionError, match="wanted matplotlib axes, got Figure"):
            plot_face(ax=Figure())


class TestGaze:
    def pupils(self, gaze):
        circles = [p for p in plot_face(gaze=gaze).patches if isinstance(p, Circle)]
        return np.array([c.center for c in circles[::2]])

    def test_straight_ahead_is_the_middle_of_the_eyes(self):
        wanted = [MODEL.neutral[list(eye)].mean(0) for eye in EYES]
        np.testing.assert_allclose(self.pupils((0, 0)), wanted)

    def test_up_and_to_the_subjects_right(self):
        away = self.pupils((0.3, 0.4)) - self.pupils((0, 0))
        assert (away[:, 0] < 0).all()  # the viewer's left
        assert (away[:, 1] < 0).all()

    def test_geometry_of_the_eyeball(self):
        """At 30 degrees to the side the iris is half a lever (10.5 mm of an eye 30 mm wide) off the
        middle.
        """
        centres, radius = iris_centres(MODEL.neutral, (0.0, -np.pi / 6))
        straight, _ = iris_centres(MODEL.neutral, (0.0, 0.0))
        width = np.mean([np.linalg.norm(MODEL.neutral[e[0]] - MODEL.neutral[e[3]]) for e in EYES])
        np.testing.assert_allclose(centres - straight, [[0.175 * width, 0]] * 2)
        assert radius == pytest.approx(width * 5.9 / 30)

    @pytest.mark.parametrize("gaze", [(2.0, 0.0), (0.1,), (np.nan, 0.0)])
    def test_no_gaze(self, gaze):
        with pytest.raises(OptionError, match="gaze"):
            plot_face(gaze=gaze)


class TestMuscles:
    def test_patches_of_a_mirrored_face_are_mirrored(self):
        rng = np.random.default_rng(0)
        face = MODEL.neutral + rng.normal(0, 0.02, (68, 2))
        # The axes of a mirrored face are the mirror image only if its eyes are level: the fit is by
        # the eyes' line.
        here = {(p.muscle.name, p.side): p.outline for p in muscle_patches(face)}
        there = {(p.muscle.name, p.side): p.outline for p in muscle_patches(face[MIRROR] * [-1, 1])}
        for (name, side), outline in here.items():
            other = there[name, {"L": "R", "R": "L", "": ""}[side]]
            wanted = {tuple(v) for v in (outline * [-1, 1]).round(9) + 0.0}
            assert {tuple(v) for v in other.round(9) + 0.0} == wanted, name

    def test_muscles_go_along_with_a_face_that_turns_and_grows(self):
        angle, scale = 0.4, 50.0
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        # An interocular distance upwards is taken from the nose, so the turned outline is the
        # outline turned.
        for before, after in zip(
            muscle_patches(MODEL.neutral), muscle_patches(MODEL.neutral @ turn.T + 7), strict=True
        ):
            np.testing.assert_allclose(after.outline, before.outline @ turn.T + 7, rtol=1e-9)

    def test_places(self):
        """Muscles lie where anatomy has them, on the neutral face."""
        middle = {(p.muscle.name, p.side): p.outline.mean(0) for p in muscle_patches(MODEL.neutral)}
        brow, eye, mouth = MODEL.neutral[19, 1], MODEL.neutral[36:42, 1].mean(), MODEL.neutral[48]
        assert middle["frontalis, pars medialis", "R"][1] < brow
        assert abs(middle["corrugator supercilii", "R"][1] - MODEL.neutral[20, 1]) < 0.05
        assert eye < middle["orbicularis oculi, pars orbitalis", "R"][1] < mouth[1]
        assert eye < middle["zygomaticus major", "R"][1] < mouth[1]
        assert middle["depressor anguli oris", "R"][1] > mouth[1]
        assert middle["mentalis", "L"][1] > MODEL.neutral[57, 1]
        assert abs(middle["procerus", ""][0]) < 0.01

    def test_eyes_and_mouth_are_not_covered(self):
        face = MODEL.landmarks({"AU25": 1})
        for patch in muscle_patches(face):
            shape = Path(patch.outline)
            for inside in (face[36:42].mean(0), face[42:48].mean(0), face[60:68].mean(0)):
                assert not shape.contains_point(inside), patch.muscle.name

    def test_every_polygon_is_within_the_face(self):
        for patch in muscle_patches(MODEL.neutral):
            assert (np.abs(patch.outline[:, 0]) < 1.1).all(), patch.muscle.name
            assert (patch.outline[:, 1] < MODEL.neutral[8, 1]).all(), patch.muscle.name

    def test_relaxing_units_belong_to_none(self):
        units = {unit for muscle in MUSCLES for unit in muscle.units}
        assert units.isdisjoint({"AU25", "AU26", "AU43"})
        assert set(MODEL.whole_units) - units == {"AU25", "AU26", "AU43"}


class TestRows:
    def table(self):
        return FaceTable(
            {
                "AU12": [0.2, 0.8, np.nan],
                "AU43": [0.0, 0.2, np.nan],
                "gaze_pitch": [0.1, 0.1, np.nan],
                "gaze_yaw": [0.3, 0.3, np.nan],
                "Pitch": [0.1, 0.1, np.nan],
                "Yaw": [0.0, 0.0, np.nan],
            }
        )

    def test_a_row(self):
        ax = self.table().plot_face(1, gaze=(0.0, 0.0), vectors=False)
        np.testing.assert_allclose(
            ax.lines[0].get_xydata(), MODEL.landmarks({"AU12": 0.8, "AU43": 0.2})[:17]
        )

    def test_the_mean(self):
        ax = self.table().plot_face(vectors=False)
        np.testing.assert_allclose(
            ax.lines[7].get_xydata()[:12], MODEL.landmarks({"AU12": 0.5, "AU43": 0.1})[48:60]
        )

    def test_the_eyes_look_along_the_gaze_less_the_pose(self):
        ax = self.table().plot_face(0)
        circles = [p for p in ax.patches if isinstance(p, Circle)]
        wanted, _ = iris_centres(MODEL.landmarks({"AU12": 0.2}), (0.0, 0.3))
        np.testing.assert_allclose([c.center for c in circles[::2]], wanted)

    def test_a_row_without_a_face(self):
        with pytest.raises(InputError, match="AU12 is nan"):
            self.table().plot_face(2, gaze=(0.0, 0.0))

    def test_no_such_row(self):
        with pytest.raises(InputError, match="index has no 9"):
            self.table().plot_face(9)
