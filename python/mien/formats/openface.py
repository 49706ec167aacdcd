"""OpenFace 2's CSV files (Baltrusaitis et al., FG 2018), in and out.

Columns are those that its ``FeatureExtraction`` writes. Camera space is that of OpenFace: x to the
right of the image, y down, z away from the camera. Its head rotation is Rx Ry Rz, mien's is
Rz(Roll) Ry(Yaw) Rx(Pitch) (``types.h``, Note [Angles]); both rotate the same head, so the angles
are computed from the matrix, not renamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import schema
from mien.errors import InputError, OptionError
from mien.formats._atomic_write import replacing
from mien.formats._common import assemble, count_faces, frame_numbers
from mien.formats._delimited import header_of, read_delimited, write_delimited
from mien.formats._dialect import find_dialect
from mien.formats._files import existing_file
from mien.formats.data_dictionary import DictionaryKind, write_dictionary
from mien.table import FaceTable

__all__ = ["openface_columns", "read_openface", "write_openface"]


Array = NDArray[np.float64]

INTENSITIES: tuple[str, ...] = tuple(
    f"AU{n:02d}_r" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
)
OCCURRENCES: tuple[str, ...] = (*(f"{name[:4]}_c" for name in INTENSITIES[:-1]), "AU28_c", "AU45_c")
EYES: tuple[str, ...] = tuple(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz")
POINTS: tuple[str, ...] = tuple(
    f"{axis}_{i}" for axis in "xy" for i in range(schema.LANDMARK_COUNT)
)
SCALE = 5.0
"""OpenFace's highest intensity of an action unit; mien's is 1."""

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
"""OpenFace's columns in its order, by block."""


_NUMBERS = (
    *("frame", "face", "face_id", "timestamp", "confidence", "success"),
    *(name for block in _BLOCKS for name in block),
)


def read_openface(path: str | Path, input: str | None = None) -> FaceTable:
    """Read a CSV file of OpenFace 2's, with all of its 714 columns or any of them.

    - ``AU12_r`` (0-5) gives ``AU12`` (0-1); head and gaze get mien's signs and order of rotation;
      ``timestamp`` gives `time`; `frame` counts from 0.
    - Rows with ``success`` 0 are ``no_face`` and have NaN in mien's columns. What OpenFace wrote
      there stays in its own columns, the landmarks in ``x_0_raw`` and
      so on.
    - All other columns stay as they are, ``confidence`` and ``AU12_c`` among them. A file of images
      has neither times nor ``success``: each of its rows is a face.

    Parameters
    ----------
    path : str or Path
    input : str, optional
        Name for the column `input`; the file's name without ``.csv`` by default.

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not a file of OpenFace's, or damaged.
    """
    source = existing_file(path, "a file of OpenFace 2's")
    dialect = find_dialect(source)
    names = header_of(source, dialect)
    video = "frame" in names and "confidence" in names
    if not video and not {"face", "confidence"} <= set(names):
        raise InputError(
            f"{source}: not a file of OpenFace 2's: wanted columns frame (or face) and confidence, "
            f"got {names[:8]}"
        )
    raw = read_delimited(source, dialect, numbers=_NUMBERS)
    found = raw["success"].eq(1).to_numpy() if "success" in raw else np.ones(len(raw), bool)
    frame = frame_numbers(source, raw["frame"] if video else np.zeros(len(raw)))
    if video and not (frame == 0).any():
        frame = frame - 1
    track = raw.get("face_id")
    face = raw["face"] if not video else count_faces(frame, found)
    values, notes = _values(raw)
    return assemble(
        source,
        "OpenFace 2",
        frame=frame,
        found=found,
        time=raw.get("timestamp"),
        inputs=input,
        face=face,
        track=track,
        values=values,
        own=_own(raw, found),
        conversions=dialect.notes() + notes,
    )


def _own(raw: pd.DataFrame, found: NDArray[np.bool_]) -> pd.DataFrame:
    """OpenFace's columns that stay as they are, and its landmarks where it tracked no face."""
    own: pd.DataFrame = raw[[c for c in raw if c not in ("frame", "face", *POINTS)]]
    if not found.all():
        points = raw[[c for c in POINTS if c in raw]]
        own = pd.concat([own, points.add_suffix("_raw").where(~pd.Series(found))], axis=1)
    return own


def _values(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns, and the conversions that gave them."""
    columns: dict[str, Any] = {name: raw[name] for name in POINTS if name in raw}
    notes = []
    if {"pose_Rx", "pose_Ry", "pose_Rz"} <= set(raw.columns):
        angles = head_from_openface(*(raw[f"pose_R{a}"].to_numpy(np.float64) for a in "xyz"))
        columns.update(zip(("Pitch", "Yaw", "Roll"), angles, strict=True))
        notes.append("Pitch, Roll, Yaw: of the rotation Rx Ry Rz (pose_Rx, pose_Ry, pose_Rz)")
    gaze = _gaze(raw)
    if gaze is not None:
        columns["gaze_pitch"], columns["gaze_yaw"] = gaze
        notes.append("gaze_pitch, gaze_yaw: of gaze_angle_x, gaze_angle_y or the mean of both eyes")
    intensities = [name for name in raw if name in INTENSITIES]
    for name in intensities:
        columns[name[:4]] = raw[name] / SCALE
    if intensities:
        notes.append("action units: intensities 0-5 over 5")
    return pd.DataFrame(columns, index=raw.index), notes


def _gaze(raw: pd.DataFrame) -> tuple[Array, Array] | None:
    """Pitch and yaw of the gaze; OpenFace's angles are those of the mean vector of both eyes."""
    if {"gaze_angle_x", "gaze_angle_y"} <= set(raw.columns):
        x, y = (np.tan(raw[f"gaze_angle_{a}"].to_numpy(np.float64)) for a in "xy")
        return gaze_from_vector(x, y, -np.ones_like(x))
    if set(EYES) <= set(raw.columns):
        eyes = raw[list(EYES)].to_numpy(np.float64)
        return gaze_from_vector(*(eyes[:, :3] + eyes[:, 3:]).T)
    return None


def gaze_from_vector(x: Array, y: Array, z: Array) -> tuple[Array, Array]:
    """Pitch (up positive) and yaw (subject's right positive), rad, of vectors in camera space."""
    return np.arctan2(-y, np.hypot(x, z)), np.arctan2(-x, -z)


def vector_from_gaze(pitch: Array, yaw: Array) -> tuple[Array, Array, Array]:
    """Unit vectors in camera space; the inverse of `gaze_from_vector`."""
    level = np.cos(pitch)
    return -level * np.sin(yaw), -np.sin(pitch), -level * np.cos(yaw)


def head_from_openface(rx: Array, ry: Array, rz: Array) -> tuple[Array, Array, Array]:
    """Pitch, Yaw, Roll of a head that OpenFace has at Rx(rx) Ry(ry) Rz(rz); all in radians.

    In camera space Rx turns the face down, Ry to the subject's right, Rz to the subject's left, so
    that mien's angles are those of Rz(-Roll) Ry(Yaw) Rx(-Pitch).
    """
    sx, cx, sy, cy, sz, cz = (f(a) for a in (rx, ry, rz) for f in (np.sin, np.cos))
    r00, r10, r20 = cy * cz, cx * sz + sx * sy * cz, sx * sz - cx * sy * cz
    r21, r22 = sx * cz + cx * sy * sz, cx * cy
    return (
        -np.arctan2(r21, r22),
        np.arcsin(np.clip(-r20, -1, 1)),
        -np.arctan2(r10, r00),
    )


def head_to_openface(pitch: Array, yaw: Array, roll: Array) -> tuple[Array, Array, Array]:
    """pose_Rx, pose_Ry, pose_Rz of a head; the inverse of `head_from_openface`."""
    sx, cx, sy, cy, sz, cz = (f(a) for a in (-pitch, yaw, -roll) for f in (np.sin, np.cos))
    r00, r01, r02 = cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx
    r12, r22 = sz * sy * cx - cz * sx, cy * cx
    return (
        np.arctan2(-r12, r22),
        np.arcsin(np.clip(r02, -1, 1)),
        np.arctan2(-r01, r00),
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
    dictionary: DictionaryKind | None = "csv",
) -> Path:
    """Write the rows of one input as OpenFace 2's CSV file.

    - ``AU12`` (0-1) becomes ``AU12_r`` (0-5, times 5), ``AU43`` also ``AU45_r`` where there is no
      ``AU45``; head rotation and gaze get OpenFace's axes; `frame` counts from 1; `track` (or
      `face`) is ``face_id``; ``success`` is 1 where `status` is ok.
    - Columns that mien doesn't compute are taken from the table where it has them under OpenFace's
      name (as after `read_openface`), and are empty otherwise: decisions ``AU12_c``, head position,
      3D points, points of the eyes, ``p_`` parameters. Both eyes get the same direction of gaze.
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
            f"{target}: OpenFace writes a file for each input and the table has "
            f"{table['input'].nunique()}: write the parts of table.groupby('input') one by one"
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
        # Without a face only OpenFace's own columns have values.
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
    series = partial(pd.Series, index=table.index)
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
