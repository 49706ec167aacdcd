"""Write a table in the format that its file's suffix, or a name, says."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from mien.errors import OptionError
from mien.formats.bids import write_bids
from mien.formats.data_dictionary import Kind, write_dictionary
from mien.formats.feat import Layout, write_feat
from mien.formats.hdf import write_hdf
from mien.formats.openface_writer import write_openface
from mien.formats.tables import save_table
from mien.table import FaceTable

__all__ = ["FORMATS", "write_table"]


Format = Literal["parquet", "csv", "feat", "openface", "bids", "hdf5"]


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
    table: FaceTable,
    path: str | Path,
    format: Format | None = None,
    *,
    dictionary: Kind | None = "csv",
    layout: Layout | None = None,
    columns: Literal["all", "known"] | None = None,
    start_time: float | None = None,
) -> Path:
    """Write a table in any format that holds one; ``docs/formats.md`` says what each keeps.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        ``.parquet``, ``.csv``, ``_physio.tsv.gz`` (BIDS), ``.h5`` or ``.hdf5``.
    format : {"parquet", "csv", "feat", "openface", "bids", "hdf5"}, optional
        Where the suffix does not say it: ``feat`` and ``openface`` are CSV files with py-feat's
        and OpenFace 2's columns.
    dictionary : {"csv", "json"} or None, optional
        How the data dictionary goes beside a CSV file (formats ``csv``, ``feat``, ``openface``);
        None for none.
    layout : {"v1", "v2"}, optional
        Of format ``feat``: see `mien.formats.feat.write_feat`.
    columns : {"all", "known"}, optional
        Of format ``openface``: see `mien.formats.openface_writer.write_openface`.
    start_time : float, optional
        Of format ``bids``, seconds: see `mien.formats.bids.write_bids`.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    OptionError
        Another suffix or format, an option that the format doesn't have, or HDF5 without h5py.
    InputError
        A table the format can't hold: times at uneven steps in BIDS, several inputs in OpenFace's
        file.
    OutputError
        It can't be written.
    """
    target = Path(path)
    name = _format_of(target) if format is None else format
    _check_name(target, name)
    given: dict[str, object] = {
        key: value
        for key, value in (("layout", layout), ("columns", columns), ("start_time", start_time))
        if value is not None
    }
    if dictionary != "csv":
        given["dictionary"] = dictionary
    writer = FORMATS[name]
    known = [key for key in inspect.signature(writer).parameters if key not in ("table", "path")]
    if unknown := [key for key in given if key not in known]:
        raise OptionError(
            f"format {name} has no option {', '.join(unknown)}; it has {', '.join(known) or 'none'}"
        )
    return writer(table, target, **given)


def _format_of(target: Path) -> str:
    found = next((f for s, f in _SUFFIXES.items() if target.name.lower().endswith(s)), None)
    if found is not None:
        return found
    if target.suffix.lower() == ".eaf":
        raise OptionError(f"{target}: ELAN holds events, not tables: use mien.write_elan(events)")
    raise OptionError(
        f"{target}: wanted a name that ends in {', '.join(_SUFFIXES)}, or format=, "
        f"got {target.suffix!r}"
    )


def _check_name(target: Path, name: str) -> None:
    if name not in FORMATS:
        raise OptionError(f"format: wanted one of {', '.join(FORMATS)}, got {name!r}")
    if name in ("parquet", "csv") and target.suffix.lower() != f".{name}":
        raise OptionError(f"{target}: format {name} wants a name that ends in .{name}")
