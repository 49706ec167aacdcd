"""Writers of Parquet and CSV: many pieces to one file, one table to many files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from mien.errors import InputError, OptionError, OutputError
from mien.formats._atomic_write import replacing, writing
from mien.formats._delimited import write_delimited
from mien.formats._seal import seal
from mien.formats._sidecar import categories_of, dtype_name, dump, intervals_as_text, sidecar_path
from mien.formats.data_dictionary import data_dictionary
from mien.table import FaceTable, Provenance

__all__ = ["Format", "ParquetSlices", "TableWriter", "format_of"]


KEY = b"mien"
# Rows of a Parquet row group: small enough to bound memory, large enough to compress.
GROUP_ROWS = 8192

Format = Literal["parquet", "csv"]


def format_of(path: Path) -> Format:
    """Format by the path's suffix.

    Raises
    ------
    OptionError
        Another suffix than ``.parquet`` or ``.csv``.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return "parquet"
    if suffix == ".csv":
        return "csv"
    raise OptionError(
        f"{path}: wanted a name that ends in .parquet or .csv, got {suffix or 'none'!r}"
    )


def _parquet_writer(file: IO[bytes], schema: pa.Schema) -> pq.ParquetWriter:
    """A writer whose pages have checksums, which other programs know of; see `seal` for more."""
    return pq.ParquetWriter(file, schema, write_page_checksum=True)


class ParquetSlices:
    """Writes row ranges of one table to files of their own; shared work is done once.

    Parameters
    ----------
    table : FaceTable
    path : Path
        For errors.
    index : bool
        Whether the index is kept.
    """

    def __init__(self, table: FaceTable, path: Path, *, index: bool = False) -> None:
        _check_columns(table, path)
        with writing(path):
            keep = None if index else False
            rows, self._intervals = intervals_as_text(pd.DataFrame(table))
            self._rows = pa.Table.from_pandas(rows, preserve_index=keep)
        self._columns = data_dictionary(table).to_dict("records")

    def save(self, path: Path, begin: int, end: int, provenance: Provenance) -> None:
        """Write rows [begin, end)."""
        with replacing(path) as file:
            with _parquet_writer(file, self._rows.schema) as writer:
                writer.write_table(self._rows.slice(begin, end - begin))
                stored = dump(provenance, self._columns, categories=self._intervals)
                writer.add_key_value_metadata({KEY: stored})
            seal(file)


class TableWriter:
    """Writes a table in pieces, with bounded memory.

    The file appears under its name when the writer is closed.

    Leaving a ``with`` block by an `InputError` keeps the rows written so far (a video that breaks
    half way); leaving it by any other error, or by an interrupt, leaves nothing behind and an older
    file of that name untouched.

    Parameters
    ----------
    path : Path
        Target; its suffix says the format unless `kind` does.
    provenance : dict
        Written on closing, so it may still change.
    """

    def __init__(self, path: Path, provenance: Provenance, kind: Format | None = None) -> None:
        self.path = path
        self.provenance = provenance
        self._kind: Format = kind or format_of(path)
        self._parquet: pq.ParquetWriter | None = None
        self._pending: list[pd.DataFrame] = []
        self._pending_rows = 0
        self._dtypes: dict[str, str] = {}
        self._categories: dict[str, Any] = {}
        self._intervals: dict[str, Any] | None = None
        self._columns: list[Any] = []
        self._replacing = replacing(path)
        self._file = self._replacing.__enter__()

    def write(self, table: FaceTable) -> None:
        """Append rows. Every piece has the same columns."""
        _check_columns(table, self.path)
        first = not self._dtypes
        if first:
            self._dtypes = {str(name): dtype_name(dtype) for name, dtype in table.dtypes.items()}
            self._categories = categories_of(table)
            self._columns = data_dictionary(table.iloc[:0]).to_dict("records")
        with writing(self.path):
            if self._kind == "csv":
                write_delimited(table, self._file, header=first)
                return
            rows, self._intervals = intervals_as_text(pd.DataFrame(table))
            self._pending.append(rows)
            self._pending_rows += len(table)
            if self._pending_rows >= GROUP_ROWS:
                self._flush(self._pending_rows - self._pending_rows % GROUP_ROWS)

    def _flush(self, count: int) -> None:
        """Write the first `count` pending rows.

        Only the last group is not whole, so that row groups don't depend on the pieces.
        """
        if not self._pending:
            return
        rows = pd.concat(self._pending)
        arrow = pa.Table.from_pandas(rows[:count], preserve_index=False)
        self._pending, self._pending_rows = [rows[count:].copy()], len(rows) - count
        first = self._parquet is None
        if self._parquet is None:
            self._parquet = _parquet_writer(self._file, arrow.schema)
        if count or first:  # a table without rows has its columns
            self._parquet.write_table(arrow, GROUP_ROWS)

    def close(self) -> None:
        """Finish the file and give it its name."""
        with self._abandon_on_error(), writing(self.path):
            if not self._dtypes:
                raise InputError(
                    f"{self.path}: nothing was written to it; wanted at least a column"
                )
            if self._kind == "parquet":
                self._flush(self._pending_rows)
                assert self._parquet is not None  # there was a row, so there is a writer
                stored = dump(self.provenance, self._columns, categories=self._intervals)
                self._parquet.add_key_value_metadata({KEY: stored})
                self._parquet.close()
                seal(self._file)
                self._replacing.__exit__(None, None, None)
            else:
                sidecar = sidecar_path(self.path)
                with replacing(sidecar) as file:
                    file.write(self._described())
                    file.flush()
                    sidecar.unlink(missing_ok=True)  # never an old one beside new rows
                    self._replacing.__exit__(None, None, None)

    def _described(self) -> bytes:
        """Content of a CSV file's sidecar."""
        return dump(
            self.provenance,
            self._columns,
            dtypes=self._dtypes,
            categories=self._categories,
            indent=1,
        )

    def abandon(self, error: BaseException | None = None) -> None:
        """Leave nothing behind."""
        error = error or OutputError(f"{self.path}: abandoned")
        with suppress(type(error)):
            self._replacing.__exit__(type(error), error, error.__traceback__)

    @contextmanager
    def _abandon_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.abandon(error)
            raise

    def __enter__(self) -> TableWriter:  # noqa: PYI034 (Self is 3.11's)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None or (isinstance(error, InputError) and self._dtypes):
            self.close()
        else:
            self.abandon(error)


def _check_columns(table: FaceTable, path: Path) -> None:
    names = list(table.columns)
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise OutputError(f"{path}: wanted columns with names, each once, got {names[:10]}")
