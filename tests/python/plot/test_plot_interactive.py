"""Plotly's twins draw the numbers that their matplotlib namesakes draw."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mien import FaceTable, OptionError
from mien.plot import cooccurrence, face_model, time_course
from mien.preprocess.extras import MissingExtraError

go = pytest.importorskip("plotly.graph_objects")
from mien.plot import interactive


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    rows = 40
    return FaceTable(
        {
            "input": np.repeat(["a", "b"], rows // 2),
            "frame": np.tile(np.arange(rows // 2), 2),
            "time": np.tile(np.arange(rows // 2) / 10, 2),
            "track": 0,
            "AU06": rng.random(rows),
            "AU12": rng.random(rows),
            "valence": rng.uniform(-1, 1, rows),
            "arousal": rng.uniform(-1, 1, rows),
        }
    )


def test_time_course(table):
    figure = interactive.plot_time_course(table, "AU12")
    course = time_course(table, "AU12")
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [line.name for line in lines] == ["a", "b"]
    np.testing.assert_allclose(lines[1].y, course[course.input == "b"]["mean"])
    assert figure.layout.yaxis.title.text == "AU12 (intensity, 0-1)"
    assert figure.layout.xaxis.title.text == "time (s)"
    band = figure.data[0]
    assert max(band.y) == pytest.approx(course[course.input == "a"].high.max())


def test_cooccurrence(table):
    (field,) = interactive.plot_cooccurrence(table).data
    np.testing.assert_allclose(np.array(field.z, float), cooccurrence(table))
    assert (field.zmin, field.zmax) == (0, 1)


def test_isc(table):
    from mien.stats.intersubject import isc

    found = isc(table, "AU12")
    figure = interactive.plot_isc(found)
    np.testing.assert_allclose(np.array(figure.data[0].z, float), found.matrix())
    assert "ISC" in figure.layout.title.text


def test_circumplex(table):
    figure = interactive.plot_circumplex(table)
    assert [trace.name for trace in figure.data] == ["a, track 0", "b, track 0"]
    np.testing.assert_allclose(figure.data[0].x, table[table.input == "a"].valence)
    assert "valence" in figure.layout.xaxis.title.text


def test_face():
    figure = interactive.plot_face({"AU12": 0.8})
    points = next(trace for trace in figure.data if trace.mode == "markers" and trace.text)
    np.testing.assert_allclose(
        np.stack([points.x, points.y], 1), face_model().landmarks({"AU12": 0.8})
    )
    named = [trace.text for trace in figure.data if trace.fill == "toself"]
    assert "zygomaticus major L: 0.80 (AU12)" in named


def test_figure_of_the_caller(table):
    figure = go.Figure()
    assert interactive.plot_circumplex(table, figure=figure) is figure
    with pytest.raises(OptionError, match="wanted a plotly figure, got str"):
        interactive.plot_face(figure="x")


def test_without_plotly(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(MissingExtraError, match=r"mien\[plot\]"):
        interactive.plot_face()
