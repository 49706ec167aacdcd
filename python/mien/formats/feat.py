"""py-feat's CSV files (https://py-feat.org).

The layouts are those of 0.x, ``Detectorv1``, ``Detectorv2`` and ``MPDetector``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

from mien import schema
from mien.errors import InputError, OptionError
from mien.formats._atomic_write import replacing
from mien.formats._common import assemble, count_faces, face_index, frame_numbers
from mien.formats._delimited import header_of, read_delimited, write_delimited
from mien.formats._dialect import find_dialect
from mien.formats._files import existing_file
from mien.formats._own_csv import with_status_dtype
from mien.formats.data_dictionary import DictionaryKind, write_dictionary
from mien.table import FaceTable

__all__ = ["read_feat", "write_feat"]


Layout = Literal["v1", "v2"]

UNITS = tuple(
    f"AU{n:02d}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 17, 20, 23, 24, 25, 26, 28, 43)
)
"""py-feat's action units, in its order."""

# Detectorv2's names of the expressions, in its order.
V2_EMOTIONS = {
    "Neutral": "neutral",
    "Happy": "happiness",
    "Sad": "sadness",
    "Surprise": "surprise",
    "Fear": "fear",
    "Disgust": "disgust",
    "Anger": "anger",
}
_POINTS = [f"{axis}_{i}" for axis in "xy" for i in range(schema.LANDMARK_COUNT)]
_TEXT = ("input", "approx_time", "Identity", "status")
_BLENDSHAPE = re.compile(r"_neutral|(brow|cheek|eye|jaw|mouth|nose)[A-Z]\w+")
_MESH = re.compile(r"([xyz])_(\d+)")


def read_feat(
    path: str | Path,
    fps: float | None = None,
    angles: Literal["radians", "degrees"] | None = None,
) -> FaceTable:
    """Read a CSV file of py-feat's, or of `write_feat`.

    The layout follows from the columns: ``mesh_x_0`` or capitalised expressions are those of
    ``Detectorv2``, ``z_0`` of ``MPDetector``, a head pose without ``X Y Z`` of 0.x.

    - Expressions get mien's names (``Happy`` becomes ``happiness``).
    - 0.x has its head pose in degrees: radians here. ``Detectorv2`` has ``gaze_yaw`` positive to
      the subject's left: the sign is changed. ``MPDetector``'s points are its 478-point mesh:
      ``mesh_x_0`` and so on, all x first, not mien's landmarks.
    - Rows without a box are ``no_face``; py-feat's FaceScore of 0 there is NaN here.
    - ``Person_3`` in ``Identity`` gives `track` 3. Embedding, blendshapes, mesh, ``X Y Z`` stay as
      they are.

    Parameters
    ----------
    path : str or Path
    fps : float, optional
        Frames per second, for `time`. Without it `time` comes from ``approx_time``, which has whole
        seconds only, and is NaN where there is none (images, 0.x).
    angles : {"radians", "degrees"}, optional
        Unit of the head pose in the file, where the layout misleads.

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not a file of py-feat's, or damaged.
    """
    source = Path(path)
    if fps is not None and not fps > 0:
        raise OptionError(f"fps: wanted a positive number, got {fps}")
    raw, layout, said = _read(source)
    raw, notes = _renamed(raw, layout)
    notes = said + notes
    values, conversions = _values(raw, layout, angles)
    notes += conversions
    frame = frame_numbers(source, raw["frame"] if "frame" in raw else np.arange(len(raw)))
    found = _has_face(raw)
    inputs = raw["input"].fillna("").tolist() if "input" in raw else None
    time = _time(raw, frame, fps)
    if time is not None and "time" not in raw:
        notes.append(f"time: frame over {fps}" if fps else "time: approx_time, whole seconds")
    face = raw["face"] if "face" in raw else count_faces(frame, found, raw.get("FaceScore"), inputs)
    taken = {*values.columns, "frame", "input", "time", "face", "track", "status"}
    table = assemble(
        source,
        f"py-feat {layout}",
        frame=frame,
        found=found,
        time=time,
        inputs=inputs,
        face=face,
        track=_track(raw),
        values=values,
        own=raw[[c for c in raw if c not in taken]],
        conversions=notes,
    )
    if "status" in raw:
        # Of a file that `write_feat` wrote; those of the rows where it has none.
        table["status"] = raw["status"].fillna(table["status"].astype("object"))
    return with_status_dtype(table, source)


_INDEX_GROUPS = ("source", "time", "identity")


def _read(source: Path) -> tuple[pd.DataFrame, str, list[str]]:
    """The file's columns, its layout, and what is to be said of its dialect."""
    dialect = find_dialect(existing_file(source, "a file of py-feat's"))
    names = header_of(source, dialect)
    if "FaceRectX" not in names and "x_0" not in names:
        raise InputError(f"{source}: not a file of py-feat's: no column FaceRectX or x_0")
    sizes = dict.fromkeys(("FrameHeight", "FrameWidth"), pa.float64())
    raw = read_delimited(source, dialect, types=sizes, text=_TEXT, numbers=_is_number)
    return raw, _layout(names), dialect.notes()


def _is_number(name: str) -> bool:
    known = schema.column(V2_EMOTIONS.get(name, name))
    return bool(known and name not in _TEXT) or _MESH.fullmatch(name) is not None


def _renamed(raw: pd.DataFrame, layout: str) -> tuple[pd.DataFrame, list[str]]:
    """The file with mien's names of expressions and names of their own for points of the mesh."""
    notes = []
    renamed = {old: new for old, new in V2_EMOTIONS.items() if old in raw and new not in raw}
    raw = raw.rename(columns=renamed)
    if renamed:
        notes.append("expressions renamed: " + ", ".join(f"{o} to {n}" for o, n in renamed.items()))
    if layout == "MPDetector":
        raw = _mesh_columns(raw)
        notes.append(
            "x_i, y_i, z_i are points of the mesh: renamed to mesh_x_i, mesh_y_i, mesh_z_i"
        )
    return raw, notes


def _values(raw: pd.DataFrame, layout: str, angles: str | None) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns, and the conversions that gave them."""
    notes = []
    known = [c for c in raw if (k := schema.column(str(c))) and k.group not in _INDEX_GROUPS]
    values = raw[known].copy()
    if (angles or ("degrees" if layout == "0.x" else "radians")) == "degrees":
        pose = [name for name in ("Pitch", "Roll", "Yaw") if name in values]
        values[pose] = np.deg2rad(values[pose])
        notes.append("head pose: degrees to radians")
    if layout == "v2" and "gaze_yaw" in values:
        values["gaze_yaw"] = -values["gaze_yaw"]
        notes.append("gaze_yaw: sign changed, positive to the subject's right")
    return values, notes


def _has_face(raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows (N,) with a face; py-feat marks the others by a score of 0 or an empty box."""
    found = raw["FaceRectX" if "FaceRectX" in raw else "x_0"].notna().to_numpy()
    if "FaceScore" in raw:
        found = found & (raw["FaceScore"] != 0).to_numpy()
    return np.asarray(found)


def _track(raw: pd.DataFrame) -> Any:
    """Numbers of the tracks: the column of that name, or ``Person_3`` in ``Identity``."""
    if "track" in raw:
        return raw["track"]
    return face_index("Person", raw["Identity"]) if "Identity" in raw else None


def _layout(names: list[str]) -> str:
    if "z_0" in names:
        return "MPDetector"
    if "mesh_x_0" in names or "Happy" in names:
        return "v2"
    if "Pitch" in names and "X" not in names and "gaze_pitch" not in names:
        return "0.x"
    return "v1"


def _mesh_columns(raw: pd.DataFrame) -> pd.DataFrame:
    """Interleaved points of the mesh under names of their own, all x, then all y, then all z."""
    points = [m for c in raw if (m := _MESH.fullmatch(str(c)))]
    ordered = sorted(points, key=lambda m: (m[1], int(m[2])))
    rest = [c for c in raw if not _MESH.fullmatch(str(c))]
    mesh = raw[[m[0] for m in ordered]].set_axis([f"mesh_{m[1]}_{m[2]}" for m in ordered], axis=1)
    whole: pd.DataFrame = pd.concat([raw[rest], mesh], axis=1)
    return whole


def _time(raw: pd.DataFrame, frame: Any, fps: float | None) -> Any:
    if fps is not None:
        return np.asarray(frame, np.float64) / fps
    if "time" in raw:
        return raw["time"]
    if "approx_time" not in raw:
        return None
    parts = raw["approx_time"].str.extract(r"^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$").astype(np.float64)
    return parts[0].fillna(0) * 3600 + parts[1] * 60 + parts[2]


def write_feat(
    table: FaceTable,
    path: str | Path,
    layout: Layout = "v1",
    dictionary: DictionaryKind | None = "csv",
) -> Path:
    """Write a table with py-feat's names and order of columns, for programs that read its files.

    Columns that py-feat doesn't have (`time`, `face`, `track`, `status`, other action units, your
    own columns) follows at the end, so that `read_feat` gives the table back; py-feat's columns
    that the table lacks are left out. ``approx_time`` (MM:SS) and ``gaze_angle`` are computed.
    Floats have all their digits.

    Parameters
    ----------
    table : FaceTable
    path : str or Path
        Name of the CSV file.
    layout : {"v1", "v2"}
        ``v2``: expressions capitalised as `Detectorv2` has them, and its sign of ``gaze_yaw``.
    dictionary : {"csv", "json"}, optional
        Data dictionary beside it, ``<name>_dictionary.csv``; None for none.

    Returns
    -------
    Path

    Raises
    ------
    OptionError
        Another layout.
    OutputError
        It can't be written.
    """
    if layout not in ("v1", "v2"):
        raise OptionError(f"layout: wanted v1 or v2, got {layout!r}")
    target = Path(path)
    frame = _feat_columns(table, layout)
    order = [name for name in _order(frame, layout) if name in frame]
    rest = [name for name in frame if name not in set(order)]
    with replacing(target) as file:
        write_delimited(frame[order + rest], file)
    write_dictionary(table, target, dictionary)
    return target


def _feat_columns(table: FaceTable, layout: Layout) -> pd.DataFrame:
    """The table with py-feat's names, signs and computed columns."""
    frame = pd.DataFrame(table)
    if "FaceScore" in frame and "status" in frame:
        blank = frame["FaceScore"].isna() & (frame["status"] == "no_face")
        frame = frame.assign(FaceScore=frame["FaceScore"].mask(blank, 0))
    if "approx_time" not in frame and "time" in frame and frame["time"].notna().any():
        frame = frame.assign(approx_time=_approximate(frame["time"]))
    if layout == "v2" and "gaze_yaw" in frame:
        frame = frame.assign(gaze_yaw=-frame["gaze_yaw"])
    if "gaze_angle" not in frame and {"gaze_pitch", "gaze_yaw"} <= set(frame.columns):
        cosine = np.cos(frame["gaze_pitch"]) * np.cos(frame["gaze_yaw"])
        frame = frame.assign(gaze_angle=np.arccos(cosine.clip(-1, 1)))
    names = {new: old for old, new in V2_EMOTIONS.items()} if layout == "v2" else {}
    renamed: pd.DataFrame = frame.rename(columns=names)
    return renamed


def _order(frame: pd.DataFrame, layout: Layout) -> list[str]:
    """py-feat's columns in its order; blendshapes are those of `frame`."""
    gaze = ("gaze_pitch", "gaze_yaw", "gaze_angle")
    embedding = [f"Identity_{i}" for i in range(1, 513)]
    if layout == "v1":
        middle = [*embedding, *gaze]
    else:
        mesh = [f"mesh_{axis}_{i}" for axis in "xyz" for i in range(478)]
        shapes = [str(name) for name in frame if _BLENDSHAPE.fullmatch(str(name))]
        middle = ["valence", "arousal", *gaze, *embedding, *mesh, *shapes]
    return [
        *schema.BOX_COLUMNS,
        *_POINTS,
        *("Pitch", "Roll", "Yaw", "X", "Y", "Z"),
        *UNITS,
        *(V2_EMOTIONS if layout == "v2" else schema.EMOTIONS),
        *middle,
        *("FrameHeight", "FrameWidth", "input", "frame", "approx_time", "Identity"),
    ]


def _approximate(time: pd.Series[Any]) -> pd.Series[Any]:
    """MM:SS, as py-feat prints it: minutes beyond 59 go on counting."""
    whole = time.fillna(0).astype(np.int64)
    text = (whole // 60).astype("str").str.zfill(2) + ":" + (whole % 60).astype("str").str.zfill(2)
    known: pd.Series[Any] = text.where(time.notna())
    return known
