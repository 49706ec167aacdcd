"""The data dictionary of exported tables."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from format_helpers import same

import mien
from mien.formats.data_dictionary import data_dictionary


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
