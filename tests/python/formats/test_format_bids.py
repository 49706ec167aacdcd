"""BIDS recordings and their sidecars."""

from __future__ import annotations

import csv
import gzip
import json

import numpy as np
import pandas as pd
import pytest
from format_helpers import tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mien
from mien import FaceTable
from mien.formats.bids import write_bids

clean = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda word: word not in ("n/a",)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(words=clean))
def test_bids_gives_values_back(tmp_path_factory, table):
    table["time"] = np.arange(len(table)) / 25 + 0.5
    table = pd.concat(
        [table, table.iloc[-1:].assign(time=len(table) / 25 + 0.5)], ignore_index=True
    )
    path = table.write(tmp_path_factory.mktemp("bids") / "sub-1_recording-face_physio.tsv.gz")
    sidecar = json.loads(path.with_name("sub-1_recording-face_physio.json").read_text())
    assert sidecar["SamplingFrequency"] == pytest.approx(25)
    assert sidecar["StartTime"] == 0.5
    assert sidecar["Columns"] == [c for c in table if c != "input"]
    # As a reader that knows of BIDS only what it says: cells between tabs, n/a where there is none.
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]
    cells = pd.DataFrame(list(csv.reader(lines, delimiter="\t")), columns=sidecar["Columns"])
    cells = cells.mask(cells == "n/a")
    for name in ("time", "AU12", "rating"):
        got = cells[name].astype("float64").astype(table[name].dtype)
        np.testing.assert_array_equal(got, table[name], err_msg=name)
    for name in ("words", "status", "kind"):
        wanted = table[name].astype("object").where(table[name].notna(), None)
        assert (
            cells[name].astype("object").where(cells[name].notna(), None).tolist()
            == wanted.tolist()
        )
    assert [None if pd.isna(v) else int(v) for v in cells["trial"]] == [
        None if pd.isna(v) else v for v in table["trial"]
    ]


class TestBids:
    @pytest.fixture
    def clip(self, table) -> FaceTable:
        return table[table["face"].fillna(0) == 0].reset_index(drop=True)

    def test_sidecar_describes_every_column(self, tmp_path, clip):
        path = write_bids(clip, tmp_path / "sub-1_physio.tsv.gz", start_time=-2.0)
        sidecar = json.loads((tmp_path / "sub-1_physio.json").read_text())
        assert sidecar["StartTime"] == -2
        assert sidecar["SamplingFrequency"] == pytest.approx(29.97)
        assert sidecar["AU12"]["Description"] == "lip corner puller: 0 absent, 1 strongest"
        assert sidecar["Yaw"]["Units"] == "rad"
        assert set(sidecar["Columns"]) <= set(sidecar)
        assert sidecar["Input"] == "clip.mp4"
        assert sidecar["Provenance"] == clip.provenance
        values = pd.read_csv(path, sep="\t", header=None, names=sidecar["Columns"], na_values="n/a")
        assert len(values) == len(clip)

    def test_the_same_table_gives_the_same_bytes(self, tmp_path, clip):
        path = tmp_path / "sub-1_physio.tsv.gz"
        assert write_bids(clip, path).read_bytes() == write_bids(clip, path).read_bytes()

    def test_times_of_a_container_in_milliseconds_are_even(self, tmp_path, clip):
        clip["time"] = clip["time"].round(3)
        assert write_bids(clip, tmp_path / "sub-1_physio.tsv.gz").exists()

    def test_uneven_times(self, tmp_path, clip):
        clip.loc[5:, "time"] += 0.02
        with pytest.raises(mien.InputError, match=r"even steps.*resample"):
            write_bids(clip, tmp_path / "sub-1_physio.tsv.gz")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t: pd.concat([t, t]), "several rows have one time"),
            (lambda t: t.assign(time=np.nan), "have no time"),
            (lambda t: t.iloc[:1], "at least two rows"),
            (lambda t: t.drop(columns="time"), "with times"),
            (lambda t: t.assign(input=[str(i) for i in range(len(t))]), "one input"),
        ],
    )
    def test_what_it_cannot_hold(self, tmp_path, clip, change, message):
        with pytest.raises(mien.InputError, match=message):
            write_bids(change(clip), tmp_path / "sub-1_physio.tsv.gz")
        assert list(tmp_path.iterdir()) == []

    def test_text_with_a_tab(self, tmp_path, clip):
        clip["note"] = "a\tb"
        with pytest.raises(mien.OutputError, match="tab"):
            write_bids(clip, tmp_path / "sub-1_physio.tsv.gz")
        assert list(tmp_path.iterdir()) == []

    def test_name(self, tmp_path, clip):
        with pytest.raises(mien.OptionError, match="_physio"):
            clip.write(tmp_path / "clip.tsv.gz")
