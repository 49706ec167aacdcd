"""Events of action units in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import apply_hysteresis_threshold

import mien
from mien.errors import InputError, OptionError
from mien.facs import events

TIMES = ["onset", "apex", "offset", "duration"]


def clip(
    values: list[float], times: list[float] | None = None, **columns: object
) -> mien.FaceTable:
    time = np.arange(len(values)) / 10 if times is None else times
    return mien.FaceTable({"time": time, "AU12": values, **columns})


def test_one_event_by_hand() -> None:
    found = events(clip([0.1, 0.35, 0.6, 0.9, 0.4, 0.2, 0.1]))
    assert found.to_dict("records") == [
        {
            "unit": "AU12",
            "onset": 0.1,
            "apex": pytest.approx(0.3),
            "offset": 0.5,
            "duration": pytest.approx(0.4),
            "peak": 0.9,
            "complete": True,
        }
    ]


def test_true_time_not_frame_count() -> None:
    """Ten frames a second, then two: the event lasts as long as the clock says."""
    found = events(clip([0.0, 0.9, 0.8, 0.0], [0.0, 0.1, 0.6, 1.1]))
    assert found[TIMES].iloc[0].tolist() == pytest.approx([0.1, 0.1, 1.1, 1.0])


def test_flicker_about_one_threshold_is_one_event() -> None:
    values = [0.0, 0.6, 0.4, 0.6, 0.4, 0.6, 0.0]
    assert len(events(clip(values))) == 1
    assert len(events(clip(values), high=0.5, low=0.5)) == 3


def test_weak_activity_is_none() -> None:
    assert events(clip([0.0, 0.45, 0.4, 0.0])).empty


def test_recording_cuts_event() -> None:
    found = events(clip([0.9, 0.9, 0.0, 0.0, 0.9]))
    assert found["complete"].tolist() == [False, False]
    assert found["offset"].tolist() == pytest.approx([0.2, 0.4])
    assert found["duration"].tolist() == pytest.approx([0.2, 0.0])


@pytest.mark.parametrize("gap", ["nan", "nobody", "left out"])
def test_gap_ends_event_or_is_bridged(gap: str) -> None:
    """Frames 2 and 3 lack the face; from the value before to the value after it's 0.3 s."""
    values = np.array([0.0, 0.9, np.nan, np.nan, 0.8, 0.0])
    table = clip(values, frame=range(6), input="a", track=pd.array([0] * 6, dtype="Int32"))
    lost = table["AU12"].isna()
    if gap == "nobody":
        table.loc[lost, "track"] = pd.NA
    if gap == "left out":
        table = table[~lost]
    ended = events(table)
    assert ended["onset"].tolist() == pytest.approx([0.1, 0.4])
    assert ended["offset"].tolist() == pytest.approx([0.1, 0.5])
    assert ended["complete"].tolist() == [False, False]
    assert events(table, bridge=0.29).shape[0] == 2
    bridged = events(table, bridge=0.31)
    assert bridged[TIMES].iloc[0].tolist() == pytest.approx([0.1, 0.1, 0.5, 0.4])
    assert bridged["complete"].tolist() == [True]


def test_every_third_frame_is_no_gap() -> None:
    table = clip([0.0, 0.9, 0.9, 0.0], frame=[0, 3, 6, 9])
    assert events(table)["duration"].tolist() == pytest.approx([0.2])


def test_faces_and_inputs_apart() -> None:
    table = pd.DataFrame(
        {
            "input": ["b"] * 6 + ["a"] * 3,
            "time": [0.0, 0.0, 0.1, 0.1, 0.2, 0.2, 0.0, 0.1, 0.2],
            "track": pd.array([0, 1] * 3 + [0] * 3, dtype="Int32"),
            "AU12": [0.0, 0.9, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9],
        }
    )
    found = events(table.sample(frac=1, random_state=0))
    keyed = found.sort_values(["input", "track"])[["input", "track", "onset"]]
    assert keyed.to_numpy().tolist() == [["a", 0, 0.2], ["b", 0, 0.1], ["b", 1, 0.0]]
    whole = table.assign(group=1).drop(columns=["input", "track"]).iloc[6:]
    assert events(whole, by=["group"])["group"].tolist() == [1]


def test_thresholds_for_each_column_and_least_duration() -> None:
    table = clip([0.0, 0.4, 0.0, 0.0], happiness=[0.0, 0.9, 0.9, 0.0])
    both = {"high": {"AU12": 0.3, "happiness": 0.5}, "low": {"AU12": 0.2, "happiness": 0.5}}
    found = events(table, ["happiness", "AU12"], **both)
    assert found["unit"].tolist() == ["happiness", "AU12"]
    long = events(table, ["happiness", "AU12"], min_duration=0.15, **both)
    assert long["unit"].tolist() == ["happiness"]


def test_none_has_all_columns_and_types() -> None:
    some, none = events(clip([0.0, 0.9, 0.0])), events(clip([0.0, 0.0, 0.0]))
    assert list(none.columns) == list(some.columns)
    assert none["complete"].dtype == bool
    assert events(clip([])).empty
    assert events(clip([np.nan, np.nan])).empty


@pytest.mark.parametrize(
    ("table", "options", "error", "says"),
    [
        (pd.DataFrame({"AU12": [0.1]}), {}, InputError, "time"),
        (pd.DataFrame({"time": [0.1]}), {}, InputError, "AU12"),
        (clip([0.1, 0.2], [0.0, np.nan]), {}, InputError, "no time"),
        (clip([0.1, 0.2], [0.0, 0.0]), {}, InputError, "track"),
        (clip([0.1]), {"columns": ["AU99"]}, InputError, "AU99"),
        (clip([0.1], who=["x"]), {"columns": ["who"]}, InputError, "numbers"),
        (clip([0.1]), {"low": 0.6}, OptionError, "low"),
        (clip([0.1]), {"high": {}}, OptionError, "AU12"),
        (clip([0.1]), {"bridge": -1.0}, OptionError, "bridge"),
        (clip([0.1]), {"min_duration": float("nan")}, OptionError, "min_duration"),
        (clip([0.1]), {"by": ["person"]}, OptionError, "person"),
    ],
)
def test_bad_input_says_what_to_do(table, options, error, says) -> None:
    with pytest.raises(error, match=says):
        events(table, **options)


intensities = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=60)


@settings(deadline=None, max_examples=40)
@given(intensities, st.floats(0, 0.4))
def test_never_overlap_and_keep_their_order(values: list[float], bridge: float) -> None:
    found = events(clip(values, frame=range(len(values))), bridge=bridge)
    assert (found["onset"] <= found["apex"]).all()
    assert (found["apex"] <= found["offset"]).all()
    assert (found["onset"].to_numpy()[1:] >= found["offset"].to_numpy()[:-1]).all()
    assert (found["peak"] > 0.5).all()


@settings(deadline=None, max_examples=40)
@given(intensities, st.sampled_from([0.5, 2.0, 1024.0]))
def test_scaling_time_scales_events(values: list[float], factor: float) -> None:
    table = clip(values, frame=range(len(values)))
    slow = events(table.assign(time=table["time"] * factor), bridge=0.2 * factor)
    pd.testing.assert_frame_equal(
        slow[TIMES] / factor, events(table, bridge=0.2)[TIMES], check_exact=False
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_same_runs_as_scikit_image(values: list[float]) -> None:
    active = apply_hysteresis_threshold(np.array(values), 0.3, 0.5)
    starts = np.flatnonzero(np.diff(np.append(False, active).astype(int)) == 1)
    time = np.arange(len(values)) / 10
    assert events(clip(values))["onset"].tolist() == time[starts].tolist()


def test_table_method(table: mien.FaceTable) -> None:
    """The engine's own kind of table: several faces, frames without one."""
    found = table.events(["AU12"], high=0.0, low=-0.5)
    assert list(found.columns[:3]) == ["input", "track", "unit"]
    assert len(found) > 0
    assert type(found) is pd.DataFrame
