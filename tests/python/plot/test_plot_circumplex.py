"""The circumplex: lines through valence and arousal, broken in gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from mien import FaceTable, InputError
from mien.plot import plot_circumplex


@pytest.fixture
def one():
    """Ten rows a tenth of a second apart; row 4 has no face."""
    time = np.arange(10) / 10
    table = FaceTable(
        {
            "input": "a.mp4",
            "frame": np.arange(10),
            "time": time,
            "track": 0,
            "valence": time - 0.4,
            "arousal": 0.5 - time,
        }
    )
    table.loc[4, ["valence", "arousal"]] = np.nan
    return table


def trail(ax):
    (found,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    return found


def test_a_single_face_is_coloured_by_time_and_broken_in_gaps(one):
    ax = plot_circumplex(one)
    line = trail(ax)
    assert len(line.get_segments()) == 7  # 9 steps less the two at the gap
    np.testing.assert_allclose(line.get_segments()[0], [[-0.4, 0.5], [-0.3, 0.4]])
    np.testing.assert_allclose(line.get_array()[:2], [0.05, 0.15])
    bar = next(other for other in ax.figure.axes if other is not ax)
    assert bar.get_ylabel() == "time (s)"


def test_the_dot_is_the_mean(one):
    ax = plot_circumplex(one)
    dot = ax.lines[-1].get_xydata()
    np.testing.assert_allclose(dot, [one[["valence", "arousal"]].mean()])


def test_several_faces_have_lines_and_names(one):
    ax = plot_circumplex(FaceTable(pd.concat([one, one.assign(track=1, valence=0.1)])))
    names = [t.get_text() for t in ax.get_legend().get_texts()]
    assert names == ["a.mp4, track 0", "a.mp4, track 1"]
    lines = [line for line in ax.lines if line.get_label() in names]
    assert len(lines) == 2
    assert np.isnan(lines[0].get_xydata()).any(axis=1).sum() == 1


def test_labels_and_quadrants(one):
    ax = plot_circumplex(one, neutral=0.2)
    assert {t.get_text() for t in ax.texts} == {"excited", "distressed", "depressed", "calm"}
    assert "valence" in ax.get_xlabel()
    assert "arousal" in ax.get_ylabel()
    assert sorted(patch.get_radius() for patch in ax.patches) == [0.2, 0.5, 1.0]


def test_points_need_no_time(one):
    table = one.drop(columns=["time", "frame"])
    ax = table.plot_circumplex(lines=False)
    points = np.concatenate([c.get_offsets() for c in ax.collections])
    np.testing.assert_allclose(points, one[["valence", "arousal"]].dropna())
    with pytest.raises(InputError, match="time"):
        table.plot_circumplex()


def test_nothing_to_draw(one):
    with pytest.raises(InputError, match="valence"):
        plot_circumplex(one.drop(columns="valence"))
    with pytest.raises(InputError, match="no row"):
        plot_circumplex(one.assign(valence=np.nan))
