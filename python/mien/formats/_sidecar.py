"""What is stored with a table's rows: provenance, types of text columns, data dictionary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from mien import schema
from mien.errors import OutputError
from mien.formats._json import parse_json
from mien.table import FaceTable, Provenance

if TYPE_CHECKING:
    from mien.formats._stored import Categories, Stored

__all__ = [
    "arrow_type",
    "categories_dtype",
    "categories_of",
    "csv_dtype",
    "dtype_name",
    "dump",
    "intervals_as_text",
    "load",
    "load_all",
    "sidecar_path",
    "typed",
    "with_intervals",
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
    """Provenance, data dictionary (`columns`), and types that the file can't hold, as JSON."""
    given = {"dtypes": dtypes, "categories": categories}
    types = {name: value for name, value in given.items() if value is not None}
    stored = {"format": FORMAT, "provenance": provenance, **types, "columns": columns}
    try:
        text = json.dumps(stored, allow_nan=False, indent=indent)
    except (TypeError, ValueError) as error:
        raise OutputError(f"provenance: wanted only what JSON can hold: {error}") from error
    return text.encode()


def load(text: bytes | str | None, source: Path) -> Provenance:
    """Provenance in what `dump` wrote; empty for None.

    Raises
    ------
    InputError
        Damaged, or of another version.
    """
    return {} if text is None else load_all(text, source)[0]


def load_all(text: bytes | str, source: Path) -> tuple[Provenance, Stored]:
    """Provenance as it was stored, and with it all the rest, checked.

    Raises
    ------
    InputError
        As `load`.
    """
    from mien.formats._stored import check_stored  # pydantic takes longer to load than a table

    value = parse_json(text, source, "provenance")
    stored = check_stored(value, source)
    provenance: Provenance = value["provenance"]
    return provenance, stored


def dtype_name(dtype: Any) -> str:
    """Name of a column's type; that of the values for categories that have no words."""
    if isinstance(dtype, pd.CategoricalDtype) and not _has_words(dtype.categories.dtype):
        kind = dtype.categories.dtype
        return "Int64" if kind.kind == "i" else str(kind)  # some may be missing
    return str(dtype)


def categories_of(table: FaceTable) -> dict[str, Any]:
    """Values and order of categorical columns, which a text file doesn't hold."""
    return {
        str(name): _described(dtype)
        for name, dtype in table.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype) and _has_words(dtype.categories.dtype)
    }


def intervals_as_text(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    """The table with text for categories that are intervals, which Parquet can't hold.

    And what `with_intervals` makes them of again, by column; None where there are none.
    """
    found = [
        name
        for name, dtype in table.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
        and isinstance(dtype.categories.dtype, pd.IntervalDtype)
    ]
    if not found:
        return table, None
    text = {str(n): table[n].cat.rename_categories(lambda value: str(value)) for n in found}
    return table.assign(**text), {str(n): _described(table[n].dtype) for n in found}


def _described(dtype: Any) -> dict[str, Any]:
    categories: Any = dtype.categories
    values = [str(value) for value in categories]
    described = {"values": values, "ordered": bool(dtype.ordered)}
    kind = categories.dtype
    if isinstance(kind, pd.IntervalDtype) and getattr(kind.subtype, "kind", "") in "iuf":
        ends = {name: list(map(repr, getattr(categories, name).tolist())) for name in _ENDS}
        described["intervals"] = {**ends, "closed": kind.closed, "dtype": str(kind.subtype)}
    return described


_ENDS = ("left", "right")


def _has_words(dtype: Any) -> bool:
    """Whether categories of that type are text, or are written as such (intervals)."""
    text = pd.api.types.is_string_dtype(dtype) or dtype == object
    return bool(text or isinstance(dtype, pd.IntervalDtype))


def categories_dtype(stored: Categories) -> pd.CategoricalDtype:
    """The type of a categorical column, all its values text."""
    return pd.CategoricalDtype(stored.values, ordered=stored.ordered)


def with_intervals(column: pd.Series[Any], stored: Categories) -> pd.Series[Any]:
    """A categorical column with the intervals that its text stands for, if it does."""
    if stored.intervals is None:
        return column
    intervals = stored.intervals
    left: Any = np.array(intervals.left, intervals.dtype)
    right: Any = np.array(intervals.right, intervals.dtype)
    closed: Any = intervals.closed
    made: Any = pd.IntervalIndex.from_arrays(left, right, closed=closed)
    return column.cat.rename_categories(made)


def csv_dtype(name: str, stored: Mapping[str, str]) -> str | None:
    """Type of a column by its sidecar or schema; None infers it from the text."""
    known = schema.column(name)
    return stored.get(name) or (known.dtype if known else None)


def arrow_type(dtype: str) -> Any:
    """Arrow's type to read a column with: numbers and truth values; everything else is text."""
    name = dtype.lower()
    if name in ("bool", "boolean"):
        return pa.bool_()
    if name == "float16":
        return pa.float32()
    alias = {"float32": "float", "float64": "double"}.get(name, name)
    if name.rstrip("0123456789") in ("int", "uint", "float"):
        try:
            return pa.type_for_alias(alias)
        except ValueError:  # int7
            return pa.string()
    return pa.string()


def typed(column: pd.Series[Any], dtype: str | None, categories: Categories | None) -> Any:
    """A column as it was before it became text.

    Raises
    ------
    ValueError, TypeError
        A value that is not of the type, or no such type.
    """
    if dtype is None or dtype in ("object", str(column.dtype)):
        return column
    if dtype == "category" and categories is not None:
        kind = categories_dtype(categories)
        if unknown := set(column.dropna()) - set(kind.categories):
            raise ValueError(f"{column.name}: wanted {categories.values}, got {sorted(unknown)}")
        return with_intervals(column.astype(kind), categories)
    if dtype.startswith("datetime64"):
        dates: pd.Series[Any] = pd.to_datetime(column, format="ISO8601")
        return dates.astype(dtype)  # type: ignore[call-overload]  # the unit too
    if dtype.startswith("timedelta64"):
        return pd.to_timedelta(column).astype(dtype)  # type: ignore[call-overload]
    return column.astype(dtype)  # type: ignore[call-overload]
