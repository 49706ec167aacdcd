"""Metrics of each head of the behaviour network: values in, nested numbers out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from mien import metrics as measures
from models.training.datasets.unit_signals import reliably_supervised
from models.training.networks.behaviour import ACTION_UNITS, EXPRESSIONS

# A unit whose teacher's signal varies less (standard deviation) has no meaningful correlation.
MOVING = 0.02


def expression_metrics(probability: np.ndarray, human: np.ndarray) -> dict[str, Any]:
    """Expressions against human labels.

    Parameters
    ----------
    probability : (N, 7) float
    human : (N,) int
        Index into EXPRESSIONS.
    """
    names = np.array(EXPRESSIONS)
    truth, guess = names[human], names[probability.argmax(1)]
    table = measures.class_table(truth, guess).set_index("class")
    classes = {name: row.to_dict() for name, row in table.iterrows()}
    for i, name in enumerate(EXPRESSIONS):
        if name in classes:
            classes[name]["roc_auc"] = measures.roc_auc(human == i, probability[:, i])
            classes[name]["pr_auc"] = measures.pr_auc(human == i, probability[:, i])
    size = range(len(EXPRESSIONS))
    said = probability.argmax(1)
    counts = [[int(((human == i) & (said == j)).sum()) for j in size] for i in size]
    return {
        "images": len(human),
        "accuracy": measures.accuracy(truth, guess),
        "uar": measures.uar(truth, guess),
        "f1": measures.f1(truth, guess),
        "roc_auc": _mean(c["roc_auc"] for c in classes.values()),
        "pr_auc": _mean(c["pr_auc"] for c in classes.values()),
        "classes": classes,
        "confusion": {"labels": list(EXPRESSIONS), "counts": counts},
    }


def unit_metrics(values: np.ndarray, teacher: np.ndarray) -> dict[str, Any]:
    """Action units (N, U) against the teacher's.

    ``seen`` averages over the units that are reliably supervised
    (`unit_signals.reliably_supervised`) and move in these images.
    """
    each = {
        unit: {"pcc": measures.pcc(truth, ours), "mae": measures.mae(truth, ours)}
        for unit, truth, ours in zip(ACTION_UNITS, teacher.T, values.T, strict=True)
    }
    seen = seen_units(teacher)
    return {
        "seen": {
            "units": [ACTION_UNITS[i] for i in seen],
            "pcc": _mean(each[ACTION_UNITS[i]]["pcc"] for i in seen),
            "mae": _mean(each[ACTION_UNITS[i]]["mae"] for i in seen),
        },
        "each": each,
    }


def seen_units(teacher: np.ndarray) -> list[int]:
    """Columns of the units (N, U) which the teacher sees well, see `unit_metrics`."""
    return np.flatnonzero(reliably_supervised() & (teacher.std(0) >= MOVING)).tolist()


def affect_metrics(values: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """Valence and arousal (N, 2) against targets."""
    metrics: dict[str, Any] = {
        name: {
            "ccc": measures.ccc(target[:, i], values[:, i]),
            "pcc": measures.pcc(target[:, i], values[:, i]),
            "rmse": measures.rmse(target[:, i], values[:, i]),
            "sagr": measures.sagr(target[:, i], values[:, i]),
        }
        for i, name in enumerate(("valence", "arousal"))
    }
    return metrics | {"ccc": (metrics["valence"]["ccc"] + metrics["arousal"]["ccc"]) / 2}


def landmark_metrics(values: np.ndarray, teacher: np.ndarray) -> dict[str, float]:
    """Points (N, 136), all x before all y, against the teacher's: NME by two eye distances."""
    ours, theirs = (points.reshape(-1, 2, 68).transpose(0, 2, 1) for points in (values, teacher))
    errors = measures.point_errors(theirs, ours, by="pupils")
    return {
        "nme_outer_eyes": measures.nme(theirs, ours, by="outer_eyes"),
        "nme_pupils": measures.nme(theirs, ours, by="pupils"),
        "nme_pupils_90th_percentile": float(np.nanpercentile(errors, 90)),
    }


def angle_metrics(
    values: np.ndarray, teacher: np.ndarray, names: tuple[str, ...]
) -> dict[str, Any]:
    """Angles (N, K) in radians against the teacher's, in degrees."""
    metrics: dict[str, Any] = {}
    for i, name in enumerate(names):
        metrics[name] = {
            "mae_degrees": math.degrees(measures.mae(teacher[:, i], values[:, i])),
            "pcc": measures.pcc(teacher[:, i], values[:, i]),
            "teacher_sd_degrees": math.degrees(teacher[:, i].std()),
        }
    for key in ("mae_degrees", "pcc"):
        metrics[key] = _mean(metrics[name][key] for name in names)
    return metrics


def unit_table(values: np.ndarray) -> pd.DataFrame:
    """Units (N, U) by name; those with sides also under their plain name, the stronger side."""
    table = pd.DataFrame(np.asarray(values, float), columns=ACTION_UNITS)
    sides: dict[str, list[str]] = {}
    for unit in ACTION_UNITS:
        sides.setdefault(unit.partition("_")[0], []).append(unit)
    plain = {n: table[own].max(axis=1) for n, own in sides.items() if own != [n]}
    return table.assign(**plain)


def _mean(numbers: Iterable[float]) -> float:
    known = [x for x in numbers if not math.isnan(x)]
    return float(np.mean(known)) if known else math.nan
