"""Tables on disk: Parquet and CSV, each with its provenance, written whole or not at all.

Parquet holds the provenance as JSON under the key ``mien`` of its metadata. CSV has it in a file
beside it, ``<name>.csv.json``, with the column types that a text file can't tell. Both hold the
data dictionary too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mien.errors import InputError, OptionError
from mien.formats._files import existing_file, parsing
from mien.formats._own_csv import read_own_csv, require_index_columns, with_status_dtype
from mien.formats._parquet import metadata_of, open_parquet, rows_of
from mien.formats._sidecar import (
    categories_dtype,
    load,
    load_all,
    sidecar_path,
    with_intervals,
)
from mien.formats._writers import KEY, ParquetSlices, TableWriter, format_of
from mien.formats.data_dictionary import DictionaryKind, write_dictionary
from mien.table import FaceTable, Provenance, merge_provenance

if TYPE_CHECKING:
    from mien.formats._stored import Categories

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
    if _is_folder(source):
        return _read_folder(source)
    if source.suffix.lower() in (".h5", ".hdf5"):
        from mien.formats.hdf import read_hdf

        return read_hdf(source)
    kind = format_of(source)
    existing_file(source, "a table saved by mien")
    return _read_parquet(source) if kind == "parquet" else read_own_csv(source)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False  # of a name that no file can have, `existing_file` says so


def read_provenance(path: Path) -> Provenance:
    """Provenance of a table on disk, without its rows; empty where it has none.

    Raises
    ------
    InputError
        Damaged.
    OptionError
        Another suffix than .parquet or .csv.
    """
    if format_of(path) == "parquet":
        return load(metadata_of(path).get(KEY), path)
    sidecar = sidecar_path(path)
    with parsing(sidecar, "provenance"):
        return load(sidecar.read_bytes() if sidecar.exists() else None, sidecar)


def read_pieces(path: Path, columns: Sequence[str] | None = None) -> Iterator[FaceTable]:
    """Rows of a Parquet table of mien's, a row group at a time.

    Raises
    ------
    InputError
        Missing or damaged.
    """
    with open_parquet(path) as file:
        provenance = load((file.metadata.metadata or {}).get(KEY), path)
        for group in range(file.num_row_groups):
            rows = rows_of(file, path, group, columns)
            yield with_status_dtype(FaceTable(rows, provenance=provenance), path)


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
    with open_parquet(source) as file:
        stored = (file.metadata.metadata or {}).get(KEY)
        if stored is None:
            require_index_columns(source, file.schema_arrow.names)
        rows = rows_of(file, source)
    provenance: Provenance = {}
    if stored is not None:
        provenance, described = load_all(stored, source)
        rows = _with_intervals(rows, described.categories, source)
    return with_status_dtype(FaceTable(rows, provenance=provenance), source)


def _with_intervals(
    rows: pd.DataFrame, categories: Mapping[str, Categories], source: Path
) -> pd.DataFrame:
    """Rows with intervals where text was written for them."""
    held = {name: kept for name, kept in categories.items() if name in rows}
    with parsing(source, "a table saved by mien"):
        made = {
            name: with_intervals(rows[name].astype(categories_dtype(kept)), kept)
            for name, kept in held.items()
        }
    return rows.assign(**made) if made else rows
