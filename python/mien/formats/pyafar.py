"""PyAFAR's CSV and JSON files (Hinduja et al., ACII 2023)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.formats._common import action_unit, assemble, count_faces, frame_numbers, require
from mien.formats._delimited import read_delimited
from mien.formats._dialect import find_dialect
from mien.formats._files import existing_file
from mien.formats._json import parse_json
from mien.formats._numbers import as_numbers
from mien.table import FaceTable

__all__ = ["read_pyafar"]


_POINT = re.compile(r"([xyz])_(\d+)")
_NUMBER = re.compile(r"Frame|Person_ID|Int_au_\d+|Pitch|Yaw|Roll")
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
    source = existing_file(path, "a file of PyAFAR's")
    raw, said = _read(source)
    require(source, raw, ["Frame"], "a file of PyAFAR's")
    values, notes = _values(raw, angles)
    notes = said + notes
    renamed = {name: f"mesh_{name}" for name in map(str, raw) if _POINT.fullmatch(name)}
    if renamed:
        notes.append(
            "x_i, y_i, z_i are points of the mesh: renamed to mesh_x_i, mesh_y_i, mesh_z_i"
        )
    frame = frame_numbers(source, raw["Frame"])
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


def _read(source: Path) -> tuple[pd.DataFrame, list[str]]:
    """The file's columns, and what is to be said of its dialect."""
    if source.suffix.lower() != ".json":
        dialect = find_dialect(source)
        return read_delimited(source, dialect, numbers=_NUMBER.fullmatch), dialect.notes()
    content = parse_json(source.read_bytes(), source, "or not a table in JSON")
    if isinstance(content, dict) and all(isinstance(v, dict) for v in content.values()):
        content = {name: pd.Series(list(v.values()), list(v)) for name, v in content.items()}
    elif not _is_table(content):
        raise InputError(
            f"{source}: wanted a list of rows or columns of one length, got {str(content)[:40]!r}"
        )
    rows = pd.DataFrame(content).reset_index(drop=True)
    return as_numbers(source, rows, _NUMBER.fullmatch), []


def _is_table(content: Any) -> bool:
    """Whether it is a list of rows, or columns of one length."""
    if isinstance(content, list):
        return bool(content) and all(isinstance(row, dict) for row in content)
    columns = list(content.values()) if isinstance(content, dict) else []
    return all(isinstance(c, list) for c in columns) and len({len(c) for c in columns}) == 1
