"""Eye aspect ratio and blinks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mien
from mien.errors import InputError, OptionError
from mien.facs import blink_rate, blinks, closed_eyes, eye_aspect_ratio, eye_closure


def eye_points(ratio: np.ndarray, x: float) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Six points of an eye 40 pixels wide, opened as wide as the ratio says."""
    half = 20 * ratio
    xs = (0, 13, 27, 40, 27, 13)
    ys = (0, -1, -1, 0, 1, 1)
    return {
        i: (np.full(len(ratio), x + dx), 100 + dy * half)
        for i, (dx, dy) in enumerate(zip(xs, ys, strict=True))
    }


def faces(
    left: list[float], right: list[float] | None = None, fps: float = 30, **columns: object
) -> mien.FaceTable:
    left_ratio = np.array(left, float)
    right_ratio = left_ratio if right is None else np.array(right, float)
    data: dict[str, object] = {
        "input": "clip.mp4",
        "frame": np.arange(len(left_ratio)),
        "time": np.arange(len(left_ratio)) / fps,
        "track": pd.array([0] * len(left_ratio), dtype="Int32"),
    }
    for first, ratio, x in ((36, right_ratio, 100), (42, left_ratio, 200)):
        for i, (px, py) in eye_points(ratio, x).items():
            data[f"x_{first + i}"], data[f"y_{first + i}"] = px, py
    return mien.FaceTable({**data, **columns})


def test_ratio_by_hand() -> None:
    """Heights 6 and 10 over a width of 20: (6 + 10) / (2 * 20)."""
    xs, ys = [0, 6, 14, 20, 14, 6], [0, -3, -5, 0, 5, 3]
    row = {f"x_{42 + i}": [float(x)] for i, x in enumerate(xs)}
    row |= {f"y_{42 + i}": [float(y)] for i, y in enumerate(ys)}
    row |= {f"{a}_{36 + i}": [5.0] for a in "xy" for i in range(6)}
    ratio = eye_aspect_ratio(pd.DataFrame(row, index=[7]))
    assert ratio.loc[7, "EAR_L"] == pytest.approx(0.4)
    assert np.isnan(ratio.loc[7, "EAR_R"])  # no width


@settings(deadline=None, max_examples=20)
@given(st.floats(0.05, 0.5), st.floats(0.1, 10), st.floats(-np.pi, np.pi))
def test_ratio_knows_neither_size_nor_tilt(ratio: float, size: float, angle: float) -> None:
    table = faces([ratio])
    turned = table.copy()
    for i in range(36, 48):
        x, y = table[f"x_{i}"], table[f"y_{i}"]
        turned[f"x_{i}"] = size * (x * np.cos(angle) - y * np.sin(angle))
        turned[f"y_{i}"] = size * (x * np.sin(angle) + y * np.cos(angle))
    np.testing.assert_allclose(eye_aspect_ratio(turned), ratio, rtol=1e-6)


def test_closed_eyes_and_missing_face() -> None:
    shut = closed_eyes(faces([0.3, 0.1, np.nan], [0.1, 0.1, np.nan]))
    assert shut["left"].tolist() == [False, True, pd.NA]
    assert shut["right"].tolist() == [True, True, pd.NA]


OPEN = [0.3] * 20
BLINK = [0.2, 0.1, 0.05, 0.1, 0.2]  # closures of 1/3, 2/3, 5/6, 2/3, 1/3


def test_phases_of_one_blink() -> None:
    found = blinks(faces(OPEN + BLINK + OPEN))
    assert found["eye"].tolist() == ["left", "right"]
    frames = found[["onset", "closing", "apex", "opening", "offset"]] * 30
    np.testing.assert_allclose(frames, [[20, 21, 22, 24, 25]] * 2)
    np.testing.assert_allclose(found["duration"], 5 / 30)
    np.testing.assert_allclose(found["peak"], 5 / 6)


def test_wink_and_long_closure() -> None:
    """The left eye winks; later both stay shut for a second, which is no blink."""
    left = OPEN + BLINK + OPEN * 2 + [0.02] * 30 + OPEN
    right = OPEN + [0.3] * 5 + OPEN * 2 + [0.02] * 30 + OPEN
    found = blinks(faces(left, right))
    assert found["eye"].tolist() == ["left"]
    long = blinks(faces(left, right), max_duration=2.0)
    assert long["eye"].tolist() == ["left", "left", "right"]


def test_blink_cut_by_a_gap_is_left_out() -> None:
    left = [*OPEN, 0.2, 0.1, np.nan, np.nan, *OPEN]
    assert blinks(faces(left)).empty
    assert len(blinks(faces(left), bridge=0.15)) == 2


def test_closure_is_relative_to_the_face() -> None:
    """Narrow eyes blink as well as wide ones."""
    wide = np.array(OPEN + BLINK + OPEN)
    narrow = faces(list(0.5 * wide))
    assert len(blinks(narrow)) == 2
    np.testing.assert_allclose(eye_closure(narrow), eye_closure(faces(list(wide))))


def test_units_have_their_say() -> None:
    """A unit that stays silent halves the closure; an eye's own column has precedence."""
    steady = OPEN + [0.0] * 3 + OPEN
    quiet = faces(steady, AU43=0.0)
    assert eye_closure(quiet)["left"].max() == pytest.approx(0.5)
    own = faces(steady, AU45=0.0, AU45_L=(np.array(steady) == 0).astype(float))
    assert eye_closure(own).max().tolist() == pytest.approx([1.0, 0.5, 0.75])
    unseen = faces(steady, AU43=np.nan)
    assert eye_closure(unseen)["left"].max() == pytest.approx(1.0)


def test_rate_counts_seen_time_only() -> None:
    left = OPEN + BLINK + OPEN + [np.nan] * 300 + OPEN + BLINK + OPEN
    rate = blink_rate(faces(left))
    assert rate["eye"].tolist() == ["left", "right", "both"]
    assert rate["blinks"].tolist() == [2, 2, 2]
    np.testing.assert_allclose(rate["seconds"], 2 * 44 / 30)
    np.testing.assert_allclose(rate["rate"], 60 * 2 / (2 * 44 / 30))
    only = blink_rate(faces([0.3]), ["both"])
    assert only["blinks"].tolist() == [0]
    assert only["rate"].isna().all()


def test_people_apart() -> None:
    one, two = faces(OPEN + BLINK + OPEN), faces(OPEN + [0.3] * 5 + OPEN)
    two["track"] = two["track"] + 1
    rate = blink_rate(pd.concat([one, two], ignore_index=True), ["both"])
    assert rate[["track", "blinks"]].to_numpy().tolist() == [[0, 1], [1, 0]]


def test_bad_input() -> None:
    with pytest.raises(InputError, match="x_42"):
        eye_aspect_ratio(pd.DataFrame({"AU12": [0.1]}))
    with pytest.raises(InputError, match="time"):
        blinks(faces(OPEN).drop(columns="time"))
    with pytest.raises(OptionError, match="thresholds"):
        blinks(faces(OPEN), closed=0.1)
    with pytest.raises(OptionError, match="eyes"):
        blinks(faces(OPEN), ["third"])
    with pytest.raises(OptionError, match="eyes"):
        blinks(faces(OPEN), "left")


def test_methods() -> None:
    table = faces(OPEN + BLINK + OPEN)
    assert len(table.blinks()) == 2
    assert table.blink_rate()["blinks"].tolist() == [1, 1, 1]
    assert table.eye_aspect_ratio().shape == table.closed_eyes().shape == (len(table), 2)


def test_blink_in_a_real_clip(engine: mien.Engine, media) -> None:
    """The smiling person of the clip blinks once, at 0.9 s, with both eyes, and squints all the
    while after it.
    """
    found = engine.analyze(media("single_face.mp4")).blinks(("left", "right", "both"))
    assert found["eye"].tolist() == ["left", "right", "both"]
    np.testing.assert_allclose(found["apex"], 0.9, atol=0.04)
    assert found["duration"].between(0.09, 0.41).all()
