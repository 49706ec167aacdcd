"""Action units of posed faces: does a column follow its own unit, and its own side?

    python -m models.training.evaluate.posed models/packs/default --people 12 --metrics FILE

People that no training saw show each unit by itself, on both sides at five strengths and on each
side alone. Of each unit: Spearman's correlation of the column with the strength (mean of people),
its rise from rest to 1, whether no other column rises more (in standard deviations of each column
over the people at rest), and what share of a one-sided action the other side's column repeats.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import mien
from models.training.datasets.posed_faces.actions import SHAPES, SIDED, set_unit
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.posed_people import RESTING, People
from models.training.evaluate.trust_data import read_faces
from models.training.networks.behaviour import ACTION_UNITS

DATA = "posed faces of people that no training saw, one unit at a time"
STRENGTHS = (0.25, 0.5, 0.75, 1.0)
ALONE = 0.9  # strength of one-sided actions
SPREAD = 0.03  # least standard deviation of a column at rest that rises are measured by
# A jaw that drops parts the lips, and so does a funnel: their rise is no cross-talk.
EXPECTED = {"AU26": {"AU25"}, "AU22": {"AU25"}, "AU16": {"AU25"}, "AU10": {"AU25"}}


def actions() -> list[tuple[str, float, float]]:
    """Unit, strength on the left and on the right of every action that is shown."""
    both = [(unit, s, s) for unit in SHAPES for s in STRENGTHS]
    left = [(unit, ALONE, 0.0) for unit in SIDED]
    return both + left + [(unit, 0.0, ALONE) for unit in SIDED]


def show(count: int) -> tuple[list[np.ndarray], pd.DataFrame]:
    """Images, and the person, unit and strengths of each; a person's first is at rest."""
    people, images, rows = People(), [], []
    for number in range(count):
        still, behind = people.person(number)
        for unit, left, right in [("", 0.0, 0.0), *actions()]:
            strengths = RESTING.copy()
            if unit:
                set_unit(strengths, unit, left, right)
            images.append(people.show(replace(still, strengths=strengths), behind)[0])
            rows.append({"person": number, "unit": unit, "left": left, "right": right})
    return images, pd.DataFrame(rows)


def changes(shown: pd.DataFrame, faces: pd.DataFrame) -> pd.DataFrame:
    """Columns' changes from each person's own rest; people not found at rest are left out."""
    values = faces[ACTION_UNITS].astype(float)
    rest = values[shown["unit"] == ""].set_index(shown.loc[shown["unit"] == "", "person"])
    return values - rest.loc[shown["person"]].to_numpy()


def metrics_of(shown: pd.DataFrame, faces: pd.DataFrame) -> dict[str, object]:
    """Metrics of what an engine read."""
    moved = changes(shown, faces)
    spread = faces.loc[shown["unit"] == "", ACTION_UNITS].astype(float).std().clip(lower=SPREAD)
    units = {unit: _unit(unit, shown, moved, spread) for unit in SHAPES}
    rho = np.array([u["spearman"] for u in units.values()], float)
    others = [u["other_side"] for u in units.values() if "other_side" in u]
    return {
        "found": float(faces[ACTION_UNITS[0]].notna().mean()),
        "spearman_above_0.9": int((rho >= 0.9).sum()),
        "own_rises_most": int(sum(bool(u["rises_most"]) for u in units.values())),
        "other_side_mean": float(np.nanmean(others)),
        "units": units,
    }


def _unit(
    unit: str, shown: pd.DataFrame, moved: pd.DataFrame, spread: pd.Series
) -> dict[str, object]:
    own = [c for c in ACTION_UNITS if c.startswith(unit)]
    rows = shown[shown["unit"] == unit]
    both = rows[rows["left"] == rows["right"]]
    rhos = []
    for _, mine in both.groupby("person"):
        read = np.concatenate([[0.0], moved.loc[mine.index, own].mean(axis=1).to_numpy()])
        if np.isfinite(read).all() and np.ptp(read) > 0:
            rhos.append(spearmanr([0.0, *mine["left"]], read).statistic)
    full = moved.loc[both.index[both["left"] == 1.0]].mean()
    ranked = (full / spread).groupby(lambda c: c[:4]).max()
    rivals = ranked.drop([unit, *EXPECTED.get(unit, ())])
    out: dict[str, object] = {
        "spearman": float(np.mean(rhos)) if rhos else float("nan"),
        "rise": float(full[own].mean()),
        "rise_sd": float(ranked[unit]),
        "rises_most": bool(ranked[unit] >= rivals.max()),
        "next": str(rivals.idxmax()),
        "next_sd": float(rivals.max()),
    }
    return out | (_sides(unit, rows, moved) if unit in SIDED else {})


def _sides(unit: str, rows: pd.DataFrame, moved: pd.DataFrame) -> dict[str, object]:
    """What share of a one-sided action's rise the other side's column repeats."""
    same, other = 0.0, 0.0
    for mine, theirs in (("left", "right"), ("right", "left")):
        alone = moved.loc[rows.index[(rows[mine] > 0) & (rows[theirs] == 0)]].mean()
        same += alone[f"{unit}_{mine[0].upper()}"]
        other += alone[f"{unit}_{theirs[0].upper()}"]
    return {"one_sided_rise": same / 2, "other_side": other / same if same > 0 else float("nan")}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packs", nargs="+", type=Path, help="folders of packs")
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--metrics", type=Path, help="write the metrics here")
    options = parser.parse_args()
    images, shown = show(options.people)
    metrics = {}
    for pack in options.packs:
        engine = mien.Engine(pack, device="cpu", threads=1)
        metrics[pack.name] = metrics_of(shown, read_faces(engine, iter(images)))
    print(json.dumps(plain(metrics), indent=1))
    if options.metrics:
        command = f"python -m models.training.evaluate.posed PACKS --people {options.people}"
        write_metrics(options.metrics, metrics, command=command, data=DATA)


if __name__ == "__main__":
    main()
