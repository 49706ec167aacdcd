"""What is stored with a table's rows: provenance, types of text columns, data dictionary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from mien import schema
from mien.errors import InputError, OutputError
from mien.table import FaceTable, Provenance

__all__ = [
    "arrow_type",
    "categories_of",
    "csv_dtype",
    "dtype_name",
    "dump",
    "load",
    "sidecar_path",
    "typed",
]


FORMAT = 1


def sidecar_path(path: Path) -> Path:
    """Path of the JSON file beside a CSV file."""
    return path.with_name(path.name + ".json")


def dump(
    provenance: Provenance,
    columns: list[Any],
    *,
    dtypes: dict[str, str] | None = None,
    categories: dict[str, Any] | None = None,
    indent: int | None = None,
) -> bytes:
    """Provenance, data dictionary (`columns`) and, of a text file, types as JSON in UTF-8."""
    types = {} if dtypes is None else {"dtypes": dtypes, "categories": categories or {}}
    stored = {"format": FORMAT, "provenance": provenance, **types, "columns": columns}
    try:
        text = json.dumps(stored, allow_nan=False, indent=indent)
    except (TypeError, ValueError) as error:
        raise OutputError(f"provenance: wanted only what JSON can hold: {error}") from error
    return text.encode()


def load(text: bytes | None, source: Path) -> Provenance:
    """Provenance in what `dump` wrote; empty for None.

    Raises
    ------
    InputError
        Damaged, or of another version.
    """
    if text is None:
        return {}
    try:
        stored = json.loads(text)
        number, provenance = stored["format"], stored["provenance"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{source}: damaged provenance: {error!r}") from error
    if number != FORMAT or not isinstance(provenance, dict):
        raise InputError(f"{source}: provenance of format {number}; this mien reads {FORMAT}")
    return provenance


def dtype_name(dtype: Any) -> str:
    """Name of a column's type; that of the values for categories that aren't text."""
    if isinstance(dtype, pd.CategoricalDtype) and not _is_text(dtype.categories.dtype):
        kind = dtype.categories.dtype
        return "Int64" if kind.kind == "i" else str(kind)  # some may be missing
    return str(dtype)


def categories_of(table: FaceTable) -> dict[str, Any]:
    """Values and order of categorical columns, which a text file doesn't hold."""
    return {
        str(name): {"values": list(dtype.categories), "ordered": bool(dtype.ordered)}
        for name, dtype in table.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype) and _is_text(dtype.categories.dtype)
    }


def _is_text(dtype: Any) -> bool:
    return bool(pd.api.types.is_string_dtype(dtype) or dtype == object)


def csv_dtype(name: str, stored: dict[str, str]) -> str | None:
    """Type of a column by its sidecar or schema; None infers it from the text."""
    known = schema.column(name)
    return stored.get(name) or (known.dtype if known else None)


def arrow_type(dtype: str) -> Any:
    """Arrow's type to read a column with: numbers and truth values; everything else is text."""
    name = dtype.lower()
    if name in ("bool", "boolean"):
        return pa.bool_()
    if name.rstrip("0123456789") in ("int", "uint", "float") and name != "float16":
        return pa.type_for_alias({"float32": "float", "float64": "double"}.get(name, name))
    return pa.float32() if name == "float16" else pa.string()


def typed(column: pd.Series[Any], dtype: str | None, categories: Any) -> pd.Series[Any]:
    """A column as it was before it became text."""
    if dtype is None or dtype in ("object", str(column.dtype)):
        return column
    if dtype == "category" and categories is not None:
        kind = pd.CategoricalDtype(categories["values"], ordered=categories["ordered"])
        if unknown := set(column.dropna()) - set(kind.categories):
            raise ValueError(f"{column.name}: wanted {categories['values']}, got {sorted(unknown)}")
        return column.astype(kind)
    if dtype.startswith("datetime64"):
        dates: pd.Series[Any] = pd.to_datetime(column)
        return dates.astype(dtype)  # type: ignore[call-overload,no-any-return]  # the unit too
    if dtype.startswith("timedelta64"):
        return pd.to_timedelta(column).astype(dtype)  # type: ignore[call-overload,no-any-return]
    return column.astype(dtype)  # type: ignore[call-overload,no-any-return]
