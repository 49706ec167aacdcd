"""The shipped face model moves the landmarks that each action unit is about, and says where it
comes from.
"""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien import FaceTable, InputError
from mien.facs import BASIC
from mien.plot import face_model
from mien.plot._landmarks import MIRROR
from mien.plot.face_model import load_face_model

MODEL = face_model()
intensity = st.floats(0, 1)


def moved(au, points):
    """Mean movement (dx, dy) of landmarks."""
    return (MODEL.landmarks(au) - MODEL.neutral)[list(points)].mean(0)


def gap(face, upper, lower):
    return face[lower, 1] - face[upper, 1]


# What the units do, after the FACS manual: unit, landmarks, and the least they move in x or y (y is
# down).
DIRECTIONS = [
    ("AU01", (21, 22), "y", -0.05),
    ("AU02", (17, 18, 25, 26), "y", -0.05),
    ("AU04", (20, 21, 22, 23), "y", 0.03),
    ("AU09", (31, 35), "y", -0.03),
    ("AU09", (21, 22), "y", 0.03),
    ("AU12", (48, 54), "y", -0.05),
    ("AU12", (54,), "x", 0.05),
    ("AU15", (48, 54), "y", 0.005),
    ("AU16", (57, 58, 56), "y", 0.02),
    ("AU17", (57, 58, 56), "y", -0.03),
    ("AU18", (48,), "x", 0.03),
    ("AU20", (54,), "x", 0.04),
    ("AU25", (57, 66), "y", 0.1),
    ("AU26", (8,), "y", 0.2),
    ("AU26", (57,), "y", 0.04),
]


@pytest.mark.parametrize(("unit", "points", "axis", "least"), DIRECTIONS)
def test_units_move_what_they_are_about(unit, points, axis, least):
    found = moved({unit: 1}, points)["xy".index(axis)]
    assert np.sign(found) == np.sign(least)
    assert abs(found) > abs(least)


def test_eyes_open_and_close():
    open_, shut = MODEL.landmarks({"AU05": 1}), MODEL.landmarks({"AU43": 1})
    for upper, lower in ((37, 41), (44, 46)):
        assert gap(open_, upper, lower) > gap(MODEL.neutral, upper, lower) > gap(shut, upper, lower)
        assert gap(shut, upper, lower) > 0


def test_lips_part_and_are_pressed():
    assert gap(MODEL.landmarks({"AU25": 1}), 62, 66) > 0.2 > gap(MODEL.neutral, 62, 66)


def test_units_of_the_upper_face_leave_the_mouth_and_jaw_alone():
    for unit in ("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU43"):
        still = [*range(17), *range(48, 68)]
        np.testing.assert_array_equal(MODEL.landmarks({unit: 1})[still], MODEL.neutral[still])


def test_the_jaw_drops_and_nothing_else_moves_it():
    for unit in MODEL.whole_units:
        moves = np.abs(MODEL.landmarks({unit: 1}) - MODEL.neutral)[:17].max()
        assert (moves > 0.1) == (unit == "AU26"), unit


def test_unit_is_the_distance_between_the_eyes():
    right, left = MODEL.neutral[36:42].mean(0), MODEL.neutral[42:48].mean(0)
    # The mean face has that distance exactly; the neutral one nearly.
    assert np.linalg.norm(left - right) == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(left + right, 0, atol=0.05)


def mirrored(face):
    return face[MIRROR] * [-1, 1]


@given(st.dictionaries(st.sampled_from(MODEL.units), intensity, max_size=8))
def test_mirrored_units_make_the_mirrored_face(au):
    other = {
        name[:-1] + {"L": "R", "R": "L"}[name[-1]] if "_" in name else name: v
        for name, v in au.items()
    }
    np.testing.assert_allclose(MODEL.landmarks(other), mirrored(MODEL.landmarks(au)), atol=1e-4)


@given(st.dictionaries(st.sampled_from(MODEL.whole_units), intensity, max_size=5), intensity)
def test_movement_is_linear(au, share):
    part = MODEL.landmarks({name: share * value for name, value in au.items()}) - MODEL.neutral
    np.testing.assert_allclose(part, share * (MODEL.landmarks(au) - MODEL.neutral), atol=1e-9)


def test_a_whole_unit_is_both_sides_and_a_named_side_goes_before_it():
    np.testing.assert_array_equal(
        MODEL.values({"AU12": 0.7}), MODEL.values({"AU12_L": 0.7, "AU12_R": 0.7})
    )
    np.testing.assert_array_equal(
        MODEL.values({"AU12": 0.7, "AU12_L": 0.1}), MODEL.values({"AU12_R": 0.7, "AU12_L": 0.1})
    )


def test_arrays_go_by_the_models_order_with_and_without_sides():
    values = np.linspace(0, 1, len(MODEL.units))
    np.testing.assert_array_equal(MODEL.values(values), values)
    whole = np.zeros(len(MODEL.whole_units))
    whole[MODEL.whole_units.index("AU12")] = 1
    np.testing.assert_array_equal(MODEL.values(whole), MODEL.values({"AU12": 1}))


def test_a_row_gives_the_units_that_the_model_knows():
    row = FaceTable({"AU12": [0.5], "AU11": [0.9], "happiness": [1.0], "AU06_L": [0.2]}).iloc[0]
    np.testing.assert_array_equal(MODEL.values(row), MODEL.values({"AU12": 0.5, "AU06_L": 0.2}))


@pytest.mark.parametrize("name", [n for n in BASIC if n not in ("neutral", "sadness")])
def test_expressions_are_their_units(name):
    wanted = {f"AU{number:02d}": weight for number, weight in BASIC[name].items()}
    np.testing.assert_array_equal(MODEL.values(name), MODEL.values(wanted))


def test_neutral_is_nothing():
    assert not MODEL.values("neutral").any()
    assert not MODEL.values().any()


@pytest.mark.parametrize(
    ("au", "message"),
    [
        ({"AU99": 1}, "has no AU99; it has AU01"),
        ({"AU12": np.nan}, "AU12 is nan"),
        ({"AU12": "much"}, "wanted a number for AU12"),
        ("bliss", "wanted one of neutral"),
        (np.zeros(5), r"got shape \(5,\)"),
        (pd.Series({"Yaw": 0.1}), "no action unit"),
    ],
)
def test_what_is_not_units_is_named(au, message):
    with pytest.raises(InputError, match=message):
        MODEL.values(au)


class TestFile:
    def test_provenance(self):
        made = MODEL.provenance
        assert made["license"] == "Apache-2.0"
        assert made["datasets"] == ["lfw", "utkface"]
        assert 0.15 < made["figures"]["r2"] < 1  # above the published model's
        assert made["folds"] == 3
        assert made["drawn_by_hand"] == ["AU09"]

    def test_it_is_small(self):
        from importlib.resources import files

        assert len(files("mien.plot").joinpath("face_model.npz").read_bytes()) < 60_000

    def test_arrays_cannot_be_changed(self):
        with pytest.raises(ValueError, match="read-only"):
            MODEL.neutral[0] = 0

    @pytest.mark.parametrize("content", [b"", b"not an archive"])
    def test_another_file(self, content):
        with pytest.raises(InputError, match="face model: not one"):
            load_face_model(io.BytesIO(content))

    def test_arrays_that_do_not_fit(self):
        file = io.BytesIO()
        np.savez(
            file,
            units=np.array(["AU12"]),
            neutral=np.zeros((68, 2)),
            movement=np.zeros((2, 68, 2)),
            provenance=np.array(json.dumps({})),
        )
        file.seek(0)
        with pytest.raises(InputError, match=r"movement \(1, 68, 2\)"):
            load_face_model(file)
