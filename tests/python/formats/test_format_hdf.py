"""HDF5 files."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from format_helpers import needs_h5py, same
from synthetic_tables import make_table

import mien
from mien.formats.hdf import read_hdf, write_hdf


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
