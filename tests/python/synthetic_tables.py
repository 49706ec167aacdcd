"""Tables made by hand, as an engine would make them, for tests that need no engine."""

from __future__ import annotations

import numpy as np

import mien
from mien import schema
from mien.table import table_from_arrays

UNITS = ("AU01", "AU04", "AU12", "AU25", "AU12_L", "AU12_R")


def engine_columns() -> list[str]:
    """Columns an engine with a full pack gives, in its order."""
    names = schema.standard_columns()[len(schema.INDEX_COLUMNS) :]
    at = names.index("anger")
    return [*names[:at], *UNITS, *names[at:]]


class Rows:
    """Synthetic rows, as the core hands them out: frame i holds i % 3 faces."""

    def __init__(self, frames: int, seed: int = 0) -> None:
        rows = [(i, face) for i in range(frames) for face in (range(i % 3) if i % 3 else [-1])]
        self.frame = np.array([i for i, _ in rows], np.int64)
        self.face = np.array([face for _, face in rows], np.int32)
        self.time = self.frame / 29.97
        self.track = self.face.copy()
        self.status = np.where(self.face < 0, 1, 0).astype(np.uint8)
        rng = np.random.default_rng(seed)
        self.values = rng.normal(size=(len(rows), len(engine_columns()))).astype(np.float32)
        self.values[self.face < 0] = np.nan


PROVENANCE = {
    "mien": "0.1.0",
    "created": "2026-01-01T00:00:00+00:00",
    "pack": {
        "name": "synthetic",
        "version": "1",
        "license": "none",
        "sha256": {"localization": "00"},
    },
    "provider": "cpu",
    "options": {"threads": 2, "score_threshold": 0.5},
    "inputs": [{"input": "clip.mp4", "kind": "video", "fps": 29.97}],
}


def make_table(frames: int = 12, name: str = "clip.mp4", seed: int = 0) -> mien.FaceTable:
    rows = Rows(frames, seed)
    provenance = {**PROVENANCE, "inputs": [{**PROVENANCE["inputs"][0], "input": name}]}
    return table_from_arrays([([name] * len(rows.frame), rows)], engine_columns(), provenance)
