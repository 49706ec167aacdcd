"""`FaceTable.resample`: to a rate in Hz as `mien.preprocess.resample`, else as pandas does."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, overload

import pandas as pd

from mien.errors import OptionError
from mien.preprocess.columns import Columns
from mien.preprocess.gaps import Method
from mien.preprocess.resampling import resample
from mien.table import FaceTable

if TYPE_CHECKING:
    from pandas.core.resample import DatetimeIndexResampler
    from pandas.tseries.offsets import BaseOffset

__all__ = ["resample_table"]


@overload
def resample_table(
    table: FaceTable,
    rule: float,
    method: Method | None = None,
    ignore_sessions: bool | None = None,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable: ...


@overload
def resample_table(
    table: FaceTable,
    rule: str | timedelta | BaseOffset,
    *,
    closed: Literal["left", "right"] | None = None,
    label: Literal["left", "right"] | None = None,
    convention: Literal["start", "end", "s", "e"] | None = None,
    on: Hashable | None = None,
    level: Hashable | None = None,
    origin: str | datetime | None = None,
    offset: str | timedelta | None = None,
    group_keys: bool | None = None,
) -> DatetimeIndexResampler[pd.DataFrame]: ...


def resample_table(
    table: FaceTable,
    rule: float | str | timedelta | BaseOffset,
    method: Method | None = None,
    ignore_sessions: bool | None = None,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
    closed: Literal["left", "right"] | None = None,
    label: Literal["left", "right"] | None = None,
    convention: Literal["start", "end", "s", "e"] | None = None,
    on: Hashable | None = None,
    level: Hashable | None = None,
    origin: str | datetime | None = None,
    offset: str | timedelta | None = None,
    group_keys: bool | None = None,
) -> FaceTable | DatetimeIndexResampler[pd.DataFrame]:
    """Rows at a rate in Hz, see `mien.preprocess.resample`; of an offset ("1s"), as pandas does.

    Parameters
    ----------
    table : FaceTable
    rule : float, str, timedelta or pandas offset
        New rows a second; or an offset such as ``"1s"``, which groups rows by their times in the
        index as `pandas.DataFrame.resample` does.
    method, ignore_sessions, sampling_rate, columns
        As for `mien.preprocess.resample`; only for a rate.
    closed, label, convention, on, level, origin, offset, group_keys
        As for `pandas.DataFrame.resample`; only for an offset.

    Returns
    -------
    FaceTable or pandas Resampler
        New rows of a rate; pandas' groups of an offset.

    Raises
    ------
    OptionError
        An option of the other kind; see also `mien.preprocess.resample`.
    InputError
        As for `mien.preprocess.resample`.
    """
    of_rate = _given(
        method=method,
        ignore_sessions=ignore_sessions,
        sampling_rate=sampling_rate,
        columns=columns,
    )
    of_offset = _given(
        closed=closed,
        label=label,
        convention=convention,
        on=on,
        level=level,
        origin=origin,
        offset=offset,
        group_keys=group_keys,
    )
    if isinstance(rule, float | int | Real):
        _refuse(of_offset, "an offset such as '1s'", rule)
        return resample(table, float(rule), **of_rate)
    _refuse(of_rate, "a rate in Hz", rule)
    return pd.DataFrame.resample(table, rule, **of_offset)


def _given(**options: object) -> Mapping[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _refuse(options: Mapping[str, object], wanted: str, rule: object) -> None:
    if options:
        raise OptionError(f"resample: {', '.join(options)} goes with {wanted}, got {rule!r}")
