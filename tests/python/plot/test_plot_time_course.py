"""Time courses: means and confidence intervals against SciPy, lines and labels of the figure."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from mien import FaceTable, InputError, OptionError
from mien.plot import plot_time_course, time_course
from mien.plot._style import COLORS


@pytest.fixture
def clips():
    """Six clips of 2 s at 10 Hz, three of each condition; one misses its last second."""
    rng = np.random.default_rng(0)
    rows = 20
    table = FaceTable(
        {
            "input": np.repeat(list("abcdef"), rows),
            "time": np.tile(np.arange(rows) / 10, 6),
            "AU12": rng.random(6 * rows),
            "Yaw": rng.normal(size=6 * rows),
            "news": np.repeat(["good", "bad"], 3 * rows),
        }
    )
    table.loc[(table.input == "f") & (table.time >= 1), "AU12"] = np.nan
    return table


class TestNumbers:
    def test_clips_count_once_each(self, clips):
        course = time_course(clips, "AU12", by="news", over="input", bin=1.0)
        first = course[(course.news == "good") & (course.time == 0.5)].iloc[0]
        part = clips[(clips.news == "good") & (clips.time < 1)]
        means = part.groupby("input")["AU12"].mean()
        low, high = stats.t.interval(0.95, 2, means.mean(), stats.sem(means))
        np.testing.assert_allclose(
            [first["mean"], first.low, first.high], [means.mean(), low, high]
        )
        assert first.n == 3
        last = course[(course.news == "bad") & (course.time == 1.5)].iloc[0]
        assert last.n == 2

    def test_clips_are_averaged_by_default_where_by_is_given(self, clips):
        one = time_course(clips, "AU12", by="news")
        two = time_course(clips, "AU12", by="news", over="input")
        np.testing.assert_array_equal(one["mean"], two["mean"])

    def test_without_by_a_line_is_a_session_and_the_band_its_frames(self, clips):
        course = time_course(clips, "AU12", bin=1.0, confidence=0.9)
        row = course[(course.input == "b") & (course.time == 0.5)].iloc[0]
        values = clips[(clips.input == "b") & (clips.time < 1)]["AU12"]
        low, high = stats.t.interval(0.9, 9, values.mean(), stats.sem(values))
        np.testing.assert_allclose([row["mean"], row.low, row.high], [values.mean(), low, high])

    def test_sessions_go_before_inputs(self, clips):
        course = time_course(clips.set_sessions("news"), "AU12", bin=2.0)
        assert list(course.news) == ["good", "bad"]

    def test_a_step_without_values_is_left_out(self, clips):
        course = time_course(clips, "AU12", bin=1.0)
        assert course[course.input == "f"].time.tolist() == [0.5]

    def test_one_value_has_no_interval(self, clips):
        course = time_course(clips[clips.input == "a"], "AU12", by="news", bin=1.0)
        assert course.n.tolist() == [1, 1]
        assert course[["low", "high"]].isna().all(axis=None)

    def test_steps_hold_the_times_that_begin_them(self):
        table = FaceTable({"time": np.arange(6) * 0.1, "AU12": np.arange(6.0)})
        course = time_course(table, "AU12", bin=0.3)
        np.testing.assert_allclose(course.time, [0.15, 0.45])
        np.testing.assert_allclose(course["mean"], [1, 4])

    @pytest.mark.parametrize("option", [{"bin": 0}, {"bin": np.inf}, {"confidence": 1.0}])
    def test_options(self, clips, option):
        with pytest.raises(OptionError, match=next(iter(option))):
            time_course(clips, "AU12", **option)

    def test_no_time(self, clips):
        with pytest.raises(InputError, match="no column 'time'"):
            time_course(clips.drop(columns="time"), "AU12")

    def test_no_such_column(self, clips):
        with pytest.raises(InputError, match="mood"):
            time_course(clips, "AU12", by="mood")
        with pytest.raises(InputError, match="AU99"):
            time_course(clips, "AU99")


class TestFigure:
    def test_lines_and_bands_are_the_numbers(self, clips):
        course = time_course(clips, ["AU12", "Yaw"], by="news")
        figure = plot_time_course(clips, ["AU12", "Yaw"], by="news")
        assert isinstance(figure, Figure)
        for ax, column in zip(figure.axes, ["AU12", "Yaw"], strict=True):
            assert len(ax.lines) == len(ax.collections) == 2
            for line, news in zip(ax.lines, ["good", "bad"], strict=True):
                part = course[(course.column == column) & (course.news == news)]
                np.testing.assert_allclose(line.get_ydata(), part["mean"])
                np.testing.assert_allclose(line.get_xdata(), part.time)
            band = ax.collections[0].get_paths()[0].vertices
            good = course[(course.column == column) & (course.news == "good")]
            assert band[:, 1].max() == pytest.approx(good.high.max())
            assert band[:, 1].min() == pytest.approx(good.low.min())

    def test_labels_have_units(self, clips):
        first, last = plot_time_course(clips, ["AU12", "Yaw"], by="news").axes
        assert first.get_ylabel() == "AU12 (intensity, 0-1)"
        assert last.get_ylabel() == "Yaw (rad)"
        assert last.get_xlabel() == "time (s)"
        assert first.get_title(loc="left") == "AU12 lip corner puller; band: 95% confidence"
        assert [t.get_text() for t in first.get_legend().get_texts()] == ["good", "bad"]

    def test_colours_are_okabe_and_itos(self, clips):
        (ax,) = plot_time_course(clips, "AU12").axes
        assert [line.get_color() for line in ax.lines] == list(COLORS[:6])

    def test_axes_of_the_caller(self, clips):
        ax = Figure().add_subplot()
        assert clips.plot_time_course("AU12", ax=ax) is ax
        assert len(ax.lines) == 6
        with pytest.raises(OptionError, match="one column"):
            plot_time_course(clips, ["AU12", "Yaw"], ax=ax)

    def test_figure_of_the_caller(self, clips):
        figure = Figure()
        assert clips.plot_time_course("AU12", figure=figure) is figure
        with pytest.raises(OptionError, match="empty"):
            clips.plot_time_course("AU12", figure=figure)

    def test_too_many_lines(self):
        table = FaceTable({"input": [str(i) for i in range(29)], "time": 0.0, "AU12": 0.5})
        with pytest.raises(OptionError, match="28 lines or fewer, got 29"):
            plot_time_course(table, "AU12")
