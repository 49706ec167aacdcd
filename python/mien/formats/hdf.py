"""HDF5 files, for MATLAB and R: one dataset a column. Needs h5py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien.errors import InputError, OptionError, OutputError
from mien.formats._atomic_write import replacing
from mien.formats._files import existing_file, parsing
from mien.formats._hdf_layout import attribute, check_in_child, checked_datasets, safe_name
from mien.formats._json import parse_json
from mien.formats._own_csv import with_status_dtype
from mien.formats._sidecar import FORMAT, categories_dtype, load
from mien.formats._stored import check_categories
from mien.formats.data_dictionary import data_dictionary
from mien.table import FaceTable

__all__ = ["read_hdf", "write_hdf"]


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise OptionError("HDF5 needs h5py: pip install h5py, or choose .parquet") from error
    return h5py


def write_hdf(table: FaceTable, path: str | Path) -> Path:
    """Write a table as HDF5: group ``table`` with a dataset a column, described by attributes.

    Whole numbers and truth values that may be missing have a mask beside them in the group
    ``missing``; text is UTF-8; categories are their codes, with the values in the attribute
    ``categories``; dates are counts since 1970 in the unit of the attribute ``dtype``. The index is
    not kept.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        ``.h5`` or ``.hdf5``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    OptionError
        h5py is not installed.
    OutputError
        It can't be written, or a column is of a kind HDF5 has no type for.
    """
    h5py = _h5py()
    target = Path(path)
    entries = {entry["name"]: entry for entry in data_dictionary(table).to_dict("records")}
    with replacing(target) as part, h5py.File(part, "w", libver="v110") as file:
        file.attrs["mien"] = json.dumps({"format": FORMAT, "provenance": table.provenance})
        file.attrs["columns"] = json.dumps([str(name) for name in table])
        group, masks = file.create_group("table"), file.create_group("missing")
        for name in table:
            values, missing, attributes = _stored(table[name], h5py)
            packed = {"compression": "gzip", "shuffle": True} if len(table) else {}
            dataset = group.create_dataset(safe_name(name), data=values, **packed)
            if missing is not None and missing.any():
                masks.create_dataset(safe_name(name), data=missing, **packed)
            described = {key: entries[str(name)][key] for key in ("unit", "description", "source")}
            dataset.attrs.update({**described, **attributes})
    return target


def _stored(column: pd.Series[Any], h5py: Any) -> tuple[Any, Any, dict[str, str]]:
    """A column's values, mask of missing ones (None where NaN marks them), and attributes."""
    dtype = column.dtype
    kept = {"dtype": str(dtype)}
    missing = column.isna().to_numpy()
    if isinstance(dtype, pd.CategoricalDtype):
        values = list(dtype.categories)
        if not all(isinstance(value, str) for value in values):
            raise OutputError(
                f"{column.name}: HDF5 files hold categories of text only, got {values[:5]}"
            )
        kept["categories"] = json.dumps({"values": values, "ordered": bool(dtype.ordered)})
        return column.cat.codes.to_numpy(), None, kept
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return column.to_numpy(), None, kept
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        return column.to_numpy().view(np.int64), None, kept
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_integer_dtype(dtype):
        kind: Any
        kind, nothing = (
            ("bool", False) if pd.api.types.is_bool_dtype(dtype) else (str(dtype).lower(), 0)
        )
        return column.fillna(nothing).astype(kind).to_numpy(), missing, kept
    text = column[~missing]
    if not all(isinstance(value, str) for value in text):
        raise OutputError(f"{column.name}: HDF5 files hold numbers, text and dates, got {dtype}")
    if any("\0" in value for value in text):
        raise OutputError(f"{column.name}: HDF5's text can't hold a zero character")
    filled = column.astype("object").where(~missing, "").to_numpy()
    return filled.astype(h5py.string_dtype()), missing, kept


def read_hdf(path: str | Path) -> FaceTable:
    """Read a table that `write_hdf` wrote.

    A process of its own reads it first, within a time limit: HDF5 can hang or abort on a damaged
    file. Links and values that lie in other files are refused.

    Parameters
    ----------
    path : str or Path
        The file; its suffix doesn't matter.

    Returns
    -------
    FaceTable
        Rows and provenance as they were saved; the index is a new one.

    Raises
    ------
    InputError
        Missing, damaged, or not such a file.
    OptionError
        h5py is not installed.
    """
    h5py = _h5py()
    source = existing_file(path, "a table saved by mien")
    check_in_child(source)
    with parsing(source, "an HDF5 file"), h5py.File(source) as file:
        if "mien" not in file.attrs:
            raise InputError(f"{source}: not a table of mien's: no attribute 'mien'")
        provenance = load(attribute(file, "mien", source), source)
        columns = {
            name: _loaded(source, dataset, mask)
            for name, dataset, mask in checked_datasets(file, source)
        }
        rows = pd.DataFrame(columns)
    return with_status_dtype(FaceTable(rows, provenance=provenance), source)


def _loaded(source: Path, dataset: Any, mask: Any) -> Any:
    dtype = attribute(dataset, "dtype", source)
    if "categories" in dataset.attrs:
        kept = check_categories(
            parse_json(attribute(dataset, "categories", source), source), source
        )
        return pd.Categorical.from_codes(dataset[()], dtype=categories_dtype(kept))
    missing = np.zeros(len(dataset), bool) if mask is None else mask[()].astype(bool)
    if dataset.dtype.kind == "O":
        text = dataset.asstr()[()]
        text[missing] = None
        return pd.Series(text, dtype=None if dtype == "object" else dtype)
    values = dataset[()]
    if dtype.startswith(("datetime64", "timedelta64")):
        return pd.Series(values.view(dtype))
    if dtype == "boolean":
        return pd.arrays.BooleanArray(values, missing)
    if dtype[:1] in ("I", "U"):
        return pd.arrays.IntegerArray(values, missing)
    return values
