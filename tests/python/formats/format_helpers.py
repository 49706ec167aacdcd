"""Tables and files for the tests of formats."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st
from synthetic_tables import make_table

from mien import FaceTable, schema

HAS_H5PY = importlib.util.find_spec("h5py") is not None
needs_h5py = pytest.mark.skipif(not HAS_H5PY, reason="h5py is not installed")

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
) | st.sampled_from(
    ["NA", "nan", "null", "1e5", "", " ", 'a"b', "a,b", "a\tb", "a\nb", "00:01", "True"]
)
dates = st.datetimes(pd.Timestamp("1970-01-01"), pd.Timestamp("2100-01-01"))


@st.composite
def tables(draw, words=texts) -> FaceTable:
    """Tables with the index columns, every type of column, and missing values of each."""
    rows = draw(st.integers(1, 6))

    def column(values, dtype):
        cells = draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        return pd.Series(cells, dtype=dtype)

    frame = make_table(rows)[list(schema.INDEX_COLUMNS)].iloc[:rows].reset_index(drop=True)
    frame["AU12"] = column(st.floats(width=32, allow_nan=False), "float32")
    frame["rating"] = column(st.floats(allow_nan=False), "float64")
    frame["words"] = column(words, "str")
    frame["trial"] = column(st.integers(-(2**62), 2**62), "Int64")
    frame["large"] = pd.array([2**62 + 1, *[None] * (rows - 1)], "Int64")
    frame["target"] = column(st.booleans(), "boolean")
    frame["begun"] = column(dates, "datetime64[us]")
    frame["kind"] = column(st.sampled_from(["b", "a"]), pd.CategoricalDtype(["b", "c", "a"], True))
    return FaceTable(frame, provenance={"mien": "0"})


def same(got: FaceTable, wanted: FaceTable) -> None:
    assert type(got) is FaceTable
    pd.testing.assert_frame_equal(got, wanted, check_exact=True)
    assert got.provenance == wanted.provenance


def complete(table: FaceTable) -> None:
    """What holds of every table read."""
    assert type(table) is FaceTable
    assert list(table.columns[:6]) == list(schema.INDEX_COLUMNS)
    assert table.columns.is_unique
    assert table["status"].notna().all()
    assert table["time"].dtype == np.float64
    assert table["frame"].dtype == np.int64
    missing = table[table["status"] == "no_face"]
    for group in ("faceboxes", "landmarks", "poses", "aus", "emotions", "gazes"):
        assert missing[table.groups.get(group, [])].isna().all(axis=None), group
    assert missing["face"].isna().all()
    assert table.provenance["format"]
    assert table.provenance["inputs"]


def write(path: Path, rows: list[dict] | pd.DataFrame, separator: str = ",") -> Path:
    pd.DataFrame(rows).to_csv(path, sep=separator, index=False)
    return path
