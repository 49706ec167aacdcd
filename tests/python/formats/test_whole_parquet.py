"""A Parquet file with a wrong bit is refused, and so is one that promises more than it can hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from format_helpers import same
from synthetic_tables import make_table

import mien
from mien.formats import _files
from mien.formats._writers import TableWriter
from mien.formats.tables import read_pieces, read_provenance


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("by", ["save", "writer"])
def test_no_flipped_bit_is_read_as_other_rows(tmp_path, by):
    table = make_table(40)
    path = tmp_path / "t.parquet"
    if by == "save":
        table.save(path)
    else:
        with TableWriter(path, table.provenance) as writer:
            writer.write(table)
    content = path.read_bytes()
    wrong = []
    for bit in np.random.default_rng(0).integers(0, 8 * len(content), 200).tolist():
        path.write_bytes(flipped(content, bit))
        try:
            same(mien.read_table(path), table)  # a bit that nothing depends on may be wrong
        except mien.InputError:
            continue
        except AssertionError:
            wrong.append(bit)
    assert wrong == []


def test_pages_have_checksums_that_others_can_verify(tmp_path):
    path = make_table(40).save(tmp_path / "t.parquet")
    content = bytearray(path.read_bytes())
    column = pq.read_metadata(path).row_group(0).column(6)
    content[column.data_page_offset + column.total_compressed_size - 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        pq.ParquetFile(path, page_checksum_verification=True).read()
    with pytest.raises(mien.InputError, match="checksum"):
        mien.read_table(path)
    with pytest.raises(mien.InputError, match="checksum"):
        list(read_pieces(path))
    read_provenance(path)  # its bytes are whole


def test_a_wrong_bit_of_the_provenance(tmp_path):
    path = make_table(4).save(tmp_path / "t.parquet")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"threads": 2', b'"threads": 3'))
    with pytest.raises(mien.InputError, match="checksum"):
        read_provenance(path)


def test_written_anew_by_another_program(tmp_path):
    table = make_table(4)
    path = table.save(tmp_path / "t.parquet")
    rows = pq.read_table(path)
    pq.write_table(rows.slice(1, 3), path)
    back = mien.read_table(path)
    pd.testing.assert_frame_equal(back, table.iloc[1:4].reset_index(drop=True), check_exact=True)


def test_other_programs_read_a_sealed_file(tmp_path):
    table = make_table(4)
    path = table.save(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), pd.DataFrame(table))


class TestBombs:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch):
        monkeypatch.setattr(_files, "SMALL", 1 << 20)
        monkeypatch.setattr(_files, "EXPANSION", 100)

    def index(self, rows: int) -> dict:
        zeros = pa.array(np.zeros(rows, np.int64))
        return {
            "input": pa.array(["a"] * rows),
            "frame": zeros,
            "time": zeros.cast(pa.float64()),
        } | {
            "face": zeros,
            "track": zeros,
            "status": pa.array(["ok"] * rows),
        }

    def test_run_lengths(self, tmp_path):
        rows = 2_000_000
        many = {f"x{i}": pa.array(np.zeros(rows, np.int8)) for i in range(8)}
        pq.write_table(pa.table(self.index(rows) | many), tmp_path / "t.parquet")
        with pytest.raises(mien.InputError, match=r"promises \d+ MiB of rows"):
            mien.read_table(tmp_path / "t.parquet")

    def test_long_text_in_a_dictionary(self, tmp_path):
        text = pa.array(["x" * 10_000] * 5_000)
        pq.write_table(pa.table(self.index(5_000) | {"note": text}), tmp_path / "t.parquet")
        with pytest.raises(mien.InputError, match=r"promises \d+ MiB of rows"):
            mien.read_table(tmp_path / "t.parquet")

    def test_ordinary_tables_pass(self, tmp_path):
        table = make_table(1000, name="x" * 200)
        same(mien.read_table(table.save(tmp_path / "t.parquet")), table)
