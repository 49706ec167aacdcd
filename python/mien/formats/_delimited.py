"""Comma- and tab-separated text, read and written column by column in Arrow's C++."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]

from mien.errors import InputError, OutputError
from mien.formats._dialect import Dialect, find_dialect
from mien.formats._files import existing_file
from mien.formats._numbers import as_numbers

__all__ = ["header_of", "numbered", "read_delimited", "write_delimited"]


MISSING = ("", "nan", "NaN", "NA", "-nan", "nan(ind)", "-nan(ind)")
"""What other programs write where they have no number; ``-nan(ind)`` is Windows'."""

_BLOCK = 1 << 24  # bytes Arrow takes at a time: a header of 2,200 columns is 30,000


def header_of(source: Path, dialect: Dialect | None = None, repeated: bool = False) -> list[str]:
    """Names of the columns, blanks around them removed.

    Parameters
    ----------
    source : Path
    dialect : Dialect, optional
        How the file is written; found in it by default.
    repeated : bool
        Allow two columns of one name: the second becomes ``name.1``, as pandas does it.

    Raises
    ------
    InputError
        No such file, not text, empty, or two columns of one name.
    """
    dialect = dialect or find_dialect(existing_file(source))
    try:
        with source.open(newline="", encoding=_codec(dialect)) as file:
            for _ in range(dialect.skip):
                file.readline()
            names = next(csv.reader(file, delimiter=dialect.separator), [])
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputError(f"{source}: can't be read as text: {error}") from error
    names = [name.strip() for name in names]
    if not any(names):
        raise InputError(f"{source}: empty; wanted a header and rows")
    if any("\0" in name for name in names):
        raise InputError(f"{source}: not a text table: zero characters in its header")
    if repeated:
        names = list(numbered(names))
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise InputError(f"{source}: wanted each column once, got {twice[:5]} more than once")
    return names


def numbered(names: Iterable[str]) -> Iterator[str]:
    """Names, the later ones of several alike with a number: ``a``, ``a.1``, ``a.2``."""
    seen: Counter[str] = Counter()
    for name in names:
        yield f"{name}.{seen[name]}" if seen[name] else name
        seen[name] += 1


def _codec(dialect: Dialect) -> str:
    return "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding


def read_delimited(
    source: Path,
    dialect: Dialect | None = None,
    types: Mapping[str, Any] | None = None,
    text: Iterable[str] = (),
    numbers: Callable[[str], object] | Iterable[str] = (),
    nullable: Mapping[str, str] | None = None,
    missing: Iterable[str] = MISSING,
    repeated: bool = False,
) -> pd.DataFrame:
    """A text table as a DataFrame: numbers as int64 or float64, everything else as text.

    Parameters
    ----------
    source : Path
    dialect : Dialect, optional
        How the file is written; found in it by default.
    types : mapping of str to pyarrow.DataType, optional
        Types of columns that are known; others are inferred.
    text : iterable of str
        Columns that stay text whatever they look like.
    numbers : callable or iterable of str
        Columns that hold numbers, whatever they look like.
    nullable : mapping of str to str, optional
        Columns of whole numbers with pandas' nullable type for each: as floats, missing ones would
        cost the others digits.
    missing : iterable of str
        Cells that mean "no value".
    repeated : bool
        See `header_of`.

    Raises
    ------
    InputError
        As `header_of`; rows of unequal length; a cell that is not of its column's type.
    """
    dialect = dialect or find_dialect(existing_file(source))
    names = header_of(source, dialect, repeated)
    wanted = {**{name: pa.string() for name in text}, **(types or {})}
    wanted = {name: kind for name, kind in wanted.items() if name in names}
    table = _read(source, dialect, names, wanted, tuple(missing))
    # Arrow infers a time of day from "00:01" and a date from "2026-01-01"; these stay text.
    temporal = [
        f.name for f in table.schema if f.name not in wanted and pa.types.is_temporal(f.type)
    ]
    if temporal:
        wanted.update({name: pa.string() for name in temporal})
        table = _read(source, dialect, names, wanted, tuple(missing))
    if any(pa.types.is_null(field.type) for field in table.schema):
        columns = [c.cast(pa.float64()) if pa.types.is_null(c.type) else c for c in table.columns]
        table = pa.table(columns, names=table.column_names)
    frame: pd.DataFrame = table.to_pandas()
    for name, dtype in (nullable or {}).items():
        if name in names:
            kind = pd.api.types.pandas_dtype(dtype)
            frame[name] = table[name].to_pandas(types_mapper=lambda _, kind=kind: kind)
    return as_numbers(source, frame, numbers, dialect.decimal)


def _read(
    source: Path,
    dialect: Dialect,
    names: list[str],
    types: Mapping[str, Any],
    missing: tuple[str, ...],
) -> Any:
    try:
        return pa.csv.read_csv(
            source,
            read_options=pa.csv.ReadOptions(
                column_names=names,
                skip_rows=dialect.skip + 1,
                block_size=_BLOCK,
                encoding=dialect.encoding,
            ),
            parse_options=pa.csv.ParseOptions(delimiter=dialect.separator, newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict(types),
                null_values=list(missing),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                decimal_point=dialect.decimal,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # a header and nothing below it
            return pa.table({n: pa.array([], types.get(n, pa.float64())) for n in names})
        raise InputError(
            f"{source}: damaged, or a value is not of its column's type: {error}"
        ) from error
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise InputError(f"{source}: can't be read as a text table: {error}") from error


def write_delimited(
    frame: pd.DataFrame,
    file: IO[bytes] | gzip.GzipFile,
    separator: str = ",",
    header: bool = True,
    missing: str = "",
) -> None:
    """Write a table as text. Floats have the digits they need to come back exactly.

    Parameters
    ----------
    frame : pandas.DataFrame
    file : binary file
    separator : str
    header : bool
    missing : str
        Text for missing values. With it only text that contains quotes is quoted, otherwise all
        text is.

    Raises
    ------
    OutputError
        Text with a tab or a line break, if `missing` is given.
    """
    if header:
        line = io.StringIO()
        csv.writer(line, delimiter=separator, lineterminator="\n").writerow(frame.columns)
        file.write(line.getvalue().encode())
    if frame.shape[1] == 0 or frame.empty:
        return
    names = [f"c{i}" for i in range(frame.shape[1])]
    table = pa.table([_arrow(frame.iloc[:, i]) for i in range(frame.shape[1])], names=names)
    if missing:
        table = pa.table([_filled(column, missing) for column in table.columns], names=names)
        between = pa.scalar(separator, pa.large_string())
        lines = pa.compute.binary_join_element_wise(*table.columns, between)
        file.write("".join(f"{line}\n" for line in lines.to_pylist()).encode())
        return
    pa.csv.write_csv(table, file, pa.csv.WriteOptions(include_header=False, delimiter=separator))


def _arrow(column: pd.Series[Any]) -> Any:
    """A column as Arrow can print it: categories and durations become text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object")
    if column.dtype.kind == "m":
        column = column.astype("str").where(column.notna(), None)
    if column.dtype.kind in "fc" and isinstance(column.dtype, np.dtype):
        return pa.array(column.to_numpy(), from_pandas=True)
    try:
        values = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # objects of several kinds
        values = pa.array(column.map(str, na_action="ignore"), from_pandas=True)
    if pa.types.is_nested(values.type) or pa.types.is_null(values.type):
        values = pa.array(column.map(str, na_action="ignore"), pa.string(), from_pandas=True)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _filled(column: Any, missing: str) -> Any:
    """A column as text, with `missing` where there is no value."""
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    column = column.cast(pa.large_string())
    if is_text:
        found = pa.compute.match_substring_regex(column, r"[\t\r\n]")
        if pa.compute.any(found).as_py():
            raise OutputError("text with a tab or a line break can't be held by this format")
        mark, nothing = pa.scalar('"', pa.large_string()), pa.scalar("", pa.large_string())
        doubled = pa.compute.replace_substring(column, '"', '""')
        quoted = pa.compute.binary_join_element_wise(mark, doubled, mark, nothing)
        column = pa.compute.if_else(pa.compute.match_substring(column, '"'), quoted, column)
    return pa.compute.fill_null(column, missing)
