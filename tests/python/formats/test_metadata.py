"""Metadata of the wrong shape, too deep, or of a wrong name is a typed error at the border."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest
from format_helpers import needs_h5py
from synthetic_tables import make_table

import mien

WRONG = [
    [],
    "text",
    {"format": 1},
    {"format": 1, "provenance": []},
    {"format": 1, "provenance": {"sources": 3}},
    {"format": 1, "provenance": {"sources": [3]}},
    {"format": 1, "provenance": {"pack": "default"}},
    {"format": 1, "provenance": {"pack": {}}},
    {"format": 1, "provenance": {"inputs": {"a": 1}}},
    {"format": 1, "provenance": {}, "dtypes": []},
    {"format": 1, "provenance": {}, "dtypes": {"AU12": "int7"}},
    {"format": 1, "provenance": {}, "dtypes": {"AU12": 3}},
    {"format": 1, "provenance": {}, "dtypes": {"AU12": "(" * 50}},
    {"format": 1, "provenance": {}, "dtypes": {"c": "category"}, "categories": {"c": []}},
    {"format": 1, "provenance": {}, "categories": {"c": {"values": ["a", "a"], "ordered": True}}},
]
DEEP = "[" * 100_000


@pytest.mark.parametrize("value", [*map(json.dumps, WRONG), DEEP, '{"a": "\\ud800"}'])
def test_sidecar_of_another_shape(tmp_path, value):
    path = make_table().save(tmp_path / "t.csv")
    (tmp_path / "t.csv.json").write_text(value)
    with pytest.raises(mien.InputError, match=r"t\.csv"):
        mien.read_table(path)


@pytest.mark.parametrize("key", [b"mien", b"pandas"])
@pytest.mark.parametrize("value", ["{}", "[]", "3", '{"format": 1, "provenance": 3}', DEEP])
def test_parquet_s_metadata_of_another_shape(tmp_path, key, value):
    path = make_table().save(tmp_path / "t.parquet")
    table = pq.read_table(path)
    kept = {**pq.read_metadata(path).metadata, key: value.encode()}
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(kept), out)
    path.write_bytes(out.getvalue())
    with pytest.raises(mien.InputError, match=r"t\.parquet"):
        mien.read_table(path)


def test_elan_too_deep_and_with_entities(tmp_path):
    path = tmp_path / "e.eaf"
    path.write_text("<ANNOTATION_DOCUMENT>" + "<a>" * 100_000)
    with pytest.raises(mien.InputError, match="deeper than"):
        mien.read_elan(path)
    bomb = '<!DOCTYPE a [<!ENTITY a "b">]><ANNOTATION_DOCUMENT>&a;</ANNOTATION_DOCUMENT>'
    for encoding in ("utf-8", "utf-16"):
        path.write_text(bomb, encoding=encoding)
        with pytest.raises(mien.InputError, match="document type"):
            mien.read_elan(path)


def test_elan_times_that_are_none(tmp_path):
    path = tmp_path / "e.eaf"
    path.write_text(
        "<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID='t' TIME_VALUE='soon'/>"
        "</TIME_ORDER></ANNOTATION_DOCUMENT>"
    )
    with pytest.raises(mien.InputError, match=r"TIME_VALUE.*soon"):
        mien.read_elan(path)


READERS = [name for name in mien.__all__ if name.startswith("read_") and name != "read_frames"]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "a\0b.csv"], ids=["long", "zero"])
def test_names_that_no_file_can_have(tmp_path, reader, name):
    with pytest.raises(mien.InputError, match=r"can't be read|no such file"):
        getattr(mien, reader)(tmp_path / name)


@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_is_refused_not_waited_for(tmp_path, reader):
    import os

    os.mkfifo(tmp_path / "p.csv")
    with pytest.raises(mien.InputError, match="not a regular file"):
        getattr(mien, reader)(tmp_path / "p.csv")


class TestPacks:
    def test_toml_too_deep(self, tmp_path):
        (tmp_path / "pack.toml").write_text("a = " + "[" * 100_000)
        with pytest.raises(mien.PackError, match=r"pack\.toml"):
            mien.load_pack(tmp_path)

    @pytest.mark.parametrize("name", ["x" * 300, "x/" + "y" * 5000, "a\0b"])
    def test_a_name_that_no_folder_can_have(self, name):
        with pytest.raises(mien.PackError, match=r"can't be read|no pack"):
            mien.load_pack(name)

    def test_a_file_of_a_name_that_none_can_have(self, tmp_path):
        text = 'format = 1\n[localization]\nfile = "{}"\nsha256 = ""\n'
        (tmp_path / "pack.toml").write_text(text.format("x" * 300))
        with pytest.raises(mien.PackError, match="can't be read"):
            mien.load_pack(tmp_path)


@needs_h5py
class TestHdf:
    def damaged(self, tmp_path, change):
        import h5py

        path = make_table().write(tmp_path / "t.h5")
        with h5py.File(path, "r+") as file:
            values = file["table/AU12"][()]
            kept = dict(file["table/AU12"].attrs)
            del file["table/AU12"]
            change(h5py, file, values)
            if isinstance(file["table"].get("AU12", getlink=True), h5py.HardLink):
                file["table/AU12"].attrs.update(kept)
        return path

    def test_values_in_another_file(self, tmp_path):
        (tmp_path / "secret").write_bytes(b"s3cr" * 1000)

        def change(_h5py, file, values):
            external = [(str(tmp_path / "secret"), 0, values.nbytes)]
            file["table"].create_dataset(
                "AU12", shape=values.shape, dtype=values.dtype, external=external
            )

        with pytest.raises(mien.InputError, match="AU12: its values lie in another file"):
            mien.read_table(self.damaged(tmp_path, change))

    @pytest.mark.parametrize("kind", ["external", "soft"])
    def test_links(self, tmp_path, kind):
        def change(h5py, file, _values):
            link = h5py.ExternalLink("other.h5", "/a") if kind == "external" else None
            file["table"]["AU12"] = link or h5py.SoftLink("/table/AU01")

        with pytest.raises(mien.InputError, match="AU12: a link"):
            mien.read_table(self.damaged(tmp_path, change))

    def test_a_virtual_dataset(self, tmp_path):
        def change(h5py, file, values):
            layout = h5py.VirtualLayout(values.shape, values.dtype)
            layout[:] = h5py.VirtualSource("other.h5", "a", values.shape)
            file["table"].create_virtual_dataset("AU12", layout)

        with pytest.raises(mien.InputError, match="another file"):
            mien.read_table(self.damaged(tmp_path, change))

    def test_more_rows_than_a_file_of_its_size_holds(self, tmp_path):
        def change(_h5py, file, _values):
            file["table"].create_dataset("AU12", shape=(10**9,), dtype="f4", chunks=(10**6,))

        with pytest.raises(mien.InputError, match="promises"):
            mien.read_table(self.damaged(tmp_path, change))

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("import time; time.sleep(60)", "did not come to an end within 3 s$"),
            (
                (
                    "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\n"
                    "while True:\n    pass"
                ),
                "end within 10 s of computing",
            ),
            ("import os; os.abort()", "ended the process"),
            ("raise OSError('bad header')", "bad header"),
        ],
    )
    def test_a_library_that_hangs_or_aborts(self, tmp_path, monkeypatch, code, message):
        from mien.formats import _hdf_layout

        path = make_table().write(tmp_path / "t.h5")
        (tmp_path / "_hdf_probe.py").write_text(code)
        monkeypatch.setattr(_hdf_layout, "PROBE", tmp_path / "_hdf_probe.py")
        monkeypatch.setattr(_hdf_layout, "SECONDS", 0.5 if "sleep" in code else 10)
        with pytest.raises(mien.InputError, match=message):
            mien.read_table(path)

    @pytest.mark.parametrize("value", [*map(json.dumps, WRONG[:9]), DEEP])
    def test_provenance_of_another_shape(self, tmp_path, value):
        import h5py

        path = make_table().write(tmp_path / "t.h5")
        with h5py.File(path, "r+") as file:
            try:
                file.attrs["mien"] = value
            except OSError:  # longer than an attribute may be
                pytest.skip("HDF5 holds no attribute of that length")
        with pytest.raises(mien.InputError, match=r"t\.h5"):
            mien.read_table(path)
