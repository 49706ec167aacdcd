"""PyAFAR's CSV and JSON files (Hinduja et al., ACII 2023)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.formats._common import action_unit, assemble, count_faces, require
from mien.formats._delimited import read_delimited
from mien.table import FaceTable

__all__ = ["read_pyafar"]


_POINT = re.compile(r"([xyz])_(\d+)")
_POSE = ("Pitch", "Yaw", "Roll")


def read_pyafar(
    path: str | Path,
    fps: float | None = None,
    angles: Literal["radians", "degrees"] | None = None,
    input: str | None = None,
) -> FaceTable:
    """Read a CSV or JSON file of PyAFAR's.

    - ``Int_au_12`` (0-5) gives ``AU12`` (0-1); likelihoods ``Occ_au_12`` are no intensities and
      stay as they are.
    - Its points are MediaPipe's mesh: ``x_0`` becomes ``mesh_x_0``.
    - ``Person_ID`` gives `track`. PyAFAR leaves out frames without a face: they are missing here
      too.
    - Its manual does not say whether head angles are degrees or radians, nor their signs. A value
      beyond pi means degrees; signs stay as they are.

    Parameters
    ----------
    path : str or Path
        ``.csv`` or ``.json`` (a list of rows, or columns).
    fps : float, optional
        Frames per second, for `time`; NaN without.
    angles : {"radians", "degrees"}, optional
        Unit of the head's angles, instead of the rule above.
    input : str, optional
        Name for the column `input`; the file's name without suffix by default.

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not a file of PyAFAR's, or damaged.
    """
    if angles not in (None, "radians", "degrees"):
        raise OptionError(f"angles: wanted radians or degrees, got {angles!r}")
    source = Path(path)
    raw = _read(source)
    require(source, raw, ["Frame"], "a file of PyAFAR's")
    values, notes = _values(raw, angles)
    renamed = {name: f"mesh_{name}" for name in map(str, raw) if _POINT.fullmatch(name)}
    if renamed:
        notes.append(
            "x_i, y_i, z_i are points of the mesh: renamed to mesh_x_i, mesh_y_i, mesh_z_i"
        )
    frame = raw["Frame"].to_numpy()
    found = _has_values(values)
    own = raw[[c for c in raw if c not in ("Frame", *_POSE)]].rename(columns=renamed)
    return assemble(
        source,
        "PyAFAR",
        frame=frame,
        found=found,
        time=None if fps is None else frame / fps,
        inputs=input,
        face=count_faces(frame, found),
        track=raw.get("Person_ID"),
        values=values,
        own=own,
        conversions=notes,
    )


def _values(raw: pd.DataFrame, angles: str | None) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns, and the conversions that gave them."""
    intensities = [name for name in map(str, raw) if re.fullmatch(r"Int_au_\d+", name)]
    columns: dict[str, Any] = {action_unit(name): raw[name] / 5 for name in intensities}
    notes = ["action units: intensities 0-5 over 5"] if intensities else []
    pose = raw[[name for name in _POSE if name in raw]].astype(np.float64)
    if len(pose.columns):
        unit = angles or _angle_unit(pose)
        columns |= dict(np.deg2rad(pose).items() if unit == "degrees" else pose.items())
        notes.append(f"head: taken as {unit}, signs as in the file")
    return pd.DataFrame(columns, index=raw.index), notes


def _angle_unit(pose: pd.DataFrame) -> str:
    """Degrees if any angle is beyond pi, otherwise radians."""
    return "degrees" if bool((pose.abs() > np.pi).any(axis=None)) else "radians"


def _has_values(numbers: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows (N,) with any number; all rows where there are no columns."""
    if not len(numbers.columns):
        return np.ones(len(numbers), bool)
    return np.asarray(numbers.notna().any(axis=1))


def _read(source: Path) -> pd.DataFrame:
    if source.suffix.lower() != ".json":
        return read_delimited(source)
    if not source.is_file():
        raise InputError(f"{source}: no such file")
    try:
        rows: pd.DataFrame = pd.read_json(source)
    except ValueError as error:
        raise InputError(f"{source}: damaged, or not a table in JSON: {error}") from error
    return rows
