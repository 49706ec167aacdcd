"""LibreFace's CSV files (Chang et al., WACV 2024)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien.formats._common import action_unit, assemble, count_faces, frame_numbers, require
from mien.formats._delimited import read_delimited
from mien.formats._dialect import find_dialect
from mien.formats._files import existing_file
from mien.table import FaceTable

__all__ = ["read_libreface"]


_INTENSITY = re.compile(r"au_\d+_intensity")
_NUMBER = re.compile(
    r"frame_idx|frame_time_in_ms|au_\d+_intensity|pitch|yaw|roll|gaze_pitch|gaze_yaw"
)
_TEXT = ("path_to_frame", "facial_expression", "input_image_path", "aligned_image_path")


def read_libreface(path: str | Path, input: str | None = None) -> FaceTable:
    """Read a CSV file of LibreFace's.

    - ``frame_time_in_ms`` holds seconds in the releases that compute it from the frame rate, and
      milliseconds in those that take it from OpenCV: a step of a whole unit or more from frame to
      frame means milliseconds.
    - ``au_12_intensity`` (0-5) gives ``AU12`` (0-1); the decisions ``au_12`` stay as they are, and
      so does the label of the expression, which has no probability.
    - ``pitch yaw roll`` and gaze are degrees: radians in `Pitch`, `Yaw`, `Roll`, `gaze_pitch`,
      `gaze_yaw`. Its head yaw and roll are positive to the subject's left: the signs are changed.
      LibreFace computes head angles from an almost flat face, so that they follow the rotation of
      the head but are too small.

    Parameters
    ----------
    path : str or Path
    input : str, optional
        Name for the column `input`; the file's name without ``.csv`` by default.

    Returns
    -------
    FaceTable
        The columns ``pitch``, ``yaw``, ``roll`` and ``au_12_intensity`` stay too; ``gaze_pitch``
        and ``gaze_yaw`` are in radians.

    Raises
    ------
    InputError
        Not a file of LibreFace's, or damaged.
    """
    source = existing_file(path, "a file of LibreFace's")
    dialect = find_dialect(source)
    raw = read_delimited(source, dialect, text=_TEXT, numbers=_NUMBER.fullmatch)
    intensities = [name for name in map(str, raw) if _INTENSITY.fullmatch(name)]
    if not intensities:
        require(source, raw, ["au_12_intensity"], "a file of LibreFace's")
    frame = frame_numbers(source, raw["frame_idx"] if "frame_idx" in raw else range(len(raw)))
    values, notes = _values(raw, intensities)
    time = raw.get("frame_time_in_ms")
    if time is not None:
        unit = _time_unit(time, pd.Series(frame, index=raw.index))
        time = time / unit
        notes.append(
            f"time: frame_time_in_ms, which holds {'milliseconds' if unit > 1 else 'seconds'}"
        )
    found = raw[intensities].notna().any(axis=1).to_numpy()
    taken = {"frame_idx", "frame_time_in_ms", "gaze_pitch", "gaze_yaw"}
    return assemble(
        source,
        "LibreFace",
        frame=frame,
        found=found,
        time=time,
        inputs=input,
        face=count_faces(frame, found),
        values=values,
        own=raw[[c for c in raw if c not in taken]],
        conversions=dialect.notes() + notes,
    )


def _values(raw: pd.DataFrame, intensities: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns, and the conversions that gave them."""
    notes = ["action units: intensities 0-5 over 5"]
    columns: dict[str, Any] = {action_unit(name): raw[name] / 5 for name in intensities}
    for name, sign in (("pitch", 1), ("yaw", -1), ("roll", -1)):
        if name in raw:
            columns[name.capitalize()] = sign * np.deg2rad(raw[name])
    for name in ("gaze_pitch", "gaze_yaw"):
        if name in raw:
            columns[name] = np.deg2rad(raw[name])
    if {"pitch", "yaw", "roll"} & set(raw.columns):
        notes.append("head: degrees to radians, signs of Yaw and Roll changed")
    if "gaze_yaw" in raw:
        notes.append("gaze: degrees to radians")
    return pd.DataFrame(columns, index=raw.index), notes


def _time_unit(time: pd.Series[Any], frame: pd.Series[Any]) -> int:
    """Units of `frame_time_in_ms` per second: 1000, or 1 where it holds seconds."""
    steps = time.diff() / frame.diff()
    return 1000 if steps.median() >= 1 else 1
