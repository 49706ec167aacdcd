"""Every format gives back what it can hold, says what it can't, and comes with a data dictionary."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
import sys
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_tables import make_table

import mien
from mien import FaceTable, schema
from mien.formats.bids import write_bids
from mien.formats.data_dictionary import data_dictionary
from mien.formats.feat import UNITS, write_feat
from mien.formats.hdf import read_hdf, write_hdf
from mien.formats.openface import openface_columns, write_openface

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


@pytest.mark.parametrize("suffix", ["parquet", "csv", pytest.param("h5", marks=needs_h5py)])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_own_formats_give_everything_back(tmp_path_factory, suffix, table):
    path = table.write(tmp_path_factory.mktemp("own") / f"t.{suffix}")
    same(mien.read_table(path), table)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_feats_names_give_everything_back(tmp_path_factory, table):
    """All but types that CSV without a sidecar can't tell: text of numbers, say."""
    table = table.drop(columns=["words", "kind", "target", "begun", "trial", "large"])
    table["FaceRectX"] = np.where(table["status"] == "ok", 5.0, np.nan)
    table.loc[table["status"] != "ok", ["AU12"]] = np.nan
    path = table.write(tmp_path_factory.mktemp("feat") / "t.csv", "feat")
    back = mien.read_feat(path).drop(columns=["approx_time"], errors="ignore")
    assert set(back) == set(table)
    for name in table:
        got = pd.Series(back[name].astype(table[name].dtype))
        pd.testing.assert_series_equal(got, pd.Series(table[name]), check_exact=True)


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


class TestFeat:
    def test_columns_and_order_are_its_own(self, tmp_path, table):
        path = write_feat(table, tmp_path / "f.csv")
        names = list(pd.read_csv(path))
        box, points = list(schema.BOX_COLUMNS), [f"{a}_{i}" for a in "xy" for i in range(68)]
        units = [name for name in UNITS if name in table]
        head = [*box, *points, "Pitch", "Roll", "Yaw", *units, *schema.EMOTIONS]
        gaze = ["gaze_pitch", "gaze_yaw", "gaze_angle"]
        frame = ["FrameHeight", "FrameWidth", "input", "frame", "approx_time"]
        assert names[: len(head) + 8] == [*head, *gaze, *frame]
        assert set(table) <= set(names)

    def test_frames_without_a_face_have_score_0(self, tmp_path, table):
        raw = pd.read_csv(write_feat(table, tmp_path / "f.csv"))
        assert (raw["FaceScore"][(table["status"] == "no_face").to_numpy()] == 0).all()

    def test_gaze_angle_and_time(self, tmp_path, table):
        raw = pd.read_csv(write_feat(table, tmp_path / "f.csv"))
        wanted = np.arccos(np.cos(table["gaze_pitch"]) * np.cos(table["gaze_yaw"]))
        np.testing.assert_allclose(raw["gaze_angle"], wanted, rtol=1e-5)
        table["time"] = 3725.9
        raw = pd.read_csv(write_feat(table, tmp_path / "f.csv"))
        assert set(raw["approx_time"]) == {"62:05"}

    def test_an_engines_table_there_and_back(self, tmp_path, table):
        for layout in ("v1", "v2"):
            back = mien.read_feat(write_feat(table, tmp_path / "f.csv", layout=layout))
            for name in table:
                got = back[name].astype(table[name].dtype)
                pd.testing.assert_series_equal(
                    pd.Series(got), pd.Series(table[name]), check_exact=True
                )

    def test_v2_there_and_back_is_the_file(self, tmp_path, media):
        source = media("../news_sample/002.csv")
        path = write_feat(mien.read_feat(source), tmp_path / "f.csv", layout="v2", dictionary=None)
        raw, back = pd.read_csv(source), pd.read_csv(path)
        names = [c for c in raw if c in back]
        assert set(raw) == set(names)
        assert [c for c in back if c in set(raw)] == list(raw)
        pd.testing.assert_frame_equal(back[names], raw[names], check_dtype=False, check_exact=True)
        assert [p.name for p in tmp_path.iterdir()] == ["f.csv"]

    def test_layout(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match="layout"):
            write_feat(table, tmp_path / "f.csv", layout="v3")


class TestOpenFace:
    def test_its_714_columns(self, tmp_path, table):
        names = openface_columns()
        assert len(names) == 714
        assert len(set(names)) == 714
        assert names[:6] == ["frame", "face_id", "timestamp", "confidence", "success", "gaze_0_x"]
        assert names[13] == "eye_lmk_x_0"
        assert names[293:299] == ["pose_Tx", "pose_Ty", "pose_Tz", "pose_Rx", "pose_Ry", "pose_Rz"]
        assert names[-36:-34] == ["p_33", "AU01_r"]
        assert names[-2:] == ["AU28_c", "AU45_c"]
        path = write_openface(table, tmp_path / "o.csv")
        assert list(pd.read_csv(path)) == names

    def test_values(self, tmp_path, table):
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv"))
        np.testing.assert_allclose(raw["AU12_r"], table["AU12"] * 5, rtol=1e-6)
        np.testing.assert_array_equal(raw["frame"], table["frame"] + 1)
        np.testing.assert_array_equal(raw["success"], (table["status"] == "ok").astype(int))
        np.testing.assert_allclose(raw["timestamp"], table["time"], rtol=1e-15)
        assert raw[["AU12_c", "pose_Tx", "X_0", "p_scale", "AU02_r"]].isna().all(axis=None)
        assert raw.loc[raw["success"] == 0, "x_0"].isna().all()
        assert (raw.loc[raw["success"] == 0, "confidence"] == 0).all()
        faces = raw[raw["success"] == 1]
        eye = faces[["gaze_0_x", "gaze_0_y", "gaze_0_z"]]
        np.testing.assert_allclose(np.linalg.norm(eye, axis=1), 1, rtol=1e-6)

    def test_only_what_is_known(self, tmp_path, table):
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv", columns="known"))
        assert "X_0" not in raw
        assert "p_scale" not in raw
        assert {"gaze_0_x", "pose_Rx", "x_0", "AU01_r"} <= set(raw)

    def test_closed_eyes_are_its_blink(self, tmp_path, table):
        table["AU43"] = 0.4
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv"))
        assert raw["AU45_r"].dropna().tolist() == pytest.approx([2.0] * len(raw))

    def test_an_engines_table_there_and_back(self, tmp_path, table):
        for name in ("Pitch", "Roll", "Yaw", "gaze_pitch", "gaze_yaw"):
            table[name] = np.tanh(table[name])  # angles that have one name only
        back = mien.read_openface(write_openface(table, tmp_path / "o.csv"), input="clip.mp4")
        kept = [c for c in table if c in back and c not in ("face", "AU12_L", "AU12_R")]
        assert len(kept) > 145
        for name in kept:
            if table[name].dtype.kind == "f":
                np.testing.assert_allclose(
                    back[name], table[name], rtol=1e-5, atol=1e-6, err_msg=name
                )
            else:
                assert back[name].tolist() == table[name].tolist(), name

    def test_its_file_there_and_back(self, tmp_path, media):
        source = media("OpenFace_Test.csv")
        raw = pd.read_csv(source, skipinitialspace=True)
        back = pd.read_csv(write_openface(mien.read_openface(source), tmp_path / "o.csv"))
        assert set(raw) <= set(back)
        pd.testing.assert_frame_equal(back[list(raw)], raw, check_dtype=False, rtol=1e-12)

    def test_failed_frames_keep_its_values(self, tmp_path):
        rows = pd.DataFrame(
            {"frame": [1, 2], "timestamp": [0, 0.1], "confidence": [0.9, 0.1], "success": [1, 0]}
            | {"x_0": [5.0, 6.0], "AU12_r": [1.0, 2.0]}
            | {f"pose_R{a}": [0.1, 0.2] for a in "xyz"}
        )
        rows.to_csv(tmp_path / "a.csv", index=False)
        back = pd.read_csv(
            write_openface(mien.read_openface(tmp_path / "a.csv"), tmp_path / "b.csv")
        )
        pd.testing.assert_frame_equal(back[list(rows)], rows, check_dtype=False, rtol=1e-12)

    def test_images(self, tmp_path, table):
        table["time"] = np.nan
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv"))
        assert list(raw)[:3] == ["face", "confidence", "gaze_0_x"]
        assert len(raw.columns) == 711

    def test_several_inputs(self, tmp_path):
        both = pd.concat([make_table(name="a"), make_table(name="b")])
        with pytest.raises(mien.InputError, match=r"a file for each input.*groupby"):
            write_openface(both, tmp_path / "o.csv")

    def test_choice_of_columns(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match="columns"):
            write_openface(table, tmp_path / "o.csv", columns="some")


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


EVENTS = pd.DataFrame(
    {
        "onset": [0.1, 0.5, 0.9, 0.2],
        "offset": [0.4, 0.9, 1.2345, 3.0],
        "tier": ["AU12", "AU12", "AU12", "Ausdruck & <Mehr>"],
        "value": ["0.8", None, "größte <b>", "猫"],
        "apex": [0.2, 0.6, 1.0, 1.0],
    }
)


class TestElan:
    def test_there_and_back(self, tmp_path):
        back = mien.read_elan(mien.write_elan(EVENTS, tmp_path / "e.eaf"))
        wanted = EVENTS.drop(columns="apex").fillna({"value": ""})
        wanted["offset"] = wanted["offset"].round(3)
        pd.testing.assert_frame_equal(back, wanted, check_dtype=False)

    def test_structure_of_eaf_3(self, tmp_path):
        """Elements, their order, what they must have and what refers to what, as EAFv3.0.xsd says."""
        path = mien.write_elan(EVENTS, tmp_path / "e.eaf", media="clips/a b.mp4", author="x")
        root = ElementTree.parse(path).getroot()
        assert root.tag == "ANNOTATION_DOCUMENT"
        assert root.get("FORMAT") == root.get("VERSION") == "3.0"
        pd.Timestamp(root.get("DATE"))
        tags = [child.tag for child in root]
        order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]
        assert [tag for i, tag in enumerate(tags) if tags.index(tag) == i] == order
        assert tags == sorted(tags, key=order.index)
        media = root.find("HEADER/MEDIA_DESCRIPTOR")
        assert media.get("MEDIA_URL").startswith("file:///")
        assert media.get("MEDIA_URL").endswith("clips/a%20b.mp4")
        assert root.find("HEADER").get("TIME_UNITS") == "milliseconds"
        slots = root.findall("TIME_ORDER/TIME_SLOT")
        values = [int(slot.get("TIME_VALUE")) for slot in slots]
        assert values == sorted(values)
        ids = [slot.get("TIME_SLOT_ID") for slot in slots]
        notes = root.findall("TIER/ANNOTATION/ALIGNABLE_ANNOTATION")
        used = [n.get(key) for n in notes for key in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
        assert set(used) == set(ids)
        every = ids + [n.get("ANNOTATION_ID") for n in notes]
        assert len(set(every)) == len(every)
        assert all(value[0].isalpha() for value in every)  # xsd:ID
        kinds = {kind.get("LINGUISTIC_TYPE_ID") for kind in root.findall("LINGUISTIC_TYPE")}
        assert {tier.get("LINGUISTIC_TYPE_REF") for tier in root.findall("TIER")} == kinds
        assert {c.get("STEREOTYPE") for c in root.findall("CONSTRAINT")} == {
            "Time_Subdivision",
            "Symbolic_Subdivision",
            "Symbolic_Association",
            "Included_In",
        }

    def test_pympi_reads_it(self, tmp_path):
        pympi = pytest.importorskip("pympi")
        eaf = pympi.Elan.Eaf(str(mien.write_elan(EVENTS, tmp_path / "e.eaf")))
        assert list(eaf.get_tier_names()) == ["AU12", "Ausdruck & <Mehr>"]
        assert eaf.get_annotation_data_for_tier("AU12") == [
            (100, 400, "0.8"),
            (500, 900, ""),
            (900, 1234, "größte <b>"),
        ]

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.lists(st.integers(0, 10**7), min_size=2, max_size=9, unique=True),
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6),
            ),
            max_size=4,
            unique_by=lambda pair: pair[1],
        )
    )
    def test_any_events(self, tmp_path_factory, tiers):
        rows = [
            (times[i] / 1000, times[i + 1] / 1000, tier, f"{i}")
            for times, tier in ((sorted(times), tier) for times, tier in tiers)
            for i in range(len(times) - 1)
        ]
        events = pd.DataFrame(rows, columns=["onset", "offset", "tier", "value"])
        path = mien.write_elan(events, tmp_path_factory.mktemp("elan") / "e.eaf")
        pd.testing.assert_frame_equal(mien.read_elan(path), events, check_dtype=False)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda e: e.drop(columns="tier"), "there is no tier"),
            (lambda e: e.assign(onset=[None, 0.5, 0.9, 0.2]), "1 events lack a time"),
            (lambda e: e.assign(offset=e["onset"]), "last a millisecond"),
            (lambda e: e.assign(onset=-e["onset"]), "start at 0"),
            (lambda e: e.assign(tier="one"), r"can't overlap.*'one' at 0\.200"),
            (lambda e: e.assign(value="a\x01"), "XML can't hold"),
        ],
    )
    def test_what_it_cannot_hold(self, tmp_path, change, message):
        with pytest.raises(mien.InputError, match=message):
            mien.write_elan(change(EVENTS), tmp_path / "e.eaf")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("text", ["", "<a>", "<a/>", "words"])
    def test_not_its_file(self, tmp_path, text):
        (tmp_path / "e.eaf").write_text(text)
        with pytest.raises(mien.InputError, match=r"e\.eaf"):
            mien.read_elan(tmp_path / "e.eaf")


class TestHdf:
    @needs_h5py
    def test_readable_without_mien(self, tmp_path, table):
        import h5py

        path = write_hdf(table, tmp_path / "t.h5")
        with h5py.File(path) as file:
            np.testing.assert_array_equal(file["table/AU12"][()], table["AU12"])
            assert file["table/Yaw"].attrs["unit"] == "rad"
            assert json.loads(file.attrs["mien"])["provenance"] == table.provenance
        same(read_hdf(path), table)

    @needs_h5py
    def test_more_than_its_library_keeps_in_memory(self, tmp_path):
        table = make_table(9000)
        same(read_hdf(write_hdf(table, tmp_path / "t.h5")), table)

    @needs_h5py
    def test_names_that_would_be_paths(self, tmp_path, table):
        table["a/b"], table["."], table["%2F"] = 1, 2, 3
        same(read_hdf(write_hdf(table, tmp_path / "t.h5")), table)

    @needs_h5py
    @pytest.mark.parametrize("content", [b"", b"PAR1", b"\x89HDF\r\n\x1a\n" + b"\0" * 99])
    def test_damaged(self, tmp_path, content):
        (tmp_path / "t.h5").write_bytes(content)
        with pytest.raises(mien.InputError, match=r"t\.h5"):
            read_hdf(tmp_path / "t.h5")

    @needs_h5py
    def test_someone_elses(self, tmp_path):
        import h5py

        with h5py.File(tmp_path / "t.h5", "w") as file:
            file["a"] = 1
        with pytest.raises(mien.InputError, match="not a table of mien's"):
            read_hdf(tmp_path / "t.h5")

    @needs_h5py
    def test_what_it_has_no_type_for(self, tmp_path, table):
        table["list"] = [[1]] * len(table)
        with pytest.raises(mien.OutputError, match="list: HDF5"):
            write_hdf(table, tmp_path / "t.h5")
        assert list(tmp_path.iterdir()) == []

    def test_without_h5py(self, tmp_path, table, monkeypatch):
        monkeypatch.setitem(sys.modules, "h5py", None)
        with pytest.raises(mien.OptionError, match="pip install h5py"):
            table.write(tmp_path / "t.h5")


class TestDictionary:
    @pytest.mark.parametrize("kind", ["csv", "feat", "openface"])
    def test_beside_every_text_file(self, tmp_path, table, kind):
        table["condition"] = "a"
        table.write(tmp_path / "t.csv", kind)
        entries = pd.read_csv(tmp_path / "t_dictionary.csv", keep_default_na=False)
        assert entries["name"].tolist() == list(table)
        row = entries.set_index("name").loc["AU12"]
        assert row["range"] == "0-1"
        assert row["source"] == "mien 0.1.0, pack synthetic 1"
        assert entries.set_index("name").loc["condition", "source"] == "user"

    def test_as_json_or_not_at_all(self, tmp_path, table):
        table.write(tmp_path / "t.csv", dictionary="json")
        entries = json.loads((tmp_path / "t_dictionary.json").read_text())
        assert entries[0]["name"] == "input"
        table.write(tmp_path / "u.csv", dictionary=None)
        assert sorted(p.name for p in tmp_path.glob("u*")) == ["u.csv", "u.csv.json"]
        with pytest.raises(mien.OptionError, match="dictionary"):
            table.write(tmp_path / "u.csv", dictionary="xml")

    @pytest.mark.parametrize("kind", ["parquet", "csv"])
    def test_inside_mien_s_own_files(self, tmp_path, table, kind):
        import pyarrow.parquet as pq

        path = table.save(tmp_path / f"t.{kind}")
        text = (
            pq.read_metadata(path).metadata[b"mien"]
            if kind == "parquet"
            else path.with_name("t.csv.json").read_text()
        )
        assert [c["name"] for c in json.loads(text)["columns"]] == list(table)

    def test_knows_other_programs_columns(self, media):
        entries = data_dictionary(mien.read_openface(media("OpenFace_Test.csv"))).set_index("name")
        assert entries.loc["pose_Tx", "unit"] == "mm"
        assert entries.loc["AU12_r", "range"] == "0-5"
        assert entries.loc["AU12", "source"] == "OpenFace 2"
        assert (entries["description"] != "as in the file, or added by the user").all()

    def test_is_no_table_of_its_folder(self, tmp_path, table):
        table.write(tmp_path / "t.csv")
        same(mien.read_table(tmp_path), table)


class TestAnyFormat:
    def test_suffix(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match=r"\.parquet.*format=.*\.xlsx"):
            table.write(tmp_path / "t.xlsx")

    def test_format(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match="wanted one of parquet, csv, feat"):
            table.write(tmp_path / "t.csv", "spss")

    def test_option(self, tmp_path, table):
        with pytest.raises(
            mien.OptionError, match="format feat has no option columns; it has layout"
        ):
            table.write(tmp_path / "t.csv", "feat", columns="known")
        with pytest.raises(mien.OptionError, match="format parquet has no option dictionary"):
            table.write(tmp_path / "t.parquet", dictionary="json")

    def test_unknown_option(self, tmp_path, table):
        with pytest.raises(TypeError, match="colour"):
            table.write(tmp_path / "t.csv", "feat", colour=1)

    def test_events_are_no_table(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match="write_elan"):
            table.write(tmp_path / "t.eaf")

    @pytest.mark.parametrize("kind", ["parquet", "csv"])
    def test_name_against_format(self, tmp_path, table, kind):
        with pytest.raises(mien.OptionError, match=f"ends in .{kind}"):
            table.write(tmp_path / "t.h5", kind)

    @pytest.mark.parametrize("kind", ["csv", "feat", "openface"])
    def test_no_folder(self, tmp_path, table, kind):
        with pytest.raises(mien.OutputError, match="no folder"):
            table.write(tmp_path / "gone" / "t.csv", kind)
