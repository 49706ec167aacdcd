"""Tables as OpenFace 2's CSV files: its columns, its order, its units."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from mien.errors import InputError, OptionError
from mien.formats.atomic_write import replacing
from mien.formats.data_dictionary import Kind, write_dictionary
from mien.formats.delimited import write_delimited
from mien.formats.openface import (
    EYES,
    INTENSITIES,
    OCCURRENCES,
    POINTS,
    SCALE,
    head_to_openface,
    vector_from_gaze,
)
from mien.table import FaceTable

__all__ = ["openface_columns", "write_openface"]


_EYE_POINTS = tuple(f"eye_lmk_{axis}_{i}" for axis in ("x", "y", "X", "Y", "Z") for i in range(56))
_BLOCKS = (
    (*EYES, "gaze_angle_x", "gaze_angle_y", *_EYE_POINTS),
    tuple(f"pose_{kind}{axis}" for kind in "TR" for axis in "xyz"),
    POINTS,
    tuple(f"{axis}_{i}" for axis in "XYZ" for i in range(68)),
    (
        "p_scale",
        *(f"p_{kind}{axis}" for kind in "r" for axis in "xyz"),
        *("p_tx", "p_ty"),
        *(f"p_{i}" for i in range(34)),
    ),
    (*INTENSITIES, *OCCURRENCES),
)


def openface_columns(video: bool = True) -> list[str]:
    """All columns of OpenFace 2, in its order: 714 of a video, 711 of images."""
    marks = ("frame", "face_id", "timestamp", "confidence", "success")
    first = marks if video else ("face", "confidence")
    return [*first, *(name for block in _BLOCKS for name in block)]


def write_openface(
    table: FaceTable,
    path: str | Path,
    columns: Literal["all", "known"] = "all",
    dictionary: Kind | None = "csv",
) -> Path:
    """Write the rows of one input as OpenFace 2's CSV file.

    - ``AU12`` (0-1) becomes ``AU12_r`` (0-5, times 5), ``AU43`` also ``AU45_r`` where there is no
      ``AU45``; head rotation and gaze get OpenFace's axes; `frame` counts from 1; `track` (or
      `face`) is ``face_id``; ``success`` is 1 where `status` is ok.
    - What mien has no word on is taken from the table where it has a column of OpenFace's name (as
      `read_openface` leaves them), and is empty otherwise: decisions ``AU12_c``, head position, 3D
      points, points of the eyes, ``p_`` parameters. Both eyes get the one direction of gaze.
    - ``confidence`` is that column, or `FaceScore`, and 0 without a face. Rows without a face are
      empty but for what was read from a file of OpenFace's.
    - Without any `time` the file is one of images: ``face, confidence`` and no success.
    - OpenFace rounds (times to 3 decimals, landmarks to 1); here every digit is written.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        Name of the CSV file.
    columns : {"all", "known"}
        All of OpenFace's columns, or only the blocks (gaze, pose, 2D and 3D landmarks, parameters,
        action units) that hold something, as OpenFace's own switches leave them out.
    dictionary : {"csv", "json"}, optional
        Data dictionary of the table beside it, ``<name>_dictionary.csv``; None for none.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        Rows of several inputs.
    OptionError
        Another choice of columns.
    OutputError
        It can't be written.
    """
    if columns not in ("all", "known"):
        raise OptionError(f"columns: wanted all or known, got {columns!r}")
    target = Path(path)
    if "input" in table and table["input"].nunique() > 1:
        raise InputError(
            f"{target}: OpenFace writes a file for each input and the table has {table['input'].nunique()}: "
            "write the parts of table.groupby('input') one by one"
        )
    video = "time" in table and bool(table["time"].notna().any())
    known = dict(_known(table, video))
    order = openface_columns(video)
    if columns == "known":
        empty = [b for b in _BLOCKS if not any(n in known and known[n].notna().any() for n in b)]
        order = [name for name in order if not any(name in block for block in empty)]
    nothing = pd.Series(np.nan, index=table.index)
    frame = pd.DataFrame({name: known.get(name, nothing) for name in order})
    with replacing(target) as file:
        write_delimited(frame, file)
    write_dictionary(table, target, dictionary)
    return target


def _known(table: FaceTable, video: bool) -> Iterator[tuple[str, Any]]:
    """OpenFace's columns that the table can give."""
    rows = range(len(table))
    found = table["status"].eq("ok") if "status" in table else pd.Series(True, index=table.index)
    confidence = table.get("confidence", table.get("FaceScore"))
    if video:
        frame = table.get("frame", pd.Series(rows, index=table.index))
        yield "frame", frame + 1
        yield "face_id", _face(table)
        yield "timestamp", table["time"]
        yield "success", found.astype(np.int64)
    else:
        yield "face", _face(table)
    if confidence is not None:
        yield "confidence", confidence.fillna(0.0)
    own = {n: table[n] for block in _BLOCKS for n in block if n in table and n not in POINTS}
    yield from own.items()
    for name, values in (*_points(table), *_angles(table), *_units(table)):
        old = own.get(name, table.get(f"{name}_raw"))
        # Where there is no face, what the table has of OpenFace's own is all there is.
        yield name, values if old is None else values.mask(~found, old)


def _face(table: FaceTable) -> pd.Series[Any]:
    for name in ("face_id", "track", "face"):
        if name in table and table[name].notna().any():
            numbers: pd.Series[Any] = table[name].fillna(0).astype(np.int64)
            return numbers
    nought: pd.Series[Any] = pd.Series(0, index=table.index)
    return nought


def _points(table: FaceTable) -> Iterator[tuple[str, Any]]:
    for name in POINTS:
        if name in table:
            yield name, table[name]


def _angles(table: FaceTable) -> Iterator[tuple[str, Any]]:
    def series(values: Any) -> Any:
        return pd.Series(values, index=table.index)

    if {"Pitch", "Yaw", "Roll"} <= set(table.columns):
        turned = head_to_openface(
            *(table[n].to_numpy(np.float64) for n in ("Pitch", "Yaw", "Roll"))
        )
        yield from ((f"pose_R{a}", series(v)) for a, v in zip("xyz", turned, strict=True))
    if {"gaze_pitch", "gaze_yaw"} <= set(table.columns):
        pitch, yaw = (table[n].to_numpy(np.float64) for n in ("gaze_pitch", "gaze_yaw"))
        x, y, z = vector_from_gaze(pitch, yaw)
        yield "gaze_angle_x", series(np.arctan2(x, -z))
        yield "gaze_angle_y", series(np.arctan2(y, -z))
        if not set(EYES) <= set(table.columns):
            yield from ((name, series((x, y, z)["xyz".index(name[-1])])) for name in EYES)


def _units(table: FaceTable) -> Iterator[tuple[str, Any]]:
    for name in INTENSITIES:
        unit = name[:4]
        if unit == "AU45" and unit not in table:
            unit = "AU43"  # eyes closed; a blink is a short one
        if unit in table:
            yield name, table[unit] * SCALE
