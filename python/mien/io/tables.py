"""Tables on disk: Parquet and CSV, each with its provenance, written whole or not at all.

Parquet holds the provenance as JSON under the key ``mien`` of its metadata. CSV has it in a file beside it,
``<name>.csv.json``, with the column types that a text file can't tell. Both hold the data dictionary too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from mien import schema
from mien.errors import InputError, OptionError, OutputError
from mien.io.atomic import replacing, writing
from mien.io.delimited import header_of, read_delimited, write_delimited
from mien.io.dictionary import data_dictionary
from mien.io.sidecar import (
    arrow_type,
    categories_of,
    csv_dtype,
    dtype_name,
    dump,
    load,
    sidecar_path,
    typed,
)
from mien.table import STATUS_DTYPE, FaceTable, Provenance, merge_provenance

__all__ = ["TableWriter", "read_pieces", "read_provenance", "read_table", "save_table"]


def __dir__() -> list[str]:
    return __all__


KEY = b"mien"
# Rows of a Parquet row group: small enough to bound memory, large enough to compress.
GROUP_ROWS = 8192

Format = Literal["parquet", "csv"]


def format_of(path: Path) -> Format:
    """Format a path's suffix asks for."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return "parquet"
    if suffix == ".csv":
        return "csv"
    raise OptionError(
        f"{path}: wanted a name that ends in .parquet or .csv, got {suffix or 'none'!r}"
    )


def save_table(table: FaceTable, path: str | Path) -> Path:
    """Write a table; see `FaceTable.save`."""
    target = Path(path)
    kind = format_of(target)
    if kind == "csv":
        with TableWriter(target, table.provenance) as writer:
            writer.write(table)
        return target
    _check_columns(table, target)
    with replacing(target) as file:
        arrow = pa.Table.from_pandas(pd.DataFrame(table))
        stored = dump(table.provenance, columns=data_dictionary(table).to_dict("records"))
        arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), KEY: stored})
        pq.write_table(arrow, file)
    return target


def read_table(path: str | Path) -> FaceTable:
    """Read a table that `FaceTable.save`, `FaceTable.write` or ``mien analyze`` wrote.

    Parameters
    ----------
    path : str or Path
        ``.parquet``, ``.csv`` or (with h5py) ``.h5``. A folder of the first two is read as one table, in order of name.

    Returns
    -------
    FaceTable
        As it was saved, types and provenance included. A CSV file whose ``.json`` is gone keeps its rows and loses its
        provenance.

    Raises
    ------
    InputError
        Missing, empty, damaged, or not a table of mien's.
    OptionError
        Another suffix.

    Examples
    --------
    >>> table = mien.read_table("clip.parquet")  # doctest: +SKIP
    """
    source = Path(path)
    if source.is_dir():
        return _read_folder(source)
    if source.suffix.lower() in (".h5", ".hdf5"):
        from mien.io.hdf import read_hdf

        return read_hdf(source)
    kind = format_of(source)
    if not source.exists():
        raise InputError(f"{source}: no such file; wanted a table saved by mien")
    if not source.is_file():
        raise InputError(f"{source}: not a regular file; wanted a table saved by mien")
    try:
        return _read_parquet(source) if kind == "parquet" else _read_csv(source)
    except OSError as error:  # pyarrow's own kinds of damage are OSError or ArrowInvalid
        raise InputError(f"{source}: can't be read: {error}") from error
    except (pa.ArrowException, UnicodeError) as error:
        raise InputError(f"{source}: damaged or not a {kind} file: {error}") from error


def read_provenance(path: Path) -> Provenance:
    """Provenance of a table on disk, without its rows; empty where it has none.

    Raises
    ------
    InputError
        Damaged.
    OptionError
        Another suffix than .parquet or .csv.
    """
    sidecar = sidecar_path(path)
    try:
        if format_of(path) == "csv":
            return load(sidecar.read_bytes() if sidecar.exists() else None, sidecar)
        return load((pq.read_metadata(path).metadata or {}).get(KEY), path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: can't be read: {error}") from error


def read_pieces(path: Path, columns: Sequence[str] | None = None) -> Iterator[FaceTable]:
    """Rows of a Parquet table of mien's, a row group at a time.

    Raises
    ------
    InputError
        Missing or damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            provenance = load((file.metadata.metadata or {}).get(KEY), path)
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns).to_pandas()
                yield _with_status_dtype(FaceTable(rows, provenance=provenance))
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: can't be read: {error}") from error


def _read_folder(folder: Path) -> FaceTable:
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".parquet", ".csv"))
    files = [p for p in files if not p.name.endswith("_dictionary.csv")]  # of an export
    if not files:
        raise InputError(f"{folder}: a folder without .parquet or .csv files")
    tables = [read_table(file) for file in files]
    merged = pd.concat(tables, ignore_index=True)
    return FaceTable(merged, provenance=merge_provenance([t.provenance for t in tables]))


def _read_parquet(source: Path) -> FaceTable:
    with pq.ParquetFile(source) as file:
        stored = (file.metadata.metadata or {}).get(KEY)
        if stored is None:
            _require_index_columns(source, file.schema_arrow.names)
        table = FaceTable(file.read().to_pandas(), provenance=load(stored, source))
    return _with_status_dtype(table)


def _read_csv(source: Path) -> FaceTable:
    header = header_of(source)
    sidecar = sidecar_path(source)
    stored: dict[str, Any] = {}
    provenance: Provenance = {}
    if sidecar.exists():
        content = sidecar.read_bytes()
        provenance = load(content, sidecar)
        stored = json.loads(content)
    else:
        _require_index_columns(source, header)
    dtypes = {name: csv_dtype(name, stored.get("dtypes", {})) for name in header}
    types = {name: arrow_type(dtype) for name, dtype in dtypes.items() if dtype}
    nullable = {name: dtype for name, dtype in dtypes.items() if dtype and dtype[0] in "IU"}
    frame = read_delimited(source, types=types, nullable=nullable, missing=[""])
    try:
        columns = {
            name: typed(frame[name], dtypes[name], stored.get("categories", {}).get(name))
            for name in header
        }
    except (ValueError, TypeError) as error:
        raise InputError(f"{source}: a value is not of its column's type: {error}") from error
    table = FaceTable(pd.DataFrame(columns, index=frame.index, copy=False), provenance=provenance)
    return _with_status_dtype(table)


def _require_index_columns(source: Path, names: list[str]) -> None:
    missing = [name for name in schema.INDEX_COLUMNS if name not in names]
    if missing:
        raise InputError(
            f"{source}: not a table of mien's: no provenance in it, and no column {', '.join(missing)}"
        )


def _with_status_dtype(table: FaceTable) -> FaceTable:
    """Statuses as the fixed categories, whatever part of them a file holds."""
    if "status" in table and table["status"].dtype != STATUS_DTYPE:
        found = set(table["status"].dropna().unique())
        if unknown := found - set(schema.STATUSES):
            raise InputError(f"status: wanted {', '.join(schema.STATUSES)}, got {sorted(unknown)}")
        table["status"] = table["status"].astype("object").astype(STATUS_DTYPE)
    return table


class TableWriter:
    """Writes a table in pieces, with bounded memory. The file appears under its name when the writer is closed.

    Leaving a ``with`` block by an `InputError` keeps the rows written so far (a video that breaks half way); leaving it by
    any other error, or by an interrupt, leaves nothing behind and an older file of that name untouched.

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
            self._pending.append(pd.DataFrame(table))
            self._pending_rows += len(table)
            if self._pending_rows >= GROUP_ROWS:
                self._flush(self._pending_rows - self._pending_rows % GROUP_ROWS)

    def _flush(self, count: int) -> None:
        """Write the first `count` of the rows that wait: whole groups, so that groups don't tell how rows came."""
        if not self._pending:
            return
        rows = pd.concat(self._pending)
        arrow = pa.Table.from_pandas(rows[:count], preserve_index=False)
        self._pending, self._pending_rows = [rows[count:].copy()], len(rows) - count
        first = self._parquet is None
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self._file, arrow.schema)
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
                self._parquet.add_key_value_metadata(
                    {KEY: dump(self.provenance, columns=self._columns)}
                )
                self._parquet.close()
                self._replacing.__exit__(None, None, None)
            else:
                sidecar = sidecar_path(self.path)
                with replacing(sidecar) as file:
                    more = {"dtypes": self._dtypes, "categories": self._categories}
                    file.write(dump(self.provenance, **more, columns=self._columns))
                    file.flush()
                    sidecar.unlink(missing_ok=True)  # never an old one beside new rows
                    self._replacing.__exit__(None, None, None)

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
