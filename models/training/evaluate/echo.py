"""How far action units repeat the seven expressions: R2 of each unit from them.

    python -m models.training.evaluate.echo models/packs/default --metrics FILE

A unit that is read from its muscle goes its own way: people with the same expression differ in it.
Held-out photographs of LFW and UTKFace go through the engine; each unit is then foretold from the
seven expressions by a linear model of their logarithms and probabilities and by a small tree, and
R2 is that of photographs that the model was not fitted to (five folds).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.tree import DecisionTreeRegressor

import mien
from mien.schema import EMOTIONS
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.trust_data import photographs, read_faces

DATA = "held-out tenth of LFW and UTKFace, through the engine"
FOLDS = 5
LEAF = 20  # photographs at least in a leaf of the tree
DEPTH = 5
FLOOR = 1e-4  # of a probability, before its logarithm
STILL = 1e-6  # variance below which a column says nothing


def columns_of(table: pd.DataFrame) -> list[str]:
    """Action unit columns without sides, then valence and arousal."""
    units = [c for c in table.columns if c.startswith("AU") and "_" not in c]
    return [*units, "valence", "arousal"]


def explained(expressions: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """R2 of values (N,) from expression probabilities (N, 7), and the higher of both models'."""
    logs = np.concatenate([expressions, np.log(np.maximum(expressions, FLOOR))], 1)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=LEAF, random_state=0)
    models = {"linear": (LinearRegression(), logs), "tree": (tree, expressions)}
    out = {}
    for name, (model, features) in models.items():
        told = cross_val_predict(model, features, values, cv=folds)
        out[name] = float(1 - ((values - told) ** 2).sum() / ((values - values.mean()) ** 2).sum())
    return out | {"r2": max(out.values())}


def echo(faces: pd.DataFrame) -> dict[str, object]:
    """Metrics of faces (a row each, those without expressions left out)."""
    faces = faces.dropna(subset=list(EMOTIONS))
    expressions = faces[list(EMOTIONS)].to_numpy(float)
    out: dict[str, object] = {"faces": len(faces)}
    for column in columns_of(faces):
        values = faces[column].to_numpy(float)
        if values.var() > STILL:
            out[column] = explained(expressions, values)
    return out


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packs", nargs="+", type=Path, help="folders of packs")
    parser.add_argument("--count", type=int, help="photographs of each dataset; by default all")
    parser.add_argument("--metrics", type=Path, help="write the metrics here")
    options = parser.parse_args()
    metrics = {}
    for pack in options.packs:
        engine = mien.Engine(pack, device="cpu", threads=1)
        metrics[pack.name] = echo(read_faces(engine, photographs(count=options.count)))
    print(json.dumps(plain(metrics), indent=1))
    if options.metrics:
        command = "python -m models.training.evaluate.echo PACKS"
        command += f" --count {options.count}" if options.count else ""
        write_metrics(options.metrics, metrics, command=command, data=DATA)


if __name__ == "__main__":
    main()
