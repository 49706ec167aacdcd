"""mien's CSV files after pandas, R or Excel wrote them anew."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from format_helpers import same

import mien


@pytest.fixture
def labelled(table):
    """A table with a column of each kind that other programs write their own way."""
    rows = len(table)
    table["target"] = np.arange(rows) % 2 == 0
    table["seen"] = pd.array([True, None, False] * rows, dtype="boolean")[:rows]
    table["trial"] = pd.array([2**52 + 1, None] * rows, dtype="Int64")[:rows]
    table["condition"] = pd.Categorical(["a", "b"] * (rows // 2) + ["a"] * (rows % 2))
    return table


@pytest.fixture
def saved(labelled, tmp_path):
    return labelled.save(tmp_path / "t.csv")


def text_of(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_untouched_says_nothing(saved, labelled):
    same(mien.read_table(saved), labelled)


def test_pandas_makes_floats_of_whole_numbers(saved, labelled):
    frame = pd.read_csv(saved)
    assert frame["face"].dtype == np.float64
    frame.to_csv(saved, index=False)
    back = mien.read_table(saved)
    assert "0.0" in saved.read_text()
    for name in ("face", "track", "frame", "AU12", "target", "seen", "status", "condition"):
        pd.testing.assert_series_equal(back[name], labelled[name], check_exact=True)
    assert any("another program" in note for note in back.provenance["conversions"])


@pytest.mark.parametrize("words", [("TRUE", "FALSE"), ("WAHR", "FALSCH"), ("T", "F")])
def test_r_writes_na_and_its_words_of_truth(saved, labelled, words):
    frame = text_of(saved)
    for name in ("target", "seen"):
        frame[name] = frame[name].replace({"true": words[0], "false": words[1]})
    frame = frame.replace("", "NA")
    frame.insert(0, "", [str(i + 1) for i in range(len(frame))])
    frame.to_csv(saved, index=False)
    back = mien.read_table(saved)
    for name in ("face", "trial", "target", "seen", "AU12", "time"):
        pd.testing.assert_series_equal(back[name], labelled[name], check_exact=True)


def test_recoded_categories_are_read_and_told(saved):
    frame = text_of(saved)
    frame["condition"] = frame["condition"].replace("b", "control")
    frame.to_csv(saved, index=False)
    back = mien.read_table(saved)
    assert set(back["condition"]) == {"a", "control"}
    assert list(back["condition"].cat.categories) == ["a", "b", "control"]
    assert any("control" in note for note in back.provenance["conversions"])


def test_excel_of_a_country_with_decimal_commas(saved, labelled):
    frame = text_of(saved)
    numbers = [n for n in frame if labelled[n].dtype in (np.float32, np.float64)]
    for name in numbers:
        frame[name] = frame[name].str.replace(".", ",", regex=False)
    for name in ("target", "seen"):
        frame[name] = frame[name].replace({"true": "WAHR", "false": "FALSCH"})
    text = frame.to_csv(index=False, sep=";")
    saved.write_text("sep=;\n" + text, encoding="utf-16")
    back = mien.read_table(saved)
    for name in ("AU12", "time", "target", "seen", "trial", "face"):
        pd.testing.assert_series_equal(back[name], labelled[name], check_exact=True)
    said = " ".join(back.provenance["conversions"])
    assert "utf-16" in said
    assert "semicolons" in said
    assert "decimal commas" in said


@pytest.mark.parametrize(
    ("column", "word", "message"),
    [
        ("target", "perhaps", "true or false"),
        ("face", "0.5", "whole number"),
        ("AU12", "much", "wanted a number"),
        ("status", "asleep", "asleep"),
    ],
)
def test_what_is_none_of_its_type_is_still_refused(saved, column, word, message):
    frame = text_of(saved)
    frame.loc[2, column] = word
    frame.to_csv(saved, index=False)
    with pytest.raises(mien.InputError, match=message):
        mien.read_table(saved)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("bins", [3, [-np.inf, 2, np.inf]], ids=["three", "infinite"])
def test_intervals_of_cut_come_back(table, tmp_path, kind, bins):
    table["part"] = pd.cut(table["frame"], bins)
    back = mien.read_table(table.save(tmp_path / f"t.{kind}"))
    pd.testing.assert_series_equal(back["part"], table["part"], check_exact=True)


def test_sidecar_is_parsed_once(saved, monkeypatch):
    from mien.formats import _sidecar

    parsed = []
    whole = _sidecar.parse_json
    monkeypatch.setattr(_sidecar, "parse_json", lambda *a: parsed.append(a[1]) or whole(*a))
    monkeypatch.setattr(json, "loads", lambda *_: pytest.fail("parsed a second time"))
    mien.read_table(saved)
    assert len(parsed) == 1
