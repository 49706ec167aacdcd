"""What holds of all formats: round trips, refusals, and the registry."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import types

import pandas as pd
import pytest
from format_helpers import needs_h5py, same, tables
from hypothesis import HealthCheck, given, settings

import mien
from mien import formats
from mien.formats.dispatch import FORMATS, FormatEntry, read_as


@pytest.mark.parametrize("suffix", ["parquet", "csv", pytest.param("h5", marks=needs_h5py)])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_own_formats_give_everything_back(tmp_path_factory, suffix, table):
    path = table.write(tmp_path_factory.mktemp("own") / f"t.{suffix}")
    same(mien.read_table(path), table)


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


class TestRegistry:
    @pytest.mark.parametrize("name", FORMATS)
    def test_functions_exist(self, name):
        entry = FORMATS[name]
        module = importlib.import_module(f"mien.formats.{entry.module}")
        functions = [function for function in (entry.reader, entry.writer) if function]
        assert functions
        assert set(functions) <= set(module.__all__)

    def test_every_module_is_registered(self):
        modules = {module.name for module in pkgutil.iter_modules(formats.__path__)}
        public = {name for name in modules if not name.startswith("_")}
        shared = {"data_dictionary", "dispatch", "elan"}
        assert public - shared == {entry.module for entry in FORMATS.values()}

    def test_reads_by_name(self, tmp_path, table):
        same(read_as(table.save(tmp_path / "t.parquet"), "parquet"), table)

    def test_refuses_to_read_what_is_only_written(self, tmp_path):
        with pytest.raises(mien.OptionError, match=r"wanted one of parquet, csv, .*got 'bids'"):
            read_as(tmp_path / "t.tsv.gz", "bids")

    def test_a_new_format_is_a_module_and_an_entry(self, tmp_path, table, monkeypatch):
        module = types.ModuleType("mien.formats.lines")
        module.write_lines = lambda table, path: path.write_text(f"{len(table)}") and path
        monkeypatch.setitem(sys.modules, "mien.formats.lines", module)
        monkeypatch.setitem(
            FORMATS, "lines", FormatEntry("lines", "write_lines", suffixes=(".lines",))
        )
        assert table.write(tmp_path / "t.lines").read_text() == str(len(table))


READERS = {
    "feat": mien.read_feat,
    "openface": mien.read_openface,
    "openface3": mien.read_openface3,
    "libreface": mien.read_libreface,
    "pyafar": mien.read_pyafar,
    "imotions": mien.read_imotions,
    "affectiva": mien.read_affectiva,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
class TestAnyReader:
    def test_no_such_file(self, tmp_path, read):
        with pytest.raises(mien.InputError, match="no such file"):
            read(tmp_path / "gone.csv")

    @pytest.mark.parametrize("content", [b"", b"\x00\xff" * 40, b"hello", b"a,a\n1,2\n", b"\n\n"])
    def test_rubbish(self, tmp_path, read, content):
        (tmp_path / "r.csv").write_bytes(content)
        with pytest.raises(mien.InputError, match=r"r\.csv"):
            read(tmp_path / "r.csv")


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_what_was_read_can_be_saved_as_mien_s(tmp_path, media, kind):
    for table in (mien.read_feat(media("001.csv")), mien.read_openface(media("OpenFace_Test.csv"))):
        back = mien.read_table(table.save(tmp_path / f"t.{kind}"))
        pd.testing.assert_frame_equal(back, table, check_exact=True)
        assert back.provenance == table.provenance
