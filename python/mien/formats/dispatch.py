"""One door to the formats that hold a whole table: the suffix, or a name, says which."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mien.errors import OptionError
from mien.formats.bids import write_bids
from mien.formats.data_dictionary import Kind, write_dictionary
from mien.formats.feat import write_feat
from mien.formats.hdf import write_hdf
from mien.formats.openface_writer import write_openface
from mien.formats.tables import save_table
from mien.table import FaceTable

__all__ = ["FORMATS", "write_table"]


def _write_csv(table: FaceTable, path: Path, dictionary: Kind | None = "csv") -> Path:
    written = save_table(table, path)
    write_dictionary(table, written, dictionary)
    return written


FORMATS: dict[str, Callable[..., Path]] = {
    "parquet": save_table,
    "csv": _write_csv,
    "feat": write_feat,
    "openface": write_openface,
    "bids": write_bids,
    "hdf5": write_hdf,
}
"""Formats of `write_table`, and what writes them."""

_SUFFIXES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv.gz": "bids",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
}


def write_table(
    table: FaceTable, path: str | Path, format: str | None = None, **options: Any
) -> Path:
    """Write a table in the format its name asks for; see `FaceTable.write`."""
    target = Path(path)
    if format is None:
        format = next((f for s, f in _SUFFIXES.items() if target.name.lower().endswith(s)), None)
        if target.suffix.lower() == ".eaf":
            raise OptionError(
                f"{target}: ELAN holds events, not tables: use mien.write_elan(events)"
            )
        if format is None:
            raise OptionError(
                f"{target}: wanted a name that ends in {', '.join(_SUFFIXES)}, or format=, got {target.suffix!r}"
            )
    if format not in FORMATS:
        raise OptionError(f"format: wanted one of {', '.join(FORMATS)}, got {format!r}")
    if format == "parquet" and target.suffix.lower() != ".parquet":
        raise OptionError(f"{target}: format parquet wants a name that ends in .parquet")
    if format == "csv" and target.suffix.lower() != ".csv":
        raise OptionError(f"{target}: format csv wants a name that ends in .csv")
    writer = FORMATS[format]
    known = [name for name in inspect.signature(writer).parameters if name not in ("table", "path")]
    if unknown := [name for name in options if name not in known]:
        raise OptionError(
            f"format {format} has no option {', '.join(unknown)}; it has {', '.join(known) or 'none'}"
        )
    return writer(table, target, **options)
