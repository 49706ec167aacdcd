"""Operations on a table of a million rows by 200 columns, each beside its plain expression, in turn
in one process.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import mien.facs
import mien.preprocess
import mien.stats
from bench.tables import plain
from bench.tables.synthetic import COLUMNS, long_table
from mien import FaceTable

EVENT = ["onset", "apex", "offset", "duration", "peak"]


@dataclass(frozen=True)
class Operation:
    """Ours, the plain one, and the numbers of each result to compare."""

    name: str
    ours: Callable[[FaceTable], Any]
    plain: Callable[[FaceTable], Any]
    numbers: Callable[[Any], Any] = lambda result: result[COLUMNS].to_numpy()
    plain_numbers: Callable[[Any], Any] = np.asarray


OPERATIONS = (
    Operation("baseline", mien.preprocess.baseline, plain.baseline),
    Operation("clean", mien.preprocess.clean, plain.clean),
    Operation(
        "extract_summary",
        mien.preprocess.extract_summary,
        plain.extract_summary,
        lambda result: result.filter(regex="^(mean|sem|std|max|min)_").to_numpy()[0],
    ),
    Operation(
        "extract_wavelet",
        lambda table: mien.preprocess.extract_wavelet(
            table, plain.FREQ, plain.CYCLES, mode="power"
        ),
        plain.extract_wavelet,
        lambda result: result.filter(regex="_power_").to_numpy(),
    ),
    Operation(
        "isc",
        lambda table: mien.stats.isc(table, subjects="subject"),
        plain.isc,
        lambda result: result.table["isc"].to_numpy(),
    ),
    Operation(
        "events",
        lambda table: mien.facs.events(table, plain.AUS, high=plain.HIGH, low=plain.LOW),
        plain.events,
        lambda result: result[EVENT].to_numpy(),
        lambda result: result[EVENT].to_numpy(),
    ),
)


def tables(rows: int, rounds: int) -> dict[str, Any]:
    """Seconds of each operation and of its plain expression, and their ratio within each round.

    Raises
    ------
    AssertionError
        An operation and its plain expression give different numbers.
    """
    table = long_table(rows)
    found = {operation.name: compare(operation, table, rounds) for operation in OPERATIONS}
    return {
        "rows": len(table),
        "columns": len(COLUMNS),
        "rounds": rounds,
        "operations": found,
    }


def compare(operation: Operation, table: FaceTable, rounds: int) -> dict[str, Any]:
    """Check one operation, then time it; raises AssertionError where the numbers differ."""
    np.testing.assert_allclose(
        operation.numbers(operation.ours(table)),
        operation.plain_numbers(operation.plain(table)),
        rtol=1e-3,
        atol=1e-4,
    )
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_seconds(operation.ours, table))
        theirs.append(_seconds(operation.plain, table))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"{operation.name}: {statistics.median(ours):.3g} s, {ratio:.2f} of the plain one's time",
        file=sys.stderr,
    )
    return {
        "seconds": [round(s, 4) for s in ours],
        "plain_seconds": [round(s, 4) for s in theirs],
        "ratio": {
            "median": round(ratio, 3),
            "least": round(min(ratios), 3),
            "greatest": round(max(ratios), 3),
        },
    }


def _seconds(work: Callable[[FaceTable], Any], table: FaceTable) -> float:
    gc.collect()
    begin = time.perf_counter()
    result = work(table)
    took = time.perf_counter() - begin
    del result
    return took
