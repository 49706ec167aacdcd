"""The schema of what is stored with a table's rows. Metadata is checked against it on reading.

A module of its own, because pydantic takes longer to load than a table does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from mien.errors import InputError
from mien.formats._sidecar import FORMAT

__all__ = ["Categories", "Stored", "check_categories", "check_pandas", "check_stored"]


_DTYPE = (
    r"^(bool(ean)?|object|str|string(\[\w+\])?|category|(u?int|U?Int|float|Float|complex)\d{1,3}"
    r"|(datetime64|timedelta64|period|interval|Sparse)(\[[\w\s,./:+\-<>]{1,80}\])?"
    r"|[\w:, =/+\-]{1,80}\[pyarrow\])$"
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Pack(_Strict):
    name: str
    version: str


class _Provenance(_Strict):
    """What mien itself reads of a provenance; everything else in it is the user's."""

    mien: str = ""
    format: str = ""
    pack: _Pack | None = None
    inputs: list[dict[str, Any]] = []
    errors: list[Any] = []
    conversions: list[str] = []
    sources: list[_Provenance] = []


_Number = Annotated[float, Field(strict=False)]  # as text: JSON has no infinity


class Intervals(_Strict):
    """Intervals that text categories stand for, as `pandas.cut` makes them."""

    left: list[_Number]
    right: list[_Number]
    closed: Annotated[str, StringConstraints(pattern="^(left|right|both|neither)$")]
    dtype: Annotated[str, StringConstraints(pattern=r"^(int|float|uint)\d\d?$")] = "float64"

    @model_validator(mode="after")
    def _pairs(self) -> Intervals:
        if len(self.left) != len(self.right):
            raise ValueError("left and right differ in length")
        return self


class Categories(_Strict):
    """Values and order of a categorical column."""

    values: list[str]
    ordered: bool
    intervals: Intervals | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Categories:
        if len(set(self.values)) != len(self.values):
            raise ValueError("values: wanted each once")
        if self.intervals is not None and len(self.intervals.left) != len(self.values):
            raise ValueError("intervals: wanted one for each value")
        return self


class Stored(_Strict):
    """The JSON in Parquet's metadata or beside a CSV file."""

    format: int
    provenance: _Provenance
    dtypes: dict[str, Annotated[str, StringConstraints(pattern=_DTYPE)]] = {}
    categories: dict[str, Categories] = {}
    columns: list[Any] = []


class _PandasColumn(_Strict):
    name: str | None
    field_name: str | None = None
    pandas_type: str
    numpy_type: str
    metadata: dict[str, Any] | None


class _PandasRange(_Strict):
    kind: str
    name: str | None
    start: int
    stop: int
    step: int


class _Pandas(_Strict):
    """What pandas writes into Parquet's metadata."""

    index_columns: list[str | _PandasRange]
    column_indexes: list[_PandasColumn]
    columns: list[_PandasColumn]


def check_stored(value: Any, source: Path) -> Stored:
    """A parsed JSON value as what it is to be.

    Raises
    ------
    InputError
        Of another shape or another version.
    """
    number = value.get("format") if isinstance(value, dict) else None
    if isinstance(number, int) and number != FORMAT:
        raise InputError(f"{source}: provenance of format {number}; this mien reads {FORMAT}")
    stored: Stored = _checked(Stored, value, source, "provenance")
    return stored


def check_categories(value: Any, source: Path) -> Categories:
    """Categories as they are to be; raises `InputError` for others."""
    found: Categories = _checked(Categories, value, source, "categories")
    return found


def check_pandas(value: Any, source: Path) -> None:
    """Refuse metadata of pandas' in which pandas would stumble; raises `InputError`."""
    _checked(_Pandas, value, source, "metadata of pandas")


def _checked(model: type[Any], value: Any, source: Path, what: str) -> Any:
    try:
        return model.model_validate(value)
    except (ValidationError, RecursionError) as error:
        deep: dict[str, Any] = {"msg": "too deep"}
        listed = error.errors(include_url=False) if isinstance(error, ValidationError) else [deep]
        first: Any = listed[0]
        where = ".".join(map(str, first.get("loc", ()))) or "its shape"
        got = repr(first.get("input"))[:60]
        raise InputError(f"{source}: damaged {what}: {where}: {first['msg']}, got {got}") from error
