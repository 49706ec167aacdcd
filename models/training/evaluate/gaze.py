"""Gaze on rendered faces whose eyes are turned by known angles: slopes of yaw and pitch.

    python -m models.training.evaluate.gaze models/packs/default --people 24 --metrics FILE

The head stays and the eyes turn, -25 to 25 degrees to the sides and -15 to 15 up and down, one axis
at a time. A slope of 1 means that the numbers turn as far as the eyes do; it is that of each
person's straight line, so that a person's own zero does not matter.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import mien
from models.training.datasets.head_angles import gaze_angles
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.posed_people import People
from models.training.evaluate.trust_data import read_faces

DATA = "posed faces of people that no training saw; nothing but the eyes moves"
SWEEPS = {"pitch": (-15, -7.5, 0, 7.5, 15), "yaw": (-25, -12.5, 0, 12.5, 25)}
COLUMNS = ("gaze_pitch", "gaze_yaw")


def sweep(count: int) -> tuple[list[np.ndarray], pd.DataFrame]:
    """Images, and of each the person, the axis and the true angles, in radians."""
    people, images, rows = People(), [], []
    for number in range(count):
        still, behind = people.person(number)
        for axis, angles in SWEEPS.items():
            for angle in np.radians(angles):
                gaze = (float(angle), 0.0) if axis == "pitch" else (0.0, float(angle))
                image, labels = people.show(replace(still, gaze=gaze), behind)
                images.append(image)
                true = gaze_angles(labels["gaze"][None])[0]
                rows.append({"person": number, "axis": axis, "pitch": true[0], "yaw": true[1]})
    return images, pd.DataFrame(rows)


def slopes(truth: pd.DataFrame, faces: pd.DataFrame) -> dict[str, object]:
    """Metrics of what an engine read, a row for each of ``truth``."""
    out: dict[str, object] = {"images": len(truth), "found": float(faces[COLUMNS[0]].notna().mean())}
    for axis, column in zip(("pitch", "yaw"), COLUMNS, strict=True):
        found = []
        for _, rows in truth[truth["axis"] == axis].groupby("person"):
            read = faces.loc[rows.index, column].to_numpy(float)
            if np.isfinite(read).all():
                line = np.polyfit(rows[axis], read, 1)
                found.append((line[0], np.corrcoef(rows[axis], read)[0, 1]))
        slope, r = np.mean(found, 0) if found else (np.nan, np.nan)
        spread = np.std(found, 0)[0] if found else np.nan
        out[axis] = {"slope": slope, "spread_of_people": spread, "r": r, "people": len(found)}
    return out


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packs", nargs="+", type=Path, help="folders of packs")
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--metrics", type=Path, help="write the metrics here")
    options = parser.parse_args()
    images, truth = sweep(options.people)
    metrics = {}
    for pack in options.packs:
        engine = mien.Engine(pack, device="cpu", threads=1)
        metrics[pack.name] = slopes(truth, read_faces(engine, iter(images)))
    print(json.dumps(plain(metrics), indent=1))
    if options.metrics:
        command = f"python -m models.training.evaluate.gaze PACKS --people {options.people}"
        write_metrics(options.metrics, metrics, command=command, data=DATA)


if __name__ == "__main__":
    main()
