"""Baselines on disk: JSON to read and to share, Parquet for many people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien.errors import InputError, OptionError, OutputError
from mien.preprocess.baselines import Baseline

__all__: list[str] = []


FORMAT = 1


def save_baseline(baseline: Baseline, path: Path) -> Path:
    """Write a baseline; see `Baseline.save`."""
    kind = _format_of(path)
    about = {"mien_baseline": FORMAT, "statistic": baseline.statistic, "by": baseline.by}
    try:
        if kind == "json":
            path.write_text(json.dumps({**about, **_as_lists(baseline)}, indent=1))
        else:
            _write_parquet(baseline, path, about)
    except OSError as error:
        raise OutputError(f"{path}: can't be written: {error}") from error
    return path


def load_baseline(path: Path) -> Baseline:
    """Read a baseline; see `Baseline.load`."""
    kind = _format_of(path)
    try:
        about, values = _read_json(path) if kind == "json" else _read_parquet(path)
        values.index.name = about["by"]
        return Baseline(values, about["statistic"], about["by"])
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: damaged, or not a baseline of mien's: {error!r}") from error


def _as_lists(baseline: Baseline) -> dict[str, Any]:
    cells = baseline.values.to_numpy(np.float64)
    people = [v.item() if isinstance(v, np.generic) else v for v in baseline.values.index]
    return {
        "people": people if baseline.by is not None else None,
        "columns": list(baseline.values.columns),
        "values": [[None if np.isnan(v) else float(v) for v in row] for row in cells],
    }


def _write_parquet(baseline: Baseline, path: Path, about: dict[str, Any]) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    arrow = pa.Table.from_pandas(baseline.values)
    key = {b"mien_baseline": json.dumps(about).encode()}
    pq.write_table(arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **key}), path)


def _format_of(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in (".json", ".parquet"):
        raise OptionError(
            f"{path}: wanted a name that ends in .json or .parquet, got {suffix or 'none'!r}"
        )
    return suffix[1:]


def _read_json(path: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    content = json.loads(path.read_text())
    _check_format(content["mien_baseline"], path)
    people = [0] if content["people"] is None else content["people"]
    values = pd.DataFrame(content["values"], index=people, columns=content["columns"], dtype=float)
    return content, values


def _read_parquet(path: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow = pq.read_table(path)
    except pa.ArrowException as error:
        raise InputError(f"{path}: damaged, or not a Parquet file: {error}") from error
    about = json.loads(arrow.schema.metadata[b"mien_baseline"])
    _check_format(about["mien_baseline"], path)
    return about, arrow.to_pandas()


def _check_format(version: object, path: Path) -> None:
    if version != FORMAT:
        raise InputError(f"{path}: wanted a baseline of format {FORMAT}, got {version!r}")
