"""What the benchmark of trust shows to an engine: held-out photographs, and posed faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd

import mien
from models.training.datasets.crops import held_out
from models.training.datasets.teacher_mesh import decode, read_members
from models.training.evaluate.engine_fer import largest_faces

COLOUR = ("lfw", "utkface")
GROUP = 64  # images an engine is given at once


def photographs(datasets: Sequence[str] = COLOUR, count: int | None = None) -> Iterator[np.ndarray]:
    """RGB images (H, W, 3) of the held-out tenths, at most ``count`` of each dataset."""
    for dataset in datasets:
        archive, names = read_members(dataset)
        kept = (name for name in names if held_out(dataset, name))
        for name in islice(kept, count):
            yield decode(archive.read(name))


def read_faces(engine: mien.Engine, images: Iterator[np.ndarray]) -> pd.DataFrame:
    """The largest face's row of each image, in their order; NaN where none is found."""
    tables = []
    while group := list(islice(images, GROUP)):
        tables.append(largest_faces(engine.analyze(group), len(group)))
    return pd.concat(tables, ignore_index=True)
