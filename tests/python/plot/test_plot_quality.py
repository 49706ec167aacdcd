"""Quality of a recording: the figures of a synthetic clip, known in advance, and the sheet that
shows them.
"""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from plot_tables import interrupted, rows

from mien import FaceTable, InputError, OptionError
from mien.plot import plot_quality, quality, sharpness


@pytest.fixture
def clip():
    return interrupted()


class TestQuality:
    def test_figures(self, clip):
        (found,) = quality(clip).to_dict("records")
        wanted = {
            "input": "a.mp4",
            "frames": 100,
            "seconds": 9.9,
            "coverage": 0.95,
            "longest_gap": 0.5,
            "undecoded": 1,
            "faces": 2,
            "tracks": 3,
            "short_tracks": 1,
            "switches": 1,
            "score": 0.9,
            "width": 60.0,
            "width_low": 60.0,
            "turned": 0.55,
            "roll_low": 0.1,
            "roll_high": 0.1,
        }
        assert {name: found[name] for name in wanted} == pytest.approx(wanted)
        assert found["yaw_high"] == pytest.approx(0.7)

    def test_a_track_that_begins_elsewhere_or_late_is_no_switch(self):
        elsewhere = [rows(range(10), 0), rows(range(12, 20), 1, x=200.0)]
        late = [rows(range(10), 0), rows(range(25, 30), 1)]
        beside = [rows(range(10), 0), rows(range(5, 20), 1)]
        for parts in (elsewhere, late, beside):
            assert quality(FaceTable(pd.concat(parts, ignore_index=True))).loc[0, "switches"] == 0

    def test_a_gap_at_the_end_lasts_to_the_last_frame(self, clip):
        assert quality(clip[clip.frame < 45]).loc[0, "longest_gap"] == pytest.approx(0.4)

    def test_one_row_for_each_input(self, clip):
        both = FaceTable(pd.concat([clip, clip.assign(input="b.mp4")]))
        assert quality(both)["input"].tolist() == ["a.mp4", "b.mp4"]

    def test_nobody_at_all(self, clip):
        found = quality(clip[clip.status != "ok"]).iloc[0]
        assert found["coverage"] == 0
        assert found["tracks"] == 0
        assert np.isnan(found["width"])

    def test_a_column_is_missing(self, clip):
        with pytest.raises(InputError, match="track"):
            quality(clip.drop(columns="track"))


class TestSharpness:
    @pytest.fixture
    def images(self, tmp_path):
        """Noise, and the same noise blurred."""
        noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3)).astype(np.uint8)
        parts = []
        for name, image in (
            ("sharp.png", noise),
            ("soft.png", cv2.GaussianBlur(noise, (9, 9), 3)),
        ):
            Image.fromarray(image).save(tmp_path / name)
            parts.append(rows([0], 0).assign(input=str(tmp_path / name)))
        return FaceTable(pd.concat(parts, ignore_index=True)), noise

    def test_it_is_the_variance_of_the_laplacian(self, images):
        table, noise = images
        found = sharpness(table)
        grey = cv2.cvtColor(noise[50:130, 100:160], cv2.COLOR_RGB2GRAY)
        scaled = cv2.resize(grey, (112, 112), interpolation=cv2.INTER_AREA)
        assert found.loc[0, "sharpness"] == pytest.approx(cv2.Laplacian(scaled, cv2.CV_64F).var())
        assert found.loc[1, "sharpness"] < found.loc[0, "sharpness"] / 10

    def test_a_box_outside_the_image(self, images):
        table, _ = images
        assert sharpness(table.assign(FaceRectX=-500.0))["sharpness"].isna().all()

    def test_the_file_is_gone(self, clip):
        with pytest.raises(InputError, match=r"a\.mp4: no such file"):
            sharpness(clip)

    def test_samples(self, clip):
        with pytest.raises(OptionError, match="samples"):
            sharpness(clip, 0)


class TestSheet:
    def test_it_says_the_figures_and_marks_those_that_want_a_look(self, clip):
        figure = clip.plot_quality()
        assert isinstance(figure, Figure)
        texts = {t.get_text() for ax in figure.axes for t in ax.texts}
        assert "frames with a face: 95%" in texts
        assert "track switches: 1  ! wanted at most 0" in texts
        assert "faces turned beyond 30 degrees: 55%  ! wanted at most 10%" in texts
        assert "yaw, 5th to 95th percentile (degrees): 0 to 40" in texts

    def test_panels_and_units(self, clip):
        labels = [ax.get_ylabel() for ax in plot_quality(clip).axes]
        for wanted in (
            "y (pixels)",
            "track",
            "pose\n(degrees)",
            "width\n(pixels)",
            "FaceScore\n(0-1)",
        ):
            assert wanted in labels
        assert plot_quality(clip).axes[-1].get_xlabel() == "time (s)"

    def test_tracks_in_time(self, clip):
        ax = next(ax for ax in plot_quality(clip).axes if ax.get_ylabel() == "track")
        assert [t.get_text() for t in ax.get_yticklabels()] == ["no face", "0", "1", "2"]
        assert [len(line.get_xdata()) for line in ax.lines] == [40, 55, 5, 5, 2]
        np.testing.assert_allclose(ax.lines[-1].get_xdata(), 4.5)  # the switch

    def test_pose_is_in_degrees(self, clip):
        ax = next(ax for ax in plot_quality(clip).axes if ax.get_ylabel().startswith("pose"))
        yaw = next(line for line in ax.lines if line.get_label() == "Yaw")
        np.testing.assert_allclose(yaw.get_ydata().max(), np.rad2deg(0.7))

    def test_a_clip_without_a_face(self, clip):
        figure = clip[clip.status != "ok"].plot_quality()
        texts = {t.get_text() for ax in figure.axes for t in ax.texts}
        assert "frames with a face: 0%  ! wanted at least 90%" in texts
        assert "median face width (pixels): unknown" in texts
        figure.canvas.draw()

    def test_which_clip(self, clip):
        both = FaceTable(pd.concat([clip, clip.assign(input="b.mp4")]))
        with pytest.raises(OptionError, match="input="):
            plot_quality(both)
        assert "b.mp4" in plot_quality(both, "b.mp4").get_suptitle()

    def test_samples_of_a_real_clip(self, media, engine):
        table = engine.analyze(media("single_face.mp4"), every=12)
        figure = table.plot_quality(samples=3)
        assert sum(bool(ax.images) for ax in figure.axes) >= 3
        labels = [ax.get_ylabel() for ax in figure.axes]
        assert "sharpness\n(grey levels²)" in labels
