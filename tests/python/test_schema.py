"""The data dictionary and what the core makes say the same."""

from __future__ import annotations

import pytest
from synthetic_tables import engine_columns

from mien import _core, schema
from mien.formats import _common


def test_every_column_of_the_engine_is_described(engine):
    unknown = [name for name in engine.columns if schema.column(name) is None]
    assert unknown == []


def test_engine_columns_come_in_the_order_of_the_dictionary(engine):
    units = [name for name in engine.columns if schema.group_of(name) == "aus"]
    wanted = schema.standard_columns()[len(schema.INDEX_COLUMNS) :]
    at = wanted.index("anger")
    assert engine.columns == [*wanted[:at], *units, *wanted[at:]]
    assert units == sorted(units, key=lambda name: ("_" in name, name))


def test_statuses_are_those_of_the_core():
    assert list(schema.STATUSES) == _core.status_names()


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("input", "source"),
        ("FrameWidth", "source"),
        ("time", "time"),
        ("track", "identity"),
        ("FaceScore", "faceboxes"),
        ("x_0", "landmarks"),
        ("y_67", "landmarks"),
        ("x_68", "design"),  # there are 68, from 0
        ("x_01", "design"),
        ("Pitch", "poses"),
        ("AU12", "aus"),
        ("AU12_L", "aus"),
        ("AU12_r", "design"),  # OpenFace's way of writing
        ("neutral", "emotions"),
        ("valence", "affect"),
        ("gaze_yaw", "gazes"),
        ("condition", "design"),
        (7, "design"),
        (("AU12", "mean"), "design"),
    ],
)
def test_group_of(name, group):
    assert schema.group_of(name) == group


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("mean_AU12", "aus"),
        ("sem_AU12_L", "aus"),
        ("max_mean_AU12", "aus"),
        ("f0.5_power_AU12", "aus"),
        ("f1e-05_complex_AU12", "aus"),
        ("mean_f0.5_power_x_3", "landmarks"),
        ("pos0_hz_0.66_AU01", "aus"),
        ("d1_energy_valence", "affect"),
        ("a3_energy_Yaw", "poses"),
        ("std_gaze_yaw", "gazes"),
        ("min_happiness", "emotions"),
        ("max_FaceScore", "faceboxes"),
        # The user's own, however much they look alike.
        ("mean_of_me", "design"),
        ("mean_AU12_notes", "design"),
        ("mean_rating", "design"),
        ("meanAU12", "design"),
        ("my_mean_AU12", "design"),
        ("median_AU12", "design"),
        ("mean_x_68", "design"),
        ("mean_", "design"),
        ("f0.5_AU12", "design"),
        ("d1_AU12", "design"),
        ("peak_time_AU12", "design"),  # seconds, no intensity
        ("mean_face", "design"),
        ("max_time", "design"),
        ("min_status", "design"),
    ],
)
def test_features_keep_the_group_of_their_column(name, group):
    assert schema.group_of(name) == group
    entry = schema.describe([name]).iloc[0]
    assert entry["group"] == group
    assert (entry["description"] == "added by the user") == (group == "design")


def test_source_of():
    assert schema.source_of("mean_f0.5_power_AU01") == "AU01"
    assert schema.source_of("AU01") == "AU01"
    assert schema.source_of("mean_rating") == "rating"  # of a column of the user's
    assert schema.source_of(("mean_AU01", 1)) == ("mean_AU01", 1)


def test_groups_hold_each_column_once():
    names = [*engine_columns(), "condition"]
    members = schema.groups(names)
    assert tuple(members) == schema.GROUPS
    assert sorted(n for group in members.values() for n in group) == sorted(names)


def test_describe_covers_all_and_only_what_is_asked(table):
    everything = schema.describe()
    assert everything["name"].is_unique
    assert not everything["description"].eq("").any()
    assert set(engine_columns()) <= set(everything["name"])
    table["condition"] = "a"
    asked = schema.describe(table)
    assert list(asked["name"]) == list(table.columns)
    assert asked.iloc[-1]["group"] == "design"


def test_described_types_are_the_types_of_a_table(table):
    described = schema.describe(table).set_index("name")["dtype"]
    for name, dtype in table.dtypes.items():
        if name != "input":  # text is `object` before pandas 3 and `str` since
            assert str(dtype) == described[name], name


def test_sides_are_the_subjects():
    assert "subject's left" in schema.column("AU12_L").description
    assert "right eye" in schema.column("x_36").description


def test_an_entry_alone_makes_an_optional_column(monkeypatch):
    """Of a head that the default pack lacks: described, grouped, and in its place on reading."""
    entry = schema.Column("occlusion", "affect", "float32", "", "0-1", "share that is hidden")
    monkeypatch.setitem(schema._FIXED, "occlusion", entry)
    schema.column.cache_clear()
    try:
        names = list(schema.describe()["name"])
        assert names[-4:] == ["gaze_yaw", "occlusion", "FrameHeight", "FrameWidth"]
        assert schema.group_of("mean_occlusion") == "affect"
        order = sorted(["FrameHeight", "occlusion", "gaze_yaw"], key=_common._place)
        assert order == ["gaze_yaw", "occlusion", "FrameHeight"]
    finally:
        schema.column.cache_clear()
