"""Affectiva's values under the names that iMotions gives them in its exports, 0-100."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from mien.formats.affectiva import EMOTIONS, UNITS

__all__ = ["NAMES", "affdex_values"]


def _words(name: str) -> str:
    """``innerBrowRaise`` as iMotions writes it: ``Inner Brow Raise``."""
    return re.sub(r"(?<!^)([A-Z])", r" \1", name[:1].upper() + name[1:])


NAMES = {_words(old): new for old, new in {**UNITS, **EMOTIONS}.items()}
"""mien's column of each of iMotions' columns."""

POSE = ("Pitch", "Yaw", "Roll")


def affdex_values(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns, and the conversions that gave them."""
    columns: dict[str, Any] = {new: raw[old] / 100 for old, new in NAMES.items() if old in raw}
    notes = ["action units, expressions, valence: over 100"]
    for name in POSE:
        if name in raw:
            columns[name] = np.deg2rad(raw[name])
    if set(POSE) & set(raw.columns):
        notes.append("head: degrees to radians, signs as in the file")
    return pd.DataFrame(columns, index=raw.index), notes
