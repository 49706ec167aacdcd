"""Tables on disk: exact there and back, whole or not at all, and errors that say what and where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_tables import make_table

from mien import FaceTable, InputError, OptionError, OutputError, read_table
from mien.formats import _writers as writers
from mien.formats._writers import TableWriter

FORMATS = ["parquet", "csv"]


def same(got: FaceTable, wanted: FaceTable) -> None:
    assert type(got) is FaceTable
    pd.testing.assert_frame_equal(got, wanted, check_exact=True)
    assert got.provenance == wanted.provenance


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.endswith(".part"))


@pytest.mark.parametrize("kind", FORMATS)
def test_there_and_back_exactly(table, tmp_path, kind):
    table["subject"] = "007"
    table["rating"] = np.linspace(0, 1, len(table)) / 3
    table["trial"] = range(len(table))
    table["target"] = table.frame > 3
    table["begun"] = pd.Timestamp("2026-03-01 12:00").as_unit("us")  # Parquet has no whole seconds
    path = table.save(tmp_path / f"clip.{kind}")
    same(read_table(path), table)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_statuses_keep_all_their_categories(table, tmp_path, kind):
    path = table[table.status == "ok"].reset_index(drop=True).save(tmp_path / f"t.{kind}")
    status = read_table(path).status
    assert list(status.cat.categories) == ["ok", "no_face", "decode_error", "low_quality"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("rows", [0, 1])
def test_short_tables(table, tmp_path, kind, rows):
    path = table.iloc[:rows].save(tmp_path / f"t.{kind}")
    same(read_table(path), table.iloc[:rows])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(width=32), min_size=1, max_size=20),
    st.floats(allow_nan=False, allow_infinity=False),
)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_float_survives(tmp_path_factory, kind, values, time):
    frame = {"frame": np.arange(len(values)), "time": time, "AU12": np.array(values, np.float32)}
    table = FaceTable(frame, provenance={"mien": "0"})
    path = table.save(tmp_path_factory.mktemp("floats") / f"t.{kind}")
    same(read_table(path), table)


@pytest.mark.parametrize(
    "name", ["NA", "null", "1e5", "a,b.mp4", 'quote".mp4', "dé ñ 猫.mp4", "True"]
)
def test_names_of_inputs_stay_text_in_csv(tmp_path, name):
    table = make_table(name=name)
    same(read_table(table.save(tmp_path / "t.csv")), table)


def test_parquet_keeps_any_index(table, tmp_path):
    part = table[table.status == "ok"]
    same(read_table(part.save(tmp_path / "t.parquet")), part)


def test_parquet_is_readable_without_mien(table, tmp_path):
    import pyarrow.parquet as pq

    path = table.save(tmp_path / "t.parquet")
    stored = json.loads(pq.read_metadata(path).metadata[b"mien"])
    assert stored["provenance"] == table.provenance
    assert len(pd.read_parquet(path)) == len(table)


def test_csv_without_its_sidecar_keeps_its_rows(table, tmp_path):
    path = table.save(tmp_path / "t.csv")
    (tmp_path / "t.csv.json").unlink()
    table.provenance = {}
    same(read_table(path), table)


def test_a_folder_is_one_table(tmp_path):
    parts = [make_table(name=name) for name in ("a.mp4", "b.mp4")]
    parts[0].save(tmp_path / "a.parquet")
    parts[1].save(tmp_path / "b.csv")
    same(read_table(tmp_path), pd.concat(parts, ignore_index=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_saving_replaces_an_older_file(tmp_path, kind):
    path = tmp_path / f"t.{kind}"
    make_table(20).save(path)
    newer = make_table(3, seed=1)
    newer.save(path)
    same(read_table(path), newer)


def test_files_get_the_rights_of_any_new_file(table, tmp_path):
    (tmp_path / "plain").touch()
    path = table.save(tmp_path / "t.parquet")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


class TestWriter:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_pieces_make_the_whole(self, table, tmp_path, kind):
        path = tmp_path / f"t.{kind}"
        with TableWriter(path, table.provenance) as writer:
            for start in range(0, len(table), 5):
                writer.write(table.iloc[start : start + 5])
            assert not path.exists()
        same(read_table(path), table)

    def test_many_rows_leave_in_groups(self, tmp_path, monkeypatch):
        import pyarrow.parquet as pq

        monkeypatch.setattr(writers, "GROUP_ROWS", 40)
        table = make_table(120)
        with TableWriter(tmp_path / "t.parquet", table.provenance) as writer:
            for start in range(0, len(table), 10):
                writer.write(table.iloc[start : start + 10])
        assert pq.ParquetFile(tmp_path / "t.parquet").num_row_groups == len(table) // 40
        same(read_table(tmp_path / "t.parquet"), table)

    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_broken_input_keeps_the_rows_before_it(self, table, tmp_path, kind):
        path = tmp_path / f"t.{kind}"

        def work():
            with TableWriter(path, table.provenance) as writer:
                writer.write(table)
                raise InputError("broke half way")

        with pytest.raises(InputError, match="broke"):
            work()
        same(read_table(path), table)

    @pytest.mark.parametrize("kind", FORMATS)
    @pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
    def test_anything_else_leaves_the_older_file(self, table, tmp_path, kind, error):
        path = tmp_path / f"t.{kind}"
        older = make_table(3)
        older.save(path)

        def work():
            with TableWriter(path, {}) as writer:
                writer.write(table)
                raise error

        with pytest.raises(error):
            work()
        same(read_table(path), older)
        assert leftovers(tmp_path) == []

    def test_nothing_written_is_nothing_there(self, tmp_path):
        with (
            pytest.raises(InputError, match="nothing was written"),
            TableWriter(tmp_path / "t.csv", {}),
        ):
            pass
        assert list(tmp_path.iterdir()) == []


class TestCannotWrite:
    def test_suffix(self, table, tmp_path):
        with pytest.raises(OptionError, match=r"t\.xlsx.*\.parquet or \.csv.*\.xlsx"):
            table.save(tmp_path / "t.xlsx")

    @pytest.mark.parametrize("kind", FORMATS)
    def test_no_folder(self, table, tmp_path, kind):
        with pytest.raises(OutputError, match=r"no folder .*nowhere"):
            table.save(tmp_path / "nowhere" / f"t.{kind}")

    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_folder_of_that_name(self, table, tmp_path, kind):
        (tmp_path / f"t.{kind}").mkdir()
        with pytest.raises(OutputError, match="is a folder"):
            table.save(tmp_path / f"t.{kind}")

    def test_a_device_of_that_name(self, table, tmp_path):
        os.mkfifo(tmp_path / "t.csv")
        with pytest.raises(OutputError, match="not a regular file"):
            table.save(tmp_path / "t.csv")

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc")
    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_folder_nobody_may_write_to(self, table, kind):
        with pytest.raises(OutputError, match=r"/proc/self/fdinfo/t.*can't be written"):
            table.save(f"/proc/self/fdinfo/t.{kind}")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_full_disk(self, tmp_path, monkeypatch, kind):
        """The part file is a link to a device that is always full, so the error is the system's
        own.
        """
        path = tmp_path / f"t.{kind}"
        older = make_table(3)
        older.save(path)
        opened = Path.open

        def on_full_disk(self, mode="r", *args, **kwargs):
            if self.suffix == ".part":
                self.symlink_to("/dev/full")
                mode = "wb"
            return opened(self, mode, *args, **kwargs)

        monkeypatch.setattr(Path, "open", on_full_disk)
        with pytest.raises(OutputError, match=r"t\.(parquet|csv).*No space left"):
            make_table(3000).save(path)
        monkeypatch.undo()
        assert leftovers(tmp_path) == []
        same(read_table(path), older)

    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_file_that_may_not_grow(self, tmp_path, kind):
        """In a process whose files are limited to 64 KiB, as a quota would."""
        code = f"""
import synthetic_tables, mien, resource
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    synthetic_tables.make_table(2000).save({str(tmp_path / f"t.{kind}")!r})
except mien.OutputError as error:
    print("typed:", error)
"""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "typed:" in done.stdout
        assert "File too large" in done.stdout
        assert list(tmp_path.iterdir()) == []

    def test_provenance_that_json_cannot_hold(self, table, tmp_path):
        table.provenance["note"] = {1, 2}
        with pytest.raises(OutputError, match="provenance"):
            table.save(tmp_path / "t.parquet")

    def test_columns_without_names(self, table, tmp_path):
        with pytest.raises(OutputError, match="columns with names"):
            FaceTable(pd.concat([table, table], axis=1)).save(tmp_path / "t.csv")


class TestCannotRead:
    def damage(self, path: Path, content: bytes) -> Path:
        path.write_bytes(content)
        return path

    @pytest.mark.parametrize("kind", FORMATS)
    def test_missing(self, tmp_path, kind):
        with pytest.raises(InputError, match=r"gone\..*no such file"):
            read_table(tmp_path / f"gone.{kind}")

    def test_suffix(self, tmp_path):
        with pytest.raises(OptionError, match=r"\.parquet or \.csv"):
            read_table(self.damage(tmp_path / "t.txt", b"a"))

    @pytest.mark.parametrize("kind", FORMATS)
    @pytest.mark.parametrize(
        "content", [b"", b"\x00" * 64, b"\xff\xfe\x00not", b"PAR1junkPAR1", b"hello"]
    )
    def test_not_a_table(self, tmp_path, kind, content):
        with pytest.raises(InputError, match=r"t\."):
            read_table(self.damage(tmp_path / f"t.{kind}", content))

    def test_truncated_parquet(self, table, tmp_path):
        path = table.save(tmp_path / "t.parquet")
        content = path.read_bytes()
        for part in (0.1, 0.5, 0.99):
            with pytest.raises(InputError, match=r"t\.parquet"):
                read_table(self.damage(path, content[: int(len(content) * part)]))

    @pytest.mark.parametrize("kind", FORMATS)
    def test_someone_elses_table(self, tmp_path, kind):
        frame = pd.DataFrame({"frame": [1], "AU12_r": [0.5]})
        path = tmp_path / f"t.{kind}"
        frame.to_parquet(path) if kind == "parquet" else frame.to_csv(path)
        with pytest.raises(
            InputError, match=r"not a table of mien's.*input, time, face, track, status"
        ):
            read_table(path)

    def test_csv_with_a_word_among_its_numbers(self, table, tmp_path):
        path = table.save(tmp_path / "t.csv")
        lines = path.read_text().splitlines()
        cells = lines[3].split(",")
        cells[10] = "oops"
        self.damage(path, "\n".join([*lines[:3], ",".join(cells), *lines[4:]]).encode())
        with pytest.raises(InputError, match=r"t\.csv"):
            read_table(path)

    def test_csv_with_an_unknown_status(self, table, tmp_path):
        path = table.save(tmp_path / "t.csv")
        self.damage(path, path.read_bytes().replace(b"no_face", b"asleep"))
        with pytest.raises(InputError, match="asleep"):
            read_table(path)

    def test_damaged_provenance(self, table, tmp_path):
        path = table.save(tmp_path / "t.csv")
        self.damage(tmp_path / "t.csv.json", b"{")
        with pytest.raises(InputError, match=r"t\.csv\.json.*provenance"):
            read_table(path)

    def test_provenance_of_a_later_mien(self, table, tmp_path):
        path = table.save(tmp_path / "t.csv")
        self.damage(tmp_path / "t.csv.json", b'{"format": 99, "provenance": {}}')
        with pytest.raises(InputError, match=r"format 99; this mien reads 1"):
            read_table(path)

    def test_an_empty_folder(self, tmp_path):
        with pytest.raises(InputError, match="without"):
            read_table(tmp_path)


def test_categories_that_are_numbers_come_back_as_numbers(table, tmp_path):
    """CSV can't tell a category of numbers from numbers, nor its missing ones from none."""
    table["block"] = pd.Categorical([3, 1, None, *[1] * (len(table) - 3)])
    back = read_table(table.save(tmp_path / "t.csv"))
    assert back["block"].tolist() == table["block"].astype("Int64").tolist()
