"""Rows stay grouped through what pandas does to a table, and what doesn't fit is an error that says
so.
"""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_tables import make_table

import mien
from mien import FaceTable, InputError
from mien.preprocess import session_columns, set_sessions
from mien.preprocess.sessions import sessions_of

LABELS = FaceTable(
    {"input": ["b", "b", "a", "a"], "take": [1, 2, 1, 1], "AU12": [0.1, 0.2, 0.3, 0.4]}
)


def test_a_column():
    table = LABELS.set_sessions("input")
    assert list(table.sessions) == ["b", "b", "a", "a"]
    assert [(label, len(part)) for label, part in table.itersessions()] == [("b", 2), ("a", 2)]


def test_several_columns():
    table = LABELS.set_sessions(["input", "take"])
    assert [label for label, _ in table.itersessions()] == [("b", 1), ("b", 2), ("a", 1)]
    assert list(table.sessions) == [("b", 1), ("b", 2), ("a", 1), ("a", 1)]


@pytest.mark.parametrize(
    "labels", [[1, 1, 2, 2], np.array([1, 1, 2, 2]), pd.Series([1, 1, 2, 2], index=list("wxyz"))]
)
def test_labels_become_a_column(labels):
    table = LABELS.set_sessions(labels)
    assert table["session"].tolist() == [1, 1, 2, 2]
    assert table.session_columns == ["session"]
    assert "session" not in LABELS


def test_a_mapping_renames_the_sessions_there_are():
    assert list(LABELS.set_sessions({"a": "good", "b": "bad"}).sessions) == [
        "bad",
        "bad",
        "good",
        "good",
    ]
    takes = LABELS.set_sessions("take").update_sessions({1: "first", 2: "second"})
    assert list(takes.sessions) == ["first", "second", "first", "first"]


def test_none_ungroups():
    table = LABELS.set_sessions("input").set_sessions(None)
    assert table.sessions is None
    [(label, part)] = table.itersessions()
    assert label is None
    pd.testing.assert_frame_equal(part, table)


@pytest.mark.parametrize(
    ("sessions", "message"),
    [
        ("nowhere", "no column 'nowhere'"),
        ([1, 2], "wanted 4 labels, one a row, got 2"),
        ({"a": 1}, "no entry for 'b'"),
        (np.zeros((4, 2)), "one label a row"),
    ],
)
def test_what_does_not_fit(sessions, message):
    with pytest.raises(InputError, match=message):
        LABELS.set_sessions(sessions)


def test_labels_do_not_overwrite_a_column():
    with pytest.raises(InputError, match="already"):
        LABELS.assign(session="mine").set_sessions([1, 1, 2, 2])
    assert list(LABELS.set_sessions([1, 1, 2, 2]).set_sessions([3, 3, 3, 4]).sessions) == [
        3,
        3,
        3,
        4,
    ]


def test_the_column_may_not_go():
    with pytest.raises(InputError, match="which it has no more"):
        LABELS.set_sessions("input").drop(columns="input").extract_mean()


def test_rows_without_a_label_are_in_no_session():
    table = FaceTable({"who": ["a", None, "a"], "AU12": [0.1, 0.5, 0.3]}).set_sessions("who")
    assert table.extract_mean()["mean_AU12"].tolist() == pytest.approx([0.2])
    assert table.baseline("mean")["AU12"].tolist() == pytest.approx(
        [-0.1, np.nan, 0.1], nan_ok=True
    )


def test_survives_what_pandas_does(tmp_path):
    table = make_table().set_sessions(["input", "track"])
    for made in (
        table.iloc[2:5],
        table[table.status == "ok"],
        table.copy(),
        pickle.loads(pickle.dumps(table)),
        pd.concat([table, table], ignore_index=True),
        table.merge(pd.DataFrame({"frame": range(12), "condition": "a"}), on="frame"),
        mien.read_table(table.save(tmp_path / "a.parquet")),
        mien.read_table(table.save(tmp_path / "a.csv")),
    ):
        assert session_columns(made) == ["input", "track"]


def test_concat_of_one_grouped_and_one_not():
    assert session_columns(pd.concat([LABELS.set_sessions("input"), LABELS])) == ["input"]


def test_concat_of_different_groupings_must_be_chosen():
    mixed = pd.concat([LABELS.set_sessions("input"), LABELS.set_sessions("take")])
    with pytest.raises(InputError, match=r"different sessions \(input and take\)"):
        mixed.extract_mean()
    assert len(mixed.set_sessions("input").extract_mean()) == 2


def test_setting_leaves_the_table_alone():
    table = LABELS.copy()
    before = table.copy()
    table.set_sessions("input").baseline("mean")
    pd.testing.assert_frame_equal(table, before)
    assert table.provenance == before.provenance


def test_append():
    first, second = LABELS.iloc[:2], LABELS.iloc[2:]
    both = first.append(second)
    assert type(both) is FaceTable
    assert len(both) == 4
    one = FaceTable().append(first, session_id=1).append(second, session_id=2)
    assert list(one.sessions) == [1, 1, 2, 2]
    with pytest.raises(InputError, match="call set_sessions"):
        first.append(second, session_id=1)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=30))
def test_each_row_is_in_its_session_once(labels):
    table = FaceTable(
        {"who": pd.Series(labels, dtype=object), "AU12": np.arange(len(labels), dtype=float)}
    )
    found = sessions_of(set_sessions(table, "who"))
    seen = np.concatenate(
        [np.zeros(0, int), *(np.arange(len(table))[rows] for rows in found.rows())]
    )
    assert sorted(seen) == [i for i, label in enumerate(labels) if label is not None]
    for label, rows in zip(found.labels, found.rows(), strict=True):
        assert {labels[i] for i in np.arange(len(table))[rows]} == {label}
