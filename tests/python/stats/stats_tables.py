"""Tables made by hand, and what the tests of the statistics share."""

from __future__ import annotations

import numpy as np
from hypothesis import settings

from mien import FaceTable

UNITS = ["AU01", "AU04", "AU06", "AU12", "AU25"]

relaxed = settings(deadline=None, max_examples=30, print_blob=True)
"""No deadline: a test must not fail because the machine is busy."""


def make_people(people: int = 12, seed: int = 0, missing: bool = True) -> FaceTable:
    """Two rows for each person, before and after; AU12 rises, AU25 follows AU06 and AU12."""
    rng = np.random.default_rng(seed)
    who = np.repeat([f"p{i:02d}" for i in range(people)], 2)
    after = np.tile([0.0, 1.0], people)
    table = FaceTable(rng.uniform(0, 1, (2 * people, len(UNITS))), columns=UNITS)
    table["AU12"] += 0.5 * after
    table["AU25"] = 0.2 + 0.7 * table["AU06"] - 0.3 * table["AU12"] + rng.normal(0, 0.1, len(who))
    table.insert(0, "who", who)
    table["when"] = np.where(after > 0, "after", "before")
    table["status"] = "ok"
    if missing:
        table.loc[3, "AU12"] = np.nan
        table.loc[8, "AU12"] = np.inf
        table.loc[5, UNITS] = np.nan
    return table


def make_viewers(
    viewers: int = 6, frames: int = 80, seed: int = 0, shared: float = 0.7, missing: bool = False
) -> FaceTable:
    """Faces that watch one film: part of each unit's course is common to all."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(frames, len(UNITS)))
    parts = []
    for viewer in range(viewers):
        own = rng.normal(size=common.shape)
        part = FaceTable(shared * common + np.sqrt(1 - shared**2) * own, columns=UNITS)
        part["AU01"] = own[:, 0]  # nothing common
        part.insert(0, "input", f"v{viewer}.mp4")
        part.insert(1, "frame", np.arange(frames))
        parts.append(part)
    import pandas as pd

    table = FaceTable(pd.concat(parts, ignore_index=True))
    if missing:
        empty = rng.choice(len(table), len(table) // 10, replace=False)
        table.loc[empty, UNITS] = np.nan
        return FaceTable(table.drop(index=table.index[-7:]))
    return table


def cube(table: FaceTable, columns: list[str] = UNITS) -> np.ndarray:
    """(subjects, frames, columns) by pandas alone."""
    wide = [table.pivot(index="input", columns="frame", values=c).to_numpy() for c in columns]
    return np.stack(wide, axis=-1)
