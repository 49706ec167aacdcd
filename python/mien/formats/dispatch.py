"""The registry of formats, by which a table is written or read in the format that a name asks for.

A new format is a module of `mien.formats` and an entry of `FORMATS`.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from mien.errors import OptionError
from mien.table import FaceTable

__all__ = ["FORMATS", "FormatEntry", "read_as", "write_table"]


class FormatEntry(NamedTuple):
    """Where a format's functions are. Modules are imported when they are first needed.

    Attributes
    ----------
    module : str
        Name of the module in `mien.formats`.
    writer : str
        Name of its function ``(table, path, ...) -> Path``; empty where there is none.
    reader : str
        Name of its function ``(path, ...) -> FaceTable``; empty where there is none.
    suffixes : tuple of str
        Ends of file names that ask for the format when writing.
    """

    module: str
    writer: str = ""
    reader: str = ""
    suffixes: tuple[str, ...] = ()


FORMATS: Mapping[str, FormatEntry] = {
    "parquet": FormatEntry("tables", "write_parquet", "read_table", (".parquet",)),
    "csv": FormatEntry("tables", "write_csv", "read_table", (".csv",)),
    "feat": FormatEntry("feat", "write_feat", "read_feat"),
    "openface": FormatEntry("openface", "write_openface", "read_openface"),
    "bids": FormatEntry("bids", "write_bids", suffixes=(".tsv.gz",)),
    "hdf5": FormatEntry("hdf", "write_hdf", "read_hdf", (".h5", ".hdf5")),
    "affectiva": FormatEntry("affectiva", reader="read_affectiva"),
    "imotions": FormatEntry("imotions", reader="read_imotions"),
    "libreface": FormatEntry("libreface", reader="read_libreface"),
    "openface3": FormatEntry("openface3", reader="read_openface3"),
    "pyafar": FormatEntry("pyafar", reader="read_pyafar"),
    "facereader": FormatEntry("facereader", reader="read_facereader"),
}
"""Formats that hold a whole table, by name."""


def write_table(
    table: FaceTable,
    path: str | Path,
    format: str | None = None,
    *,
    dictionary: Literal["csv", "json"] | None = "csv",
    layout: Literal["v1", "v2"] = "v1",
    columns: Literal["all", "known"] = "all",
    start_time: float | None = None,
) -> Path:
    """Write a table in any format that holds one; ``docs/formats.md`` says what each keeps.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        ``.parquet``, ``.csv``, ``_physio.tsv.gz`` (BIDS), ``.h5`` or ``.hdf5``.
    format : {"parquet", "csv", "feat", "openface", "bids", "hdf5"}, optional
        Where the suffix does not say it: ``feat`` and ``openface`` are CSV files with py-feat's and
        OpenFace 2's columns.
    dictionary : {"csv", "json"}, optional
        Of CSV files: how the data dictionary is written beside the file; None for none.
    layout : {"v1", "v2"}
        Of ``feat``: see `mien.formats.feat.write_feat`.
    columns : {"all", "known"}
        Of ``openface``: see `mien.formats.openface.write_openface`.
    start_time : float, optional
        Of ``bids``, s: see `mien.formats.bids.write_bids`.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    OptionError
        Another suffix or format, an option of another format, or HDF5 without h5py.
    InputError
        A table that the format can't hold: times at uneven steps in BIDS, several inputs in
        OpenFace's file.
    OutputError
        It can't be written.
    """
    target = Path(path)
    name = _format_of(target) if format is None else format
    writers = [known for known, entry in FORMATS.items() if entry.writer]
    if name not in writers:
        raise OptionError(f"format: wanted one of {', '.join(writers)}, got {name!r}")
    writer = _function(FORMATS[name].module, FORMATS[name].writer)
    options = {
        "dictionary": dictionary,
        "layout": layout,
        "columns": columns,
        "start_time": start_time,
    }
    written: Path = writer(table, target, **_accepted(name, writer, options))
    return written


def read_as(path: str | Path, format: str) -> FaceTable:
    """Read a file in the named format, with the default options of its reader.

    Parameters
    ----------
    path : str or Path
    format : str
        A name in `FORMATS` that has a reader.

    Returns
    -------
    FaceTable

    Raises
    ------
    OptionError
        Another format.
    InputError
        Not a file of that format, or damaged.
    """
    readers = [name for name, entry in FORMATS.items() if entry.reader]
    if format not in readers:
        raise OptionError(f"format: wanted one of {', '.join(readers)}, got {format!r}")
    table: FaceTable = _function(FORMATS[format].module, FORMATS[format].reader)(path)
    return table


def _format_of(target: Path) -> str:
    """Name of the format that a file name asks for."""
    suffixes = {suffix: name for name, entry in FORMATS.items() for suffix in entry.suffixes}
    for suffix, name in suffixes.items():
        if target.name.lower().endswith(suffix):
            return name
    if target.suffix.lower() == ".eaf":
        raise OptionError(f"{target}: ELAN holds events, not tables: use mien.write_elan(events)")
    raise OptionError(
        f"{target}: wanted a name that ends in {', '.join(suffixes)}, or format=, "
        f"got {target.suffix!r}"
    )


def _function(module: str, name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(importlib.import_module(f"mien.formats.{module}"), name)
    return function


def _accepted(
    format: str, writer: Callable[..., Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The options that a writer has; a value other than the default for any other is an error."""
    defaults = inspect.signature(write_table).parameters
    known = [name for name in inspect.signature(writer).parameters if name not in ("table", "path")]
    unknown = [
        name
        for name, value in options.items()
        if name not in known and value != defaults[name].default
    ]
    if unknown:
        raise OptionError(
            f"format {format} has no option {', '.join(unknown)}; "
            f"it has {', '.join(known) or 'none'}"
        )
    return {name: value for name, value in options.items() if name in known}
