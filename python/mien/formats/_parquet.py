"""Parquet files, opened for reading once they are known to be whole, bounded and well-formed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from mien.errors import InputError
from mien.formats._files import most_bytes, parsing
from mien.formats._json import parse_json
from mien.formats._seal import check_seal

__all__ = ["metadata_of", "open_parquet", "rows_of"]


_PANDAS = b"pandas"


def metadata_of(source: Path) -> dict[bytes, bytes]:
    """Keys and values of a file's metadata; raises `InputError` for a damaged one."""
    with parsing(source, "a Parquet file"):
        check_seal(source, body=False)
        return dict(pq.read_metadata(source).metadata or {})


@contextmanager
def open_parquet(source: Path) -> Iterator[Any]:
    """A ``pyarrow.parquet.ParquetFile`` whose checksums, size and metadata were looked at.

    Raises
    ------
    InputError
        Damaged; or its rows would take far more memory than a file of its size can mean.
    """
    with parsing(source, "a Parquet file"):
        check_seal(source)
        file = pq.ParquetFile(source, page_checksum_verification=True)
    with file:
        with parsing(source, "a Parquet file"):
            _check_expansion(file, source)
            _check_pandas(file, source)
        yield file


def rows_of(
    file: Any, source: Path, group: int | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Rows of an open file, or of one group of them."""
    with parsing(source, "a Parquet file"):
        read = file.read(columns) if group is None else file.read_row_group(group, columns)
        rows: pd.DataFrame = read.to_pandas()
    return rows


def _check_pandas(file: Any, source: Path) -> None:
    """Refuse metadata in which pandas' own reader would stumble."""
    stored = (file.schema_arrow.metadata or {}).get(_PANDAS)
    if stored is not None:
        from mien.formats._stored import check_pandas

        check_pandas(parse_json(stored, source, "metadata of pandas"), source)


def _check_expansion(file: Any, source: Path) -> None:
    allowed = most_bytes(source)
    schema, metadata = file.schema_arrow, file.metadata
    promised = metadata.num_rows * sum(_width(field.type) for field in schema)
    stored = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    _refuse_above(allowed, max(promised, stored), source)
    texts = [field.name for field in schema if _is_text(field.type)]
    if not texts or metadata.num_rows * stored <= allowed:
        return
    # A value may be as long as a whole column: how long all are is known without making them.
    with pq.ParquetFile(source, read_dictionary=texts) as encoded:
        for group in range(encoded.num_row_groups):
            columns = encoded.read_row_group(group, texts).columns
            promised += sum(_length(c) for column in columns for c in column.chunks)
            _refuse_above(allowed, promised, source)


def _refuse_above(allowed: int, promised: int, source: Path) -> None:
    if promised > allowed:
        raise InputError(
            f"{source}: promises {promised >> 20} MiB of rows in {source.stat().st_size} bytes; "
            f"wanted at most {allowed >> 20} MiB"
        )


def _width(kind: Any) -> int:
    """Bytes of a value, at least."""
    if pa.types.is_dictionary(kind):
        return int(kind.index_type.bit_width) // 8
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:  # of text and lists there are no two alike
        return 1


def _is_text(kind: Any) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    return any(is_kind(kind) for is_kind in kinds)


def _length(chunk: Any) -> int:
    """Bytes of text that a column, encoded by a dictionary, stands for."""
    if not pa.types.is_dictionary(chunk.type):
        return int(chunk.nbytes)
    lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return int(pc.sum(lengths.take(chunk.indices)).as_py() or 0)
