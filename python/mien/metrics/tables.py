"""Agreement of two tables, column by column."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mien.errors import InputError
from mien.metrics.intervals import bootstrap_interval
from mien.metrics.regression import ccc, pcc, rmse
from mien.metrics.reliability import icc
from mien.metrics.rows import Metric, Rows, complete_pairs
from mien.schema import group_of

__all__ = ["agreement"]


METRICS: Mapping[str, Metric] = {"pcc": pcc, "ccc": ccc, "icc": icc, "rmse": rmse}


def agreement(
    truth: pd.DataFrame,
    estimate: pd.DataFrame,
    columns: Sequence[Hashable] | None = None,
    *,
    metrics: Mapping[str, Metric] = METRICS,
    persons: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """How well two tables agree: one row a column, e.g. an action unit.

    Parameters
    ----------
    truth, estimate : DataFrame
        Tables of the same rows: same length, same index.
    columns : sequence of str, optional
        Columns to compare; by default the action units that both tables have.
    metrics : mapping of str to callable
        Names and functions of (truth, estimate); correlation, CCC, ICC(3,1) and RMSE by default.
        For action units that are present or absent: ``{"f1": lambda t, e: f1(t >= 2, e >= 0.5,
        average="binary")}``.
    persons : array-like (N,), optional
        Who each row shows; intervals are then over persons, see `bootstrap_interval`.
    level, resamples, seed
        Of `bootstrap_interval`; ``resamples=0`` leaves intervals out.

    Returns
    -------
    pandas.DataFrame
        `column`, `n` complete pairs, `dropped` pairs, and for every metric its value and `_low`,
        `_high`.

    Raises
    ------
    InputError
        Rows that don't correspond, or a column that a table lacks.
    OptionError
        `level` or `resamples` out of range.
    """
    names = _common(truth, estimate) if columns is None else list(columns)
    _check(truth, estimate, names)
    who = None if persons is None else np.asarray(persons)
    if who is not None and who.shape != (len(truth),):
        raise InputError(f"persons: wanted one a row ({len(truth)},), got the shape {who.shape}")
    interval = partial(bootstrap_interval, level=level, resamples=resamples, seed=seed)
    rows = [
        _row(name, truth[name], estimate[name], metrics, who, interval if resamples else None)
        for name in names
    ]
    table: pd.DataFrame = pd.DataFrame(rows)
    return table


def _row(
    name: Hashable,
    truth: pd.Series[Any],
    estimate: pd.Series[Any],
    metrics: Mapping[str, Metric],
    persons: Rows | None,
    interval: Callable[..., tuple[float, float]] | None,
) -> dict[str, Any]:
    """Counts, metrics and, if wanted, intervals of one column."""
    a, b = truth.to_numpy(), estimate.to_numpy()
    complete = ~(pd.isna(a) | pd.isna(b))
    a, b, dropped = complete_pairs(a, b)
    row: dict[str, Any] = {"column": name, "n": len(a), "dropped": dropped}
    who = None if persons is None else persons[complete]
    for key, metric in metrics.items():
        row[key] = metric(a, b) if len(a) else math.nan
        if interval is not None:
            row[f"{key}_low"], row[f"{key}_high"] = interval(metric, a, b, persons=who)
    return row


def _common(truth: pd.DataFrame, estimate: pd.DataFrame) -> list[Hashable]:
    names: list[Hashable] = [
        c for c in truth.columns if group_of(c) == "aus" and c in estimate.columns
    ]
    if not names:
        raise InputError("columns: the tables have no action unit in common; name the columns")
    return names


def _check(truth: pd.DataFrame, estimate: pd.DataFrame, names: Sequence[Hashable]) -> None:
    if len(truth) != len(estimate):
        raise InputError(
            f"truth and estimate differ in length: {len(truth)} and {len(estimate)} rows"
        )
    if not truth.index.equals(estimate.index):
        raise InputError(
            "truth and estimate have different indexes, so rows may not correspond: "
            "merge them on what identifies a row, "
            "or reset_index(drop=True) on both if their order is the same"
        )
    for table, title in ((truth, "truth"), (estimate, "estimate")):
        if missing := [name for name in names if name not in table.columns]:
            raise InputError(f"{title}: no column {missing[0]!r}")
