"""Tables on disk: Parquet and CSV, each with its provenance, written whole or not at all.

Parquet holds the provenance as JSON under the key ``mien`` of its metadata. CSV has it in a file
beside it, ``<name>.csv.json``, with the column types that a text file can't tell. Both hold the
data dictionary too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from mien import schema
from mien.errors import InputError, OptionError
from mien.formats._delimited import header_of, read_delimited
from mien.formats._sidecar import arrow_type, csv_dtype, load, sidecar_path, typed
from mien.formats._writers import KEY, ParquetSlices, TableWriter, format_of
from mien.formats.data_dictionary import DictionaryKind, write_dictionary
from mien.table import STATUS_DTYPE, FaceTable, Provenance, merge_provenance

__all__ = [
    "read_pieces",
    "read_provenance",
    "read_table",
    "save_table",
    "write_csv",
    "write_parquet",
]


def save_table(table: FaceTable, path: str | Path) -> Path:
    """Write a table with its provenance; the suffix says how.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        ``.parquet`` (exact, small, provenance inside) or ``.csv`` (for everything else;
        provenance and column types go into ``<path>.json``; the index is not kept). An existing
        file is replaced, and only once the new one is whole.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    OptionError
        Another suffix.
    OutputError
        It can't be written: no such folder, no permission, disk full.
    """
    target = Path(path)
    kind = format_of(target)
    if kind == "csv":
        with TableWriter(target, table.provenance) as writer:
            writer.write(table)
        return target
    ParquetSlices(table, target, index=True).save(target, 0, len(table), table.provenance)
    return target


def write_parquet(table: FaceTable, path: str | Path) -> Path:
    """Write a Parquet file; see `save_table`.

    Raises
    ------
    OptionError
        Another suffix than ``.parquet``.
    OutputError
        It can't be written.
    """
    return save_table(table, _named(path, "parquet"))


def write_csv(
    table: FaceTable, path: str | Path, dictionary: DictionaryKind | None = "csv"
) -> Path:
    """Write a CSV file with its sidecar and, beside it, its data dictionary; see `save_table`.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        ``.csv``.
    dictionary : {"csv", "json"}, optional
        Data dictionary, ``<name>_dictionary.csv`` or ``.json``; None for none.

    Returns
    -------
    Path

    Raises
    ------
    OptionError
        Another suffix than ``.csv``, or another kind of dictionary.
    OutputError
        It can't be written.
    """
    written = save_table(table, _named(path, "csv"))
    write_dictionary(table, written, dictionary)
    return written


def _named(path: str | Path, format: str) -> Path:
    """The path, if its suffix is that of the format."""
    target = Path(path)
    if target.suffix.lower() != f".{format}":
        raise OptionError(f"{target}: format {format} wants a name that ends in .{format}")
    return target


def read_table(path: str | Path) -> FaceTable:
    """Read a table that `FaceTable.save`, `FaceTable.write` or ``mien analyze`` wrote.

    Parameters
    ----------
    path : str or Path
        ``.parquet``, ``.csv`` or (with h5py) ``.h5``. A folder of the first two, and
        those below it, is read as one table, in order of name.

    Returns
    -------
    FaceTable
        As it was saved, types and provenance included. A CSV file whose ``.json`` is gone keeps its
        rows and loses its provenance.

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
        from mien.formats.hdf import read_hdf

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
    """Of the tables in it and, as `mien analyze` mirrors folders, in those below; no parts of
    unfinished ones, nothing hidden.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".parquet", ".csv"))
    files = [p for p in files if not p.name.endswith("_dictionary.csv")]  # of an export
    files = [p for p in files if not _is_unfinished(p.relative_to(folder))]
    if not files:
        raise InputError(f"{folder}: a folder without .parquet or .csv files")
    tables = [read_table(file) for file in files]
    merged = pd.concat(tables, ignore_index=True)
    return FaceTable(merged, provenance=merge_provenance([t.provenance for t in tables]))


def _is_unfinished(path: Path) -> bool:
    return any(part.startswith(".") or part.endswith(".parts") for part in path.parts)


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
            f"{source}: not a table of mien's: no provenance in it, "
            f"and no column {', '.join(missing)}"
        )


def _with_status_dtype(table: FaceTable) -> FaceTable:
    """The table with all statuses as categories, whichever of them a file holds."""
    if "status" in table and table["status"].dtype != STATUS_DTYPE:
        statuses = set(table["status"].dropna().unique())
        if unknown := statuses - set(schema.STATUSES):
            raise InputError(f"status: wanted {', '.join(schema.STATUSES)}, got {sorted(unknown)}")
        table["status"] = table["status"].astype("object").astype(STATUS_DTYPE)
    return table
