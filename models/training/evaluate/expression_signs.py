"""Action units judged by human expression labels: a unit against neutral faces."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mien.metrics import roc_auc
from models.training.datasets.paths import require
from models.training.datasets.teacher_mesh import BLENDSHAPES, label_path

# Unit, the expressions that bring it, the teacher's blendshapes for it.
SIGNS = (
    ("AU12", ("happiness",), ("mouthSmileLeft", "mouthSmileRight")),
    ("AU06", ("happiness",), ("cheekSquintLeft", "cheekSquintRight")),
    ("AU04", ("anger",), ("browDownLeft", "browDownRight")),
    ("AU26", ("surprise",), ("jawOpen",)),
    ("AU01", ("fear", "surprise"), ("browInnerUp",)),
    ("AU01", ("fear",), ("browInnerUp",)),
    ("AU01", ("surprise",), ("browInnerUp",)),
    ("AU05", ("surprise",), ("eyeWideLeft", "eyeWideRight")),
    ("AU09", ("disgust",), ("noseSneerLeft", "noseSneerRight")),
    ("AU10", ("disgust",), ("mouthUpperUpLeft", "mouthUpperUpRight")),
    ("AU15", ("sadness",), ("mouthFrownLeft", "mouthFrownRight")),
)


def sign_metrics(units: pd.DataFrame, human: np.ndarray) -> dict[str, float]:
    """ROC-AUC against neutral of each of `SIGNS`; NaN for a unit that is not there.

    Parameters
    ----------
    units : DataFrame
        A column a unit; rows with NaN (no face) take no part.
    human : (N,) array of str
        The expressions' names.

    Returns
    -------
    dict
        Such as ``AU01_fear_or_surprise``.
    """
    metrics = {}
    for unit, expressions, _ in SIGNS:
        rows = np.isin(human, ("neutral", *expressions))
        metrics[f"{unit}_{'_or_'.join(expressions)}"] = (
            roc_auc((human != "neutral")[rows], units[unit].to_numpy(float)[rows])
            if unit in units
            else math.nan
        )
    return metrics


def teacher_units(names: Sequence[str]) -> pd.DataFrame:
    """The teacher's signal for the units of `SIGNS` on FER2013, sides averaged; NaN: no face."""
    with np.load(require(label_path("fer2013"), "teacher labels")) as answers:
        place = {name: i for i, name in enumerate(answers["names"].tolist())}
        rows = [place[name] for name in names]
        shapes, found = answers["shapes"][rows], answers["found"][rows]
    columns = {
        unit: shapes[:, [BLENDSHAPES.index(s) for s in signs]].mean(1) for unit, _, signs in SIGNS
    }
    table = pd.DataFrame(columns).astype(float)
    table.loc[~found] = math.nan
    return table
