"""mien's own CSV files, those included that pandas, R or Excel have written anew since.

These programs keep rows and names but not how cells are written: pandas makes ``0.0`` of whole
numbers where some are missing, R writes ``NA`` and ``TRUE``, Excel the country's words and marks.
The types that the sidecar tells are then made of what is there, and the provenance says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from mien import schema
from mien.errors import InputError
from mien.formats._delimited import MISSING, header_of, read_delimited
from mien.formats._dialect import Dialect, find_dialect
from mien.formats._files import parsing
from mien.formats._numbers import number_column, whole_numbers
from mien.formats._sidecar import (
    arrow_type,
    categories_dtype,
    csv_dtype,
    load_all,
    sidecar_path,
    typed,
    with_intervals,
)
from mien.table import STATUS_DTYPE, FaceTable, Provenance

if TYPE_CHECKING:
    from mien.formats._stored import Categories

__all__ = ["read_own_csv", "require_index_columns", "with_status_dtype"]


_NOTHING = ("", "NA")  # mien's own files quote all text: a bare NA is R's
_TRUE = frozenset(("true", "t", "1", "1.0", "1,0", "wahr", "vrai", "verdadero", "vero", "waar"))
_FALSE = frozenset(("false", "f", "0", "0.0", "0,0", "falsch", "faux", "falso", "onwaar"))


def read_own_csv(source: Path) -> FaceTable:
    """Read an existing CSV file of mien's; see `mien.formats.tables.read_table`."""
    dialect = find_dialect(source)
    header = header_of(source, dialect)
    sidecar = sidecar_path(source)
    provenance: Provenance = {}
    dtypes: dict[str, str] = {}
    categories: dict[str, Categories] = {}
    with parsing(sidecar, "provenance"):
        content = sidecar.read_bytes() if sidecar.exists() else None
    if content is None:
        require_index_columns(source, header)
    else:
        provenance, stored = load_all(content, sidecar)
        dtypes, categories = stored.dtypes, stored.categories
    wanted = {name: csv_dtype(name, dtypes) for name in header}
    try:
        frame, notes = _as_written(source, dialect, wanted, categories), dialect.notes()
    except InputError:
        frame, notes = _as_edited(source, dialect, wanted, categories)
    if notes:
        said = [*provenance.get("conversions", []), *notes]
        provenance = {**provenance, "conversions": said}
    return with_status_dtype(FaceTable(frame, provenance=provenance), source)


def _as_written(
    source: Path,
    dialect: Dialect,
    dtypes: dict[str, str | None],
    categories: dict[str, Categories],
) -> pd.DataFrame:
    """Rows of a file whose cells are as mien writes them, exact to the last digit."""
    types = {name: arrow_type(dtype) for name, dtype in dtypes.items() if dtype}
    nullable = {
        n: d for n, d in dtypes.items() if d and d[0] in "IU" and pa.types.is_integer(types[n])
    }
    frame = read_delimited(source, dialect, types=types, nullable=nullable, missing=_NOTHING)
    with parsing(source, "a table saved by mien"):
        columns = {n: typed(frame[n], dtypes[n], categories.get(n)) for n in dtypes}
    rows: pd.DataFrame = pd.DataFrame(columns, index=frame.index, copy=False)
    return rows


def _as_edited(
    source: Path,
    dialect: Dialect,
    dtypes: dict[str, str | None],
    categories: dict[str, Categories],
) -> tuple[pd.DataFrame, list[str]]:
    """Rows of a file that another program wrote anew, and what was made of its cells."""
    types = {name: pa.string() for name, dtype in dtypes.items() if dtype}
    frame = read_delimited(source, dialect, types=types, missing=_NOTHING)
    notes = dialect.notes()
    columns: dict[str, Any] = {}
    for name, dtype in dtypes.items():
        column = frame[name]
        if dtype == "category" and name in categories and name != "status":
            with parsing(source, f"a table saved by mien ({name})"):
                columns[name], said = _recoded(column, categories[name])
        elif dtype is not None:
            columns[name], said = _of_dtype(source, dialect, column, dtype), ""
            if str(columns[name].dtype) != dtype:
                said = f"{name}: {columns[name].dtype}, as values are missing"
        else:
            columns[name], said = column, ""
        notes += [said] if said else []
    notes.append("cells were written anew by another program")
    return pd.DataFrame(columns, index=frame.index, copy=False), notes


def _recoded(column: pd.Series[Any], stored: Categories) -> tuple[Any, str]:
    """Categories, with those that the file alone has at their end; then they have no order."""
    kind = categories_dtype(stored)
    new = [value for value in column.dropna().unique() if value not in set(stored.values)]
    if not new:
        return with_intervals(column.astype(kind), stored), ""
    wider = pd.CategoricalDtype([*stored.values, *new])
    return column.astype(wider), f"{column.name}: categories that the file alone has: {new[:8]}"


def _of_dtype(source: Path, dialect: Dialect, column: pd.Series[Any], dtype: str) -> Any:
    """Text cells as a column of that type."""
    kind = arrow_type(dtype)
    if pa.types.is_boolean(kind):
        return _truth(source, column, dtype)
    if pa.types.is_string(kind):
        with parsing(source, f"a table saved by mien ({column.name})"):
            return typed(column, dtype, None)
    cells = column.str.strip().mask(column.isin(MISSING))
    if pa.types.is_integer(kind):
        return _integers(source, cells, dtype, dialect.decimal)
    numbers = number_column(source, str(column.name), cells, dialect.decimal)
    return numbers.astype(dtype)  # type: ignore[call-overload]


def _integers(source: Path, cells: pd.Series[Any], dtype: str, decimal: str) -> Any:
    """Whole numbers, exact where they are written as such; nullable where some are missing."""
    with parsing(source, f"a table saved by mien ({cells.name})"):
        try:
            numbers: Any = pd.Series(
                [pd.NA if pd.isna(c) else int(c) for c in cells], dtype="Int64"
            )
        except ValueError:  # 0.0
            name = str(cells.name)
            floats = number_column(source, name, cells, decimal)
            values, missing = whole_numbers(source, name, floats)
            numbers = pd.Series(pd.arrays.IntegerArray(values, missing))
        numbers.index = cells.index
        return numbers.astype(dtype.capitalize() if numbers.isna().any() else dtype)


def _truth(source: Path, column: pd.Series[Any], dtype: str) -> Any:
    """Truth values in any of the words that spreadsheets have for them."""
    words = column.str.strip().str.lower()
    known = words.isna() | words.isin(_TRUE | _FALSE)
    if not known.all():
        row = int((~known).to_numpy().argmax())
        raise InputError(
            f"{source}: column {column.name}, row {row + 1}: wanted true or false, "
            f"got {column.iloc[row]!r}"
        )
    truth = words.isin(_TRUE).astype("boolean").mask(words.isna())
    return truth.astype(dtype) if not words.isna().any() else truth  # type: ignore[call-overload]


def require_index_columns(source: Path, names: list[str]) -> None:
    """Refuse a table without provenance that lacks a column which all of mien's have."""
    missing = [name for name in schema.INDEX_COLUMNS if name not in names]
    if missing:
        raise InputError(
            f"{source}: not a table of mien's: no provenance in it, "
            f"and no column {', '.join(missing)}"
        )


def with_status_dtype(table: FaceTable, source: Path) -> FaceTable:
    """The table with all statuses as categories, whichever of them a file holds."""
    if "status" in table and table["status"].dtype != STATUS_DTYPE:
        statuses = set(table["status"].dropna().astype("str"))
        if unknown := statuses - set(schema.STATUSES):
            raise InputError(
                f"{source}: status: wanted {', '.join(schema.STATUSES)}, got {sorted(unknown)[:5]}"
            )
        table["status"] = table["status"].astype("object").astype(STATUS_DTYPE)
    return table
