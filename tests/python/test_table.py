"""FaceTable stays a FaceTable, with its groups and provenance, whatever pandas does to it."""

from __future__ import annotations

import copy
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_tables import PROVENANCE, engine_columns, make_table

from mien import FaceSeries, FaceTable, schema
from mien.table import merge_provenance, table_from_arrays

WIDTHS = {
    "faceboxes": 5,
    "landmarks": 136,
    "landmarks_x": 68,
    "landmarks_y": 68,
    "poses": 3,
    "aus": 6,
    "emotions": 7,
    "affect": 2,
    "gazes": 2,
    "design": 0,
}


@pytest.mark.parametrize(("accessor", "width"), WIDTHS.items(), ids=list(WIDTHS))
def test_accessors_of_a_table_and_of_a_row(table, accessor, width):
    part = getattr(table, accessor)
    assert type(part) is FaceTable
    assert part.shape == (len(table), width)
    assert part.provenance == table.provenance
    row = getattr(table.iloc[1], accessor)
    assert type(row) is FaceSeries
    assert list(row.index) == list(part.columns)


def test_a_row_of_a_group_is_numbers(table):
    assert table.iloc[1].aus.dtype.kind == "f"
    np.testing.assert_array_equal(table.iloc[1].landmarks_y, table.landmarks_y.iloc[1])


def test_columns_come_in_their_order(table):
    assert list(table.columns) == [*schema.INDEX_COLUMNS, *engine_columns()]


def test_rows_without_a_face_are_missing_and_never_zero(table):
    empty = table[table.status == "no_face"]
    assert len(empty) == 4
    assert empty[["face", "track"]].isna().all(axis=None)
    assert empty[engine_columns()].isna().all(axis=None)
    assert not empty[["input", "frame", "time", "status"]].isna().any(axis=None)


def test_time_is_the_column_and_time_columns_their_names(table):
    assert isinstance(table.time, pd.Series)
    np.testing.assert_allclose(table.time, table.frame / 29.97)
    assert table.time_columns == ["frame", "time"]


def test_inputs_is_the_column_and_of_a_row_its_value(table):
    assert set(table.inputs) == {"clip.mp4"}
    assert table.iloc[0].inputs == "clip.mp4"


def test_added_columns_are_the_design(table):
    table["condition"] = "a"
    table["AU12_r"] = 0.0
    assert list(table.design) == table.design_columns == ["condition", "AU12_r"]
    assert table.groups["design"] == ["condition", "AU12_r"]


OPERATIONS = {
    "slice": lambda t: t.iloc[2:5],
    "mask": lambda t: t[t.status == "ok"],
    "loc": lambda t: t.loc[3:6, "AU12":],
    "columns": lambda t: t[["AU12", "frame"]],
    "copy": lambda t: t.copy(),
    "deepcopy": copy.deepcopy,
    "assign": lambda t: t.assign(condition="a"),
    "drop": lambda t: t.drop(columns="AU12"),
    "dropna": lambda t: t.dropna(subset=["AU12"]),
    "sort": lambda t: t.sort_values("AU12"),
    "query": lambda t: t.query("frame > 3"),
    "rename": lambda t: t.rename(columns={"AU12": "smile"}),
    "reset_index": lambda t: t.reset_index(drop=True),
    "fillna": lambda t: t.fillna({"AU12": 0}),
    "head": lambda t: t.head(3),
    "sample": lambda t: t.sample(5, random_state=0),
    "astype": lambda t: t.astype({"AU12": "float64"}),
    "concat": lambda t: pd.concat([t, t], ignore_index=True),
    "concat columns": lambda t: pd.concat([t, pd.DataFrame({"a": range(len(t))})], axis=1),
    "merge": lambda t: t.merge(pd.DataFrame({"frame": range(12), "condition": "a"}), on="frame"),
    "merge right": lambda t: pd.merge(pd.DataFrame({"frame": range(12)}), t, on="frame"),
    "groupby mean": lambda t: t.groupby("track")[["AU12", "AU01"]].mean(),
    "pickle": lambda t: pickle.loads(pickle.dumps(t)),
    "arithmetic": lambda t: t.aus * 2,
    "round": lambda t: t.aus.round(1),
    "again": lambda t: FaceTable(t),
}


@pytest.mark.parametrize("name", [n for n in OPERATIONS if n != "merge right"])
def test_pandas_operations_keep_class_and_provenance(table, name):
    result = OPERATIONS[name](table)
    assert type(result) is FaceTable
    assert result.provenance == PROVENANCE
    assert set(result.groups) <= set(schema.GROUPS)


def test_a_plain_frame_on_the_left_decides_the_class(table):
    assert type(OPERATIONS["merge right"](table)) is pd.DataFrame


def test_iterating_groups_gives_tables(table):
    for _, part in table.groupby("frame"):
        assert type(part) is FaceTable
        assert part.provenance == PROVENANCE


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_groups_follow_the_columns_of_any_part(data):
    """Groups of a part are those of the whole, cut to the part's columns, in its order."""
    table = make_table()
    names = data.draw(st.lists(st.sampled_from(list(table.columns)), unique=True, min_size=1))
    rows = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=5))
    part = table.iloc[rows][names]
    assert type(part) is FaceTable
    assert part.provenance == table.provenance
    for group, members in table.groups.items():
        assert part.groups.get(group, []) == [name for name in names if name in members]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_pieces_put_together_are_the_whole(cuts):
    """Cutting a table anywhere and concatenating the pieces gives it back."""
    table = make_table()
    edges = sorted({0, *np.cumsum(cuts).clip(max=len(table)).tolist(), len(table)})
    pieces = [table.iloc[a:b] for a, b in itertools.pairwise(edges)]
    whole = pd.concat(pieces)
    pd.testing.assert_frame_equal(whole, table)
    assert whole.provenance == table.provenance


def test_a_change_of_provenance_stays_in_its_table(table):
    table.copy().provenance["note"] = "mine"
    part = FaceTable(table)
    part.provenance["note"] = "mine"
    assert "note" not in table.provenance


class TestMergeProvenance:
    def test_inputs_of_one_engine_are_listed_together(self):
        both = pd.concat([make_table(name="a.mp4"), make_table(name="b.mp4")])
        assert [entry["input"] for entry in both.provenance["inputs"]] == ["a.mp4", "b.mp4"]
        assert both.provenance["pack"] == PROVENANCE["pack"]

    def test_different_engines_stay_apart(self):
        other = make_table(name="b.mp4")
        other.provenance["provider"] = "cuda"
        both = pd.concat([make_table(name="a.mp4"), other]).provenance
        assert [source["provider"] for source in both["sources"]] == ["cpu", "cuda"]
        assert [source["inputs"][0]["input"] for source in both["sources"]] == ["a.mp4", "b.mp4"]

    def test_does_not_change_its_parts(self):
        parts = [make_table(name=name).provenance for name in "abc"]
        before = copy.deepcopy(parts)
        merge_provenance(parts)
        assert parts == before

    @given(st.lists(st.sampled_from("abcd"), max_size=6))
    def test_is_the_same_in_one_step_or_in_two(self, names):
        parts = [{**PROVENANCE, "provider": n, "inputs": [{"input": n}]} for n in names]
        for cut in range(len(parts) + 1):
            two = merge_provenance([merge_provenance(parts[:cut]), merge_provenance(parts[cut:])])
            assert two == merge_provenance(parts)


def test_tables_of_nothing_have_types_too():
    empty = table_from_arrays([], engine_columns(), {})
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, make_table().dtypes)
