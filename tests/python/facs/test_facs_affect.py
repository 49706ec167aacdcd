"""Valence and arousal as a circle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import circmean, circstd, circvar

import mien
from mien.errors import InputError, OptionError
from mien.facs import circumplex, quadrants


def clip(points: list[tuple[float, float]], times: list[float] | None = None) -> mien.FaceTable:
    valence, arousal = np.array(points, float).T
    time = np.arange(len(points)) / 10 if times is None else times
    return mien.FaceTable(
        {"time": time, "frame": range(len(points)), "valence": valence, "arousal": arousal}
    )


CORNERS = [(0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5), (0.5, -0.5)]


def test_quadrants_and_their_borders() -> None:
    points = [*CORNERS, (0.5, 0.0), (0.0, 0.5), (-0.5, 0.0), (0.0, -0.5), (0.0, 0.0), (np.nan, 0)]
    found = quadrants(clip(points))
    names = ["excited", "distressed", "depressed", "calm"]
    assert found.tolist()[:9] == [*names, "excited", "excited", "distressed", "calm", "neutral"]
    assert found.isna().tolist() == [False] * 9 + [True]
    near = quadrants(clip([(0.3, 0.4), (0.3, 0.41)]), neutral=0.5)
    assert near.tolist() == ["neutral", "excited"]


def test_statistics_are_scipys() -> None:
    rng = np.random.default_rng(3)
    points = rng.normal((0.2, -0.1), 0.3, (200, 2))
    angle = np.arctan2(points[:, 1], points[:, 0])
    row = circumplex(clip(points)).iloc[0]
    assert row["angle"] == pytest.approx(circmean(angle, high=np.pi, low=-np.pi))
    assert row["variance"] == pytest.approx(circvar(angle))
    assert row["deviation"] == pytest.approx(circstd(angle))
    assert row["resultant"] == pytest.approx(1 - circvar(angle))
    assert row["n"] == 200
    assert row["valence"] == pytest.approx(points[:, 0].mean())
    assert row["intensity"] == pytest.approx(np.hypot(*points.T).mean())


def test_mean_direction_crosses_pi() -> None:
    """Just above and just below the negative axis, the mean points along it, not the other way."""
    row = circumplex(clip([(-0.5, 0.1), (-0.5, -0.1)])).iloc[0]
    assert abs(row["angle"]) == pytest.approx(np.pi)


def test_time_in_quadrants_by_the_clock() -> None:
    row = circumplex(clip([*CORNERS, (0.0, 0.0)], [0.0, 0.1, 0.3, 0.7, 1.5])).iloc[0]
    spent = row[["seconds_excited", "seconds_distressed", "seconds_depressed", "seconds_calm"]]
    assert spent.tolist() == pytest.approx([0.1, 0.2, 0.4, 0.8])
    assert row["seconds_neutral"] == 0  # the last row lasts for nothing known


def test_gap_is_nobodys_time() -> None:
    points = [CORNERS[0], CORNERS[0], (np.nan, np.nan), CORNERS[0], CORNERS[0]]
    assert circumplex(clip(points))["seconds_excited"].tolist() == pytest.approx([0.2])
    assert circumplex(clip(points), bridge=0.25)["seconds_excited"].tolist() == pytest.approx([0.4])


def test_faces_apart() -> None:
    one, two = clip([CORNERS[0]] * 3), clip([CORNERS[2]] * 2)
    table = pd.concat([one.assign(input="a"), two.assign(input="b")], ignore_index=True)
    found = circumplex(table)
    assert found["input"].tolist() == ["a", "b"]
    np.testing.assert_allclose(found["angle"], [np.pi / 4, -3 * np.pi / 4])
    np.testing.assert_allclose(found["resultant"], 1)
    np.testing.assert_allclose(found["seconds_depressed"], [0, 0.1])


def test_origin_has_no_direction() -> None:
    row = circumplex(clip([(0.0, 0.0), (0.0, 0.5)])).iloc[0]
    assert row["angle"] == pytest.approx(np.pi / 2)
    still = circumplex(clip([(0.0, 0.0)])).iloc[0]
    assert still[["angle", "resultant", "variance", "deviation"]].isna().all()


points = st.lists(st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)), min_size=2, max_size=30)


@settings(deadline=None, max_examples=20)
@given(points, st.sampled_from([0.5, 3.0]))
def test_scaling_time_scales_time_in_quadrant(where: list, factor: float) -> None:
    table = clip(where)
    slow = circumplex(table.assign(time=table["time"] * factor))
    assert slow.loc[0, "seconds_excited"] == pytest.approx(factor * (len(where) - 1) / 10)
    turned = circumplex(table.assign(valence=-table["arousal"], arousal=table["valence"]))
    assert turned.loc[0, "angle"] == pytest.approx(slow.loc[0, "angle"] + np.pi / 2)
    assert turned.loc[0, "variance"] == pytest.approx(slow.loc[0, "variance"], abs=1e-12)


def test_bad_input() -> None:
    with pytest.raises(InputError, match="arousal"):
        quadrants(pd.DataFrame({"valence": [0.1]}))
    with pytest.raises(OptionError, match="neutral"):
        quadrants(clip(CORNERS), neutral=-0.1)
    with pytest.raises(InputError, match="time"):
        clip(CORNERS).drop(columns="time").circumplex()
    assert clip(CORNERS).quadrants().tolist()[0] == "excited"
