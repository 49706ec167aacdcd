"""DISFA (Mavadati et al. 2013): 27 people watch a film; 12 action units on every frame, 0 to 5.

``ActionUnit_Labels/SN001/SN001_au1.txt`` has a line ``frame,intensity`` per frame, frames counted
from 1. Videos: ``Videos_LeftCamera/LeftVideoSN001_comp.avi``,
``Video_RightCamera/RightVideoSN001_Comp.avi``. The set's landmarks are the 66 points of a tracker,
not the 68 of iBUG, and are not read. All nine people of DISFA+ are among the 27, under the same
names.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError, MissingFileError
from models.training.datasets.readers.files import lines, require_folder, require_matches, whole
from models.training.datasets.readers.record import make_table, stack, unit_name

UNITS = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
STRONGEST = 5
FOLDERS = {
    "left": ("Videos_LeftCamera", "Video_LeftCamera"),
    "right": ("Video_RightCamera", "Videos_RightCamera"),
}


def read(root: Path, camera: str = "left") -> pd.DataFrame:
    """Read one camera's videos, "left" or "right"; both have the same labels."""
    if camera not in FOLDERS:
        raise ValueError(f"disfa: camera is {camera!r}, wanted one of {list(FOLDERS)}")
    labels = require_folder("disfa", root / "ActionUnit_Labels", "labels")
    parts = []
    for folder in require_matches("disfa", labels, "SN*", "folders of people"):
        person = folder.name
        coded = {unit: _intensities(folder, person, unit) for unit in UNITS}
        frames = sorted(coded[UNITS[0]])
        for unit, values in coded.items():
            if sorted(values) != frames:
                path = folder / f"{person}_au{unit}.txt"
                problem = f"wanted the {len(frames)} frames of au{UNITS[0]}, got {len(values)}"
                raise DamagedFileError(path, None, problem)
        units = {unit_name(u): [v[f] / STRONGEST for f in frames] for u, v in coded.items()}
        places = {
            "image": _video(root, person, camera),
            "frame": np.array(frames) - 1,
            "person": person,
            "sequence": person,
        }
        parts.append((len(frames), {**places, **units}))
    return make_table("disfa", *stack(parts))


def _intensities(folder: Path, person: str, unit: int) -> dict[int, int]:
    path = folder / f"{person}_au{unit}.txt"
    if not path.exists():
        raise MissingFileError("disfa", path, f"labels of action unit {unit}")
    values: dict[int, int] = {}
    for line, text in lines(path):
        fields = text.split(",")
        if len(fields) != 2:
            raise DamagedFileError(path, line, f"wanted frame,intensity, got {text!r}")
        frame = whole(path, line, fields[0], 1, 10**7)
        if frame in values:
            raise DamagedFileError(path, line, f"frame {frame} for the second time")
        values[frame] = whole(path, line, fields[1], 0, STRONGEST)
    return values


def _video(root: Path, person: str, camera: str) -> str:
    # The spelling differs between cameras and mirrors: "_comp.avi", "_Comp.avi".
    wanted = f"{camera}video{person}_comp.avi".lower()
    for folder in FOLDERS[camera]:
        if (root / folder).is_dir():
            for path in (root / folder).iterdir():
                if path.name.lower() == wanted:
                    return path.relative_to(root).as_posix()
    raise MissingFileError("disfa", root / FOLDERS[camera][0] / wanted, f"video of {person}")
