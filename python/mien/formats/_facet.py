"""Emotient FACET's values under the names that iMotions gives them in its exports."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from mien.formats._common import action_unit

__all__ = ["BOX", "facet_values"]


BOX = {f"FaceRect {side}": f"FaceRect{side}" for side in ("X", "Y", "Width", "Height")}
_EMOTIONS = {
    "Anger": "anger",
    "Disgust": "disgust",
    "Fear": "fear",
    "Joy": "happiness",
    "Sadness": "sadness",
    "Surprise": "surprise",
    "Neutral": "neutral",
}
_UNIT = re.compile(r"AU\d+ Evidence")
# FACET's head: yaw positive to the viewer's right, pitch positive down, roll counter-clockwise for
# the viewer.
_POSE = (("Pitch", -1), ("Roll", 1), ("Yaw", -1))


def facet_values(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns (box, action units, expressions, head pose), and how they came about."""
    columns: dict[str, Any] = {new: raw[old] for old, new in BOX.items() if old in raw}
    for name in (str(c) for c in raw if _UNIT.fullmatch(str(c))):
        columns[action_unit(name)] = _probability(raw[name])
    for old, new in _EMOTIONS.items():
        if f"{old} Evidence" in raw:
            columns[new] = _probability(raw[f"{old} Evidence"])
    for name, sign in _POSE:
        if f"{name} Degrees" in raw:
            columns[name] = sign * np.deg2rad(raw[f"{name} Degrees"].astype(np.float64))
    return pd.DataFrame(columns, index=raw.index), [
        "action units, expressions: evidence (log10 odds) to probability",
        "head: degrees to radians, signs of Pitch and Yaw changed",
    ]


def _probability(evidence: pd.Series[Any]) -> pd.Series[Any]:
    with np.errstate(over="ignore", divide="ignore"):  # of odds beyond a float's: 0 or 1
        odds: pd.Series[Any] = 10 ** evidence.astype(np.float64)
        return 1 / (1 + 1 / odds)
