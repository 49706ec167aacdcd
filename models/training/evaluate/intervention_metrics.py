"""Numbers of what a reader says of faces that one unit was moved onto."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from models.training.datasets.moved_actions.units import UNITS
from models.training.networks.behaviour import ACTION_UNITS

FOLLOWS = 0.9  # Spearman's coefficient from which a column follows its unit
ENOUGH = 0.8  # rise, of MediaPipe's
NEARLY_STILL = 0.2  # SD: a rise of MediaPipe's below this is no yardstick
FLAT = 1e-9


@dataclass(frozen=True)
class Doses:
    """Readings of faces with a unit moved in.

    Attributes
    ----------
    unit : str
    strengths : tuple of float
        Rising, the first 0.
    values : (N, S or S + 2, U) float
        By face, then by strength on both sides, then on the left and on the right alone at the
        last strength, for units with sides.
    """

    unit: str
    strengths: tuple[float, ...]
    values: np.ndarray

    def changes(self, spread: np.ndarray) -> np.ndarray:
        """Mean change (S or S + 2, U) from the first, in SD; 0 for a column that never moves."""
        change = (self.values - self.values[:, :1]).mean(0)
        return np.where(spread > FLAT, change / np.maximum(spread, FLAT), 0.0)


def two_sided(columns: np.ndarray) -> dict[str, float]:
    """Values (U,) of columns by unit, the mean of a unit's two sides."""
    units = [name.partition("_")[0] for name in ACTION_UNITS]
    return {
        u: float(np.mean([c for c, of in zip(columns, units, strict=True) if of == u]))
        for u in units
    }


def own_columns(unit: str) -> list[int]:
    """Places of a unit's columns."""
    return [i for i, name in enumerate(ACTION_UNITS) if name.partition("_")[0] == unit]


def spearman(strengths: tuple[float, ...], values: np.ndarray) -> float:
    """Spearman's coefficient; 0 where the values don't move."""
    if np.ptp(values) < FLAT:
        return 0.0
    return float(np.corrcoef(rankdata(strengths), rankdata(values))[0, 1])


def unit_metrics(doses: Doses, spread: np.ndarray) -> dict[str, Any]:
    """Metrics of one reader and unit.

    Returns
    -------
    dict
        ``faces``; ``spearman`` of strength and own column, the mean over faces; ``rise`` of the own
        unit in SD at the last strength; ``rise_raw``, in the column's own unit; ``others``, the
        changes of all other units in SD; ``rises_most``: whether no other unit rises more, those
        that the movement takes along left out; ``other_side``: what the unmoved side rises, as a
        share of the moved one, mean of both (units with sides).
    """
    if not len(doses.values):
        return {"faces": 0}
    own, last = own_columns(doses.unit), len(doses.strengths) - 1
    changes = doses.changes(spread)
    by_unit = two_sided(changes[last])
    others = {u: v for u, v in by_unit.items() if u != doses.unit}
    strange = [v for u, v in others.items() if u not in UNITS[doses.unit].takes]
    dose = doses.values[:, : last + 1, own].mean(2)
    found = {
        "faces": len(doses.values),
        "spearman": float(np.mean([spearman(doses.strengths, row) for row in dose])),
        "rise": by_unit[doses.unit],
        "rise_raw": float((dose[:, -1] - dose[:, 0]).mean()),
        "rises_most": by_unit[doses.unit] > max(strange),
        "others": others,
    }
    if len(own) == 2 and len(changes) > last + 2:
        left, right = own
        sides = ((changes[last + 1], left, right), (changes[last + 2], right, left))
        moved = sum(change[here] for change, here, _ in sides)
        still = sum(change[there] for change, _, there in sides)
        found["other_side"] = float(still / moved) if moved > NEARLY_STILL else None
    return found


def summary(units: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The rows of the benchmark: of all units, and MediaPipe's where it has them."""
    table = {u: m for u, m in units.items() if m["pack"]["faces"]}
    pack = {u: m["pack"] for u, m in table.items()}
    ratio = {
        u: m["pack"]["rise"] / m["mediapipe"]["rise"]
        for u, m in table.items()
        if m["mediapipe"]["rise"] >= NEARLY_STILL
    }
    rows: dict[str, Any] = {
        "units": len(table),
        "rise_over_mediapipe": ratio,
        "rise_enough": sum(r >= ENOUGH for r in ratio.values()),
        "rise_comparable": len(ratio),
    }
    for name in ("pack", "mediapipe"):
        of = {u: m[name] for u, m in table.items()}
        sided = [m["other_side"] for m in of.values() if m.get("other_side") is not None]
        rows[name] = {
            "follow": sum(m["spearman"] >= FOLLOWS for m in of.values()),
            "rise_most": sum(m["rises_most"] for m in of.values()),
            "other_side_median": float(np.median(sided)) if sided else None,
        }
    if "AU12" in pack:
        smile = pack["AU12"]["others"]
        rows["smile"] = {u: smile[u] for u in ("AU04", "AU01")}
    return rows
