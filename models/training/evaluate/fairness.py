"""Fairness of a network: metrics by age, gender and race, and measures over the groups.

    python -m models.training.evaluate.fairness TRUTH ESTIMATE --output fairness.json

Two tables (Parquet or CSV) of the same rows. The truth has the people's attributes (``age``,
``gender``, ``race``, whichever are known; ages become bands) and any of these columns, which the
estimate has too: ``expression`` (of the estimate, else the likeliest of its seven), action units,
``valence``, ``arousal``, 68 landmarks. The truth may be people's labels or a teacher's; what agrees
with a teacher is as fair as the teacher.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien import metrics as measures
from mien.schema import EMOTIONS, group_of
from models.training.datasets.readers.utkface import fields_of
from models.training.evaluate.metrics import MetricsError, write_metrics

ATTRIBUTES = ("age", "gender", "race")
AGES = {"0-12": 12, "13-25": 25, "26-45": 45, "46-65": 65, "66 and over": math.inf}
PRESENT = 0.5  # a unit is there from this intensity on
MOVING = 0.02  # a unit whose truth varies less (standard deviation) has no meaningful correlation


def utkface_people(names: Iterable[str]) -> pd.DataFrame:
    """Age, gender and race of UTKFace images by their names; missing where a name lacks one."""
    fields = [fields_of(Path("utkface"), str(name)) for name in names]
    # Where a field is missing the others are not trusted either.
    whole = [f if None not in f else (math.nan, None, None) for f in fields]
    return pd.DataFrame(whole, columns=list(ATTRIBUTES))


def age_bands(ages: pd.Series) -> pd.Series:
    """Ages in years as the bands of `AGES`."""
    return pd.cut(ages, [-1, *AGES.values()], labels=list(AGES))


def fairness_metrics(
    truth: pd.DataFrame, estimate: pd.DataFrame, people: pd.DataFrame, *, resamples: int = 500
) -> dict[str, Any]:
    """Metrics by group with 95 % intervals, and the fairness measures of each attribute.

    Parameters
    ----------
    truth, estimate : DataFrame
        Rows of the same faces; see the module.
    people : DataFrame
        Columns of `ATTRIBUTES`, any of them; age in years or bands.

    Returns
    -------
    dict
        ``groups.ATTRIBUTE.GROUP`` holds ``n`` and each metric; ``fairness.ATTRIBUTE`` the measures.
    """
    people = people[[a for a in ATTRIBUTES if a in people.columns]].reset_index(drop=True)
    if people.empty or len(truth) != len(estimate) or len(truth) != len(people):
        raise MetricsError(f"wanted rows of the same faces, and one of {', '.join(ATTRIBUTES)}")
    if "age" in people and pd.api.types.is_numeric_dtype(people["age"]):
        people = people.assign(age=age_bands(people["age"]))
    groups: dict[str, Any] = {a: {} for a in people.columns}
    fairness: dict[str, Any] = {a: {} for a in people.columns}
    for left, right, by_group, overall in _heads(truth, estimate):
        found = measures.group_table(left, right, people, by_group, resamples=resamples)
        for attribute, group, n, name, *value in found.itertuples(index=False):
            metric = dict(zip(("value", "low", "high"), value, strict=False))
            groups[attribute].setdefault(str(group), {"n": n})[name] = metric
        for attribute in people.columns:
            for name, measure in overall.items():
                fairness[attribute][name] = measure(left, right, people[attribute].to_numpy(object))
    return {"groups": groups, "fairness": fairness}


def _heads(truth: pd.DataFrame, estimate: pd.DataFrame) -> Iterable[tuple[Any, Any, dict, dict]]:
    """Of every head that both tables have: rows, rows, metrics of a group, measures over groups."""
    if "expression" in truth:
        guess = estimate["expression"] if "expression" in estimate else _likeliest(estimate)
        yield (
            truth["expression"].to_numpy(object),
            guess.to_numpy(object),
            {"expression_uar": measures.uar, "expression_f1": measures.f1},
            {
                "expression_equality_of_opportunity": measures.equality_of_opportunity,
                "expression_equal_opportunity_difference": measures.equal_opportunity_difference,
            },
        )
    for name in ("valence", "arousal"):
        if name in truth and name in estimate:
            sides = (t[name].to_numpy(float) for t in (truth, estimate))
            yield (*sides, {f"{name}_ccc": measures.ccc}, {f"{name}_ccc": measures.fairness_ccc})
    units = [
        c for c in truth if group_of(c) == "aus" and c in estimate and truth[c].std() >= MOVING
    ]
    if units:
        sides = (t[units].to_numpy(float) for t in (truth, estimate))
        yield (
            *sides,
            {"units_pcc": _mean_pcc, "units_mae": lambda a, b: measures.mae(a.ravel(), b.ravel())},
            {"units_equal_opportunity_difference": _units_difference},
        )
    if {"x_0", "y_67"} <= set(truth) & set(estimate):
        sides = (measures.landmark_points(t) for t in (truth, estimate))
        yield (*sides, {"landmarks_nme": measures.nme}, {})


def _likeliest(table: pd.DataFrame) -> pd.Series:
    """The expression of largest probability; missing where the row has none."""
    seven = table[list(EMOTIONS)]
    return seven.fillna(-1).idxmax(axis=1).astype(object).where(seven.notna().all(axis=1), None)


def _mean_pcc(truth: np.ndarray, estimate: np.ndarray) -> float:
    """Mean correlation over units; those that don't move in these rows are left out."""
    each = [measures.pcc(a, b) for a, b in zip(truth.T, estimate.T, strict=True)]
    known = [r for r in each if not math.isnan(r)]
    return float(np.mean(known)) if known else math.nan


def _units_difference(truth: np.ndarray, estimate: np.ndarray, groups: np.ndarray) -> float:
    """Mean equal opportunity difference over units, present from `PRESENT` on."""
    each = []
    for a, b in zip(truth.T, estimate.T, strict=True):
        rows = ~np.isnan(a) & ~np.isnan(b)
        sides = (a[rows] >= PRESENT, b[rows] >= PRESENT)
        each.append(measures.equal_opportunity_difference(*sides, groups[rows], positive=True))
    known = [d for d in each if not math.isnan(d)]
    return float(np.mean(known)) if known else math.nan


def read(path: Path) -> pd.DataFrame:
    """A table of Parquet or CSV."""
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path)
    parser.add_argument("estimate", type=Path)
    parser.add_argument("--data", default="", help="what the rows are, for the card")
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    truth = read(options.truth)
    try:
        metrics = fairness_metrics(
            truth, read(options.estimate), truth, resamples=options.resamples
        )
    except MetricsError as error:
        parser.error(str(error))
    command = f"python -m models.training.evaluate.fairness {options.truth} {options.estimate}"
    write_metrics(options.output, metrics, command=command, data=options.data or options.truth.name)


if __name__ == "__main__":
    main()
