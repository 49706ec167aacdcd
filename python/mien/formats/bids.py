"""BIDS: continuous recordings, ``*_physio.tsv.gz`` with a JSON sidecar.

BIDS 1.10, "Physiological recordings".
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien.errors import InputError, OptionError
from mien.formats._atomic_write import replacing
from mien.formats._delimited import write_delimited
from mien.formats.data_dictionary import data_dictionary
from mien.table import FaceTable

__all__ = ["write_bids"]


_SUFFIX = "_physio.tsv.gz"
JITTER = 0.1
"""Largest distance of a time from the regular grid, in periods: containers round to 1 ms."""


def write_bids(table: FaceTable, path: str | Path, start_time: float | None = None) -> Path:
    """Write one face of one input as a BIDS recording: values without header, and a sidecar.

    The sidecar has ``Columns``, ``SamplingFrequency``, ``StartTime``, a description and unit of
    each column (the data dictionary) and the provenance. Missing values are ``n/a``. `input` is the
    same in all rows and goes into the sidecar.

    Parameters
    ----------
    table : FaceTable
        A row a frame, at even steps of time.
    path : str or Path
        ``..._physio.tsv.gz``; the sidecar has the same name with ``.json``.
    start_time : float, optional
        Seconds from the start of the run's first scan (or whatever the run counts from) to the
        first row; the first `time` by default.

    Returns
    -------
    Path

    Raises
    ------
    OptionError
        Another suffix.
    InputError
        Several inputs or faces, no times, or times at uneven steps.
    OutputError
        It can't be written; text with a tab or line break in it.
    """
    target = Path(path)
    if not target.name.endswith(_SUFFIX):
        raise OptionError(f"{target}: wanted a name that ends in {_SUFFIX}, as BIDS has it")
    rate = _rate(table, target)
    columns = [name for name in table if name != "input"]
    start = float(table["time"].iloc[0]) if start_time is None else float(start_time)
    sidecar = _sidecar(table, columns, rate, start)
    with replacing(target) as file, gzip.GzipFile("", "wb", 6, file, 0) as packed:
        write_delimited(pd.DataFrame(table[columns]), packed, "\t", header=False, missing="n/a")
    described = target.with_name(target.name.removesuffix(".tsv.gz") + ".json")
    with replacing(described) as file:
        file.write(json.dumps(sidecar, indent=1, ensure_ascii=False).encode() + b"\n")
    return target


def _sidecar(table: FaceTable, columns: list[Any], rate: float, start: float) -> dict[str, Any]:
    provenance = table.provenance
    sidecar: dict[str, Any] = {
        "SamplingFrequency": rate,
        "StartTime": start,
        "Columns": columns,
        "PhysioType": "generic",
        "SoftwareName": "mien" if "pack" in provenance else provenance.get("format", "mien"),
        "Input": str(table["input"].iloc[0]) if "input" in table else "",
        "Provenance": provenance,
    }
    for entry in data_dictionary(table).to_dict("records"):
        if entry["name"] in columns:
            sidecar[entry["name"]] = _described(entry)
    return sidecar


def _described(entry: dict[Any, Any]) -> dict[str, str]:
    fields = {"Description": "description", "Units": "unit", "Range": "range", "Source": "source"}
    return {key: entry[field] for key, field in fields.items() if entry[field]}


def _rate(table: FaceTable, target: Path) -> float:
    """Rows a second, or an error that says why there is no such number."""
    if len(table) < 2 or "time" not in table:
        raise InputError(
            f"{target}: wanted a table with times and at least two rows, got {len(table)}"
        )
    if "input" in table and table["input"].nunique() > 1:
        raise InputError(
            f"{target}: a recording is of one input and the table has {table['input'].nunique()}: "
            "write the parts of table.groupby('input') one by one"
        )
    time = table["time"].to_numpy(np.float64)
    if np.isnan(time).any():
        raise InputError(f"{target}: {int(np.isnan(time).sum())} rows have no time")
    if len(np.unique(time)) < len(time):
        raise InputError(
            f"{target}: several rows have one time, as of several faces: choose one, "
            "e.g. table[table['face'].fillna(0) == 0]"
        )
    period = (time[-1] - time[0]) / (len(time) - 1)
    grid = time[0] + period * np.arange(len(time))
    if period <= 0 or np.abs(time - grid).max() > JITTER * period:
        steps = np.diff(time)
        raise InputError(
            f"{target}: BIDS wants even steps of time and these are "
            f"{steps.min():.4g} to {steps.max():.4g} s: resample the table first"
        )
    return float(1 / period)
