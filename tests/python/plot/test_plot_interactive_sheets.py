"""Plotly's frames and quality sheets hold what their matplotlib namesakes draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from plot_tables import SIZE, interrupted, smiling

from mien import FaceTable, InputError, OptionError
from mien.plot import plot_detections
from mien.plot._heat import activation_scale
from mien.plot.quality_sheet import WARN

pytest.importorskip("plotly")
from mien.plot import interactive

IMAGE = np.full((*SIZE, 3), 200, np.uint8)


def traces(figure, kind):
    return [trace for trace in figure.data if trace.type == kind]


def points_of(figure):
    return next(t for t in figure.data if (t.hovertemplate or "").startswith("landmark"))


class TestDetections:
    def test_it_draws_what_its_namesake_draws(self):
        table = smiling()
        figure = interactive.plot_detections(table, 2, IMAGE)
        ax, units, expressions = plot_detections(table, 2, IMAGE).axes
        assert figure.layout.title.text == ax.get_title(loc="left")
        drawn = [np.stack([t.x, t.y], 1) for t in traces(figure, "scatter") if t.mode == "lines"]
        for line in ax.lines:
            assert any(np.array_equal(line.get_xydata(), points) for points in drawn)
        arrows = [a for a in figure.layout.annotations if a.showarrow]
        wanted = [text for text in ax.texts if getattr(text, "arrowprops", None)]
        assert [(a.x, a.y, a.ax, a.ay) for a in arrows] == [(*w.xy, *w.xyann) for w in wanted]
        labels = [a.text for a in figure.layout.annotations if not a.showarrow]
        assert labels == [t.get_text() for t in ax.texts if t not in wanted]
        bars = traces(figure, "bar")
        widths = [
            [bar.get_width() for bar in part] for p in (units, expressions) for part in p.containers
        ]
        assert [list(bar.x) for bar in (bars[0], bars[1], bars[2], bars[3])] == widths
        assert list(bars[0].y) == [t.get_text() for t in units.get_yticklabels()]
        assert figure.layout.xaxis2.title.text == "action units (intensity, 0-1)"

    def test_the_image_lies_beneath_in_pixels(self):
        figure = interactive.plot_detections(smiling(), 1, IMAGE)
        (image,) = figure.layout.images
        assert (image.x, image.y, image.sizex, image.sizey) == (-0.5, -0.5, SIZE[1], SIZE[0])
        assert image.source.startswith("data:image/png")
        assert figure.layout.yaxis.range == (SIZE[0] - 0.5, -0.5)
        assert figure.layout.yaxis.scaleanchor == "x"

    def test_box_and_landmarks_speak(self):
        table = smiling()
        figure = interactive.plot_detections(table, 1, IMAGE)
        box = next(t for t in figure.data if t.hoveron == "fills")
        assert {"Pitch 0°", "gaze_yaw 29°"} <= set(box.text.split("<br>"))
        points, face = points_of(figure), table[table.frame == 1].iloc[0]
        np.testing.assert_array_equal(points.x, face.landmarks_x.to_numpy(float))
        assert points.text[30] == "30"

    def test_muscles(self):
        figure = interactive.plot_detections(smiling(), 1, IMAGE, muscles=True)
        said = {t.text: t for t in figure.data if t.text and "zygomaticus major" in t.text}
        left = said["zygomaticus major L: 0.90 (AU12)"]
        assert left.opacity == 0.7
        rgb = [int(left.fillcolor[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        assert rgb == pytest.approx(activation_scale().to_rgba(0.9)[:3], abs=0.01)

    def test_parts_can_be_left_out(self):
        bare = dict.fromkeys(("faceboxes", "landmarks", "poses", "gazes", "aus", "emotions"), False)
        figure = interactive.plot_detections(smiling(), 1, IMAGE, **bare)
        assert not figure.data
        assert not figure.layout.annotations
        assert figure.layout.xaxis.domain == (0, 1)

    def test_nobody(self):
        figure = interactive.plot_detections(smiling(), 0, IMAGE)
        assert "no face" in figure.layout.title.text
        assert not figure.data

    def test_errors(self):
        table = smiling()
        with pytest.raises(OptionError, match="frame="):
            interactive.plot_detections(table)
        with pytest.raises(InputError, match="height 300, width 400, got height 10"):
            interactive.plot_detections(table, 1, IMAGE[:10])
        with pytest.raises(InputError, match="muscles need"):
            interactive.plot_detections(table.drop(columns=list(table.aus)), 1, IMAGE, muscles=True)


class TestQuality:
    def test_figures(self):
        (lines,) = traces(interactive.plot_quality(interrupted()), "table")
        said = list(zip(*lines.cells["values"], strict=True))
        assert ("frames with a face", "95%", "") in said
        assert ("track switches", "1", "! wanted at most 0") in said
        (inks,) = lines.cells.font.color
        marked = [line for line, ink in zip(said, inks, strict=True) if ink == WARN]
        assert marked == [line for line in said if line[2]]

    def test_positions_are_counts_of_faces(self):
        (field,) = traces(interactive.plot_quality(interrupted()), "heatmap")
        counts = np.array(field.z, float)
        assert np.nansum(counts) == 100
        row, column = int(90 / (240 / 18)), int(130 / (320 / 32))
        assert counts[row, column] == 95  # the first two tracks
        assert field.zmax == 95

    def test_panels_over_time_share_their_axis(self):
        clip = interrupted()
        figure = interactive.plot_quality(clip)
        marks = {}
        for trace in traces(figure, "scattergl"):
            assert trace.xaxis == "x2"
            marks.setdefault(figure.layout[f"yaxis{trace.yaxis[1:]}"].title.text, []).append(trace)
        track, pose, width, score = marks.values()
        assert [len(t.x) for t in track] == [5, 40, 55, 5]
        assert [t.name for t in pose] == ["Pitch", "Roll", "Yaw"]
        assert max(pose[2].y) == pytest.approx(np.rad2deg(0.7))
        assert {y for t in width for y in t.y} == {60.0}
        assert {y for t in score for y in t.y} == {0.9}
        assert figure.layout.yaxis2.ticktext == ("no face", "0", "1", "2")
        (switch,) = [s for s in figure.layout.shapes if s.xref == "x2"]
        assert switch.x0 == switch.x1 == 4.5
        rules = [s.y0 for s in figure.layout.shapes if s.xref == "x2 domain"]
        assert rules == pytest.approx([-30, 30, 48, 0.7])

    def test_without_poses_or_faces(self):
        clip = interrupted()
        flat = interactive.plot_quality(clip.drop(columns=["Pitch", "Roll", "Yaw"]))
        assert "yaxis5" not in flat.layout
        empty = interactive.plot_quality(clip[clip.status != "ok"])
        assert np.isnan(np.array(traces(empty, "heatmap")[0].z, float)).all()

    def test_which_clip(self):
        clip = interrupted()
        both = FaceTable(pd.concat([clip, clip.assign(input="b.mp4")]))
        with pytest.raises(OptionError, match="input="):
            interactive.plot_quality(both)
        assert "b.mp4" in interactive.plot_quality(both, "b.mp4").layout.title.text

    def test_samples_of_a_real_clip(self, media, engine):
        table = engine.analyze(media("single_face.mp4"), every=12)
        figure = interactive.plot_quality(table, samples=3)
        sharp = traces(figure, "scattergl")[-1]
        assert figure.layout[f"yaxis{sharp.yaxis[1:]}"].title.text.startswith("sharpness")
        assert len(sharp.y) == 3
