"""A long table of faces, synthetic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mien import FaceTable

FPS = 30
SUBJECTS = 20
COLUMNS = [
    *(f"{axis}_{i}" for axis in "xy" for i in range(68)),
    *("Pitch", "Roll", "Yaw", "gaze_pitch", "gaze_yaw"),
    *("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"),
    *("valence", "arousal"),
    *(f"AU{number:02d}" for number in range(1, 51)),
]
"""200 columns of values."""


def long_table(rows: int) -> FaceTable:
    """One recording of one face: float32 values that swing between 0 and 1 at paces of their own,
    with noise.

    `frame` counts anew for each of `SUBJECTS` equal parts, which `subject` names; `time` goes on
    through all.
    """
    rows -= rows % SUBJECTS
    rng = np.random.default_rng(1)
    time = np.arange(rows) / FPS
    values = np.empty((rows, len(COLUMNS)), np.float32)
    for i in range(len(COLUMNS)):
        wave = np.sin(2 * np.pi * rng.uniform(0.05, 0.8) * time + rng.uniform(0, 6))
        values[:, i] = 0.5 + 0.4 * wave + 0.03 * rng.standard_normal(rows, np.float32)
    one = np.repeat(np.arange(SUBJECTS), rows // SUBJECTS)
    about = pd.DataFrame(
        {
            "input": pd.Categorical(["clip.mp4"] * rows),
            "subject": one,
            "frame": np.tile(np.arange(rows // SUBJECTS), SUBJECTS),
            "time": time,
            "track": np.zeros(rows, np.int32),
        }
    )
    return FaceTable(pd.concat([about, pd.DataFrame(values, columns=COLUMNS)], axis=1))
