"""Text tables as programs and countries write them: found, read, and said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mien
from mien.formats._dialect import Dialect, find_dialect

ROWS = {"frame": [1, 2], "timestamp": [0.5, 1.25], "confidence": 0.9, "success": 1}
TABLE = pd.DataFrame(ROWS | {"AU12_r": [1.5, 2.5], "note": ["süß", "b"]})


def commas(**options) -> str:
    return TABLE.to_csv(index=False, **options)


@pytest.mark.parametrize(
    ("text", "encoding", "wanted"),
    [
        (commas(), "utf-8", Dialect()),
        (commas(), "utf-8-sig", Dialect()),
        (commas(sep=";", decimal=","), "utf-8", Dialect("utf-8", ";", ",")),
        (commas(sep=";"), "utf-8", Dialect("utf-8", ";", ".")),
        (commas(sep="\t"), "utf-16", Dialect("utf-16", "\t", ".")),
        ("sep=;\r\n" + commas(sep=";", decimal=","), "cp1252", Dialect("cp1252", ";", ",", 1)),
        ("sep=,\n" + commas(), "utf-8", Dialect("utf-8", ",", ".", 1)),
    ],
)
def test_found_read_and_said(tmp_path, text, encoding, wanted):
    path = tmp_path / "o.csv"
    path.write_text(text, encoding=encoding)
    assert find_dialect(path) == wanted
    table = mien.read_openface(path)
    np.testing.assert_allclose(table["AU12"], [0.3, 0.5])
    assert table["time"].tolist() == [0.5, 1.25]
    assert table["note"].tolist() == ["süß", "b"]
    said = [note for note in table.provenance["conversions"] if note.startswith("text:")]
    assert bool(said) == (wanted not in (Dialect(), Dialect(skip=1)))


@pytest.mark.parametrize("cell", ["abc", "1.2.3", "1_000", "\uff15", "True", "[1]", "\0", "0x10"])
def test_text_where_a_number_belongs_is_named(tmp_path, cell):
    path = tmp_path / "o.csv"
    TABLE.astype(object).assign(AU12_r=[1.5, cell]).to_csv(path, index=False)
    with pytest.raises(mien.InputError, match=r"o\.csv: column AU12_r, row 2: wanted a number"):
        mien.read_openface(path)


@pytest.mark.parametrize("cell", ["inf", "", "1.5", "99999999999999999999"])
def test_numbers_of_frames_are_whole_and_there(tmp_path, cell):
    path = tmp_path / "o.csv"
    TABLE.astype(object).assign(frame=[1, cell]).to_csv(path, index=False)
    with pytest.raises(mien.InputError, match=r"o\.csv.*row 2"):
        mien.read_openface(path)


def test_own_columns_never_take_a_name_of_mien_s(tmp_path):
    path = tmp_path / "o.csv"
    TABLE.assign(input="x", AU12=3.0).to_csv(path, index=False)
    table = mien.read_openface(path)
    assert table.columns.is_unique
    assert table["input_raw"].tolist() == ["x", "x"]
    assert table["AU12_raw"].tolist() == [3.0, 3.0]
