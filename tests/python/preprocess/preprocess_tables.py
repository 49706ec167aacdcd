"""Tables made by hand whose right answers are known."""

from __future__ import annotations

import numpy as np
from synthetic_tables import PROVENANCE

from mien import FaceTable

RATE = 30.0


def make_clips(rows: int = 120, clips: int = 3, seed: int = 0, missing: bool = True) -> FaceTable:
    """Clips one after the other, one face each, rows without a face, columns of every kind."""
    rng = np.random.default_rng(seed)
    total = rows * clips
    table = FaceTable(
        {
            "input": np.repeat([f"clip{i}.mp4" for i in range(clips)], rows),
            "frame": np.tile(np.arange(rows), clips),
            "time": np.tile(np.arange(rows) / RATE, clips),
            "track": np.zeros(total, np.int32),
            "status": np.full(total, "ok", dtype=object),
            "FaceRectX": rng.normal(100, 3, total).astype(np.float32),
            "FaceRectY": rng.normal(50, 3, total).astype(np.float32),
            "x_0": rng.normal(100, 3, total).astype(np.float32),
            "Pitch": rng.normal(0, 0.1, total).astype(np.float32),
            "AU01": rng.uniform(0.05, 1, total).astype(np.float32),
            "AU12": rng.uniform(0.05, 1, total).astype(np.float32),
            "happiness": rng.uniform(0.05, 1, total).astype(np.float32),
            "valence": rng.uniform(-1, 1, total).astype(np.float32),
            "subject": np.repeat([f"s{i % 2}" for i in range(clips)], rows),
            "rating": np.repeat(np.arange(clips, dtype=float), rows),
        },
        provenance=PROVENANCE,
    )
    if missing:
        empty = rng.choice(total, total // 20, replace=False)
        table.loc[empty, ["FaceRectX", "FaceRectY", *VALUES]] = np.nan
        table.loc[empty, "status"] = "no_face"
    return table


VALUES = ["x_0", "Pitch", "AU01", "AU12", "happiness", "valence"]
OTHERS = ["input", "frame", "track", "status", "subject", "rating"]
