"""OpenFace 3's tables: one row a face, lists packed into cells (Hu et al., FG 2025)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.formats._common import assemble, count_faces, frame_numbers, require
from mien.formats._delimited import read_delimited
from mien.formats._dialect import find_dialect
from mien.formats._files import existing_file
from mien.formats._json import parse_json
from mien.table import FaceTable

__all__ = ["read_openface3"]


Floats = NDArray[np.float64]

_LISTS = ("face_detection", "landmarks", "action_units")
# The 68 iBUG points among the 98 of WFLW: every second point of the jaw, the upper edge of each
# brow, eyes without the two in the middle of a lid.
_WFLW_68 = (
    *range(0, 33, 2),
    *range(33, 38),
    *range(42, 47),
    *range(51, 60),
    *(60, 61, 63, 64, 65, 67),
    *(68, 69, 71, 72, 73, 75),
    *range(76, 96),
)


def read_openface3(path: str | Path, fps: float | None = None) -> FaceTable:
    """Read a table of OpenFace 3's command line (tab- or comma-separated).

    The box gives mien's box and FaceScore; the 98 WFLW landmarks stay, as ``wflw_x_0`` and so on,
    and those that are iBUG points too give mien's 68. OpenFace 3 does not say which action units
    its numbers are: they stay numbers, ``action_unit_0`` and so on, as its emotion does.
    `gaze_pitch` and `gaze_yaw` are taken as radians with its own signs, which are undocumented.
    ``timestamp`` is when the file was processed, not a time in the video: it stays as it is.

    Parameters
    ----------
    path : str or Path
    fps : float, optional
        Frames per second, for `time`; NaN without.

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not a table of OpenFace 3's, or damaged.
    """
    source = existing_file(path, "a table of OpenFace 3's")
    usual = "," if source.suffix.lower() == ".csv" else "\t"
    dialect = find_dialect(source, (usual, *(mark for mark in "\t,;" if mark != usual)))
    names = ("timestamp", "image_path", "video_path", *_LISTS)
    numbers = ("frame_index", "face_id", "gaze_pitch", "gaze_yaw")
    raw = read_delimited(source, dialect, text=names, numbers=numbers)
    require(source, raw, _LISTS, "a table of OpenFace 3's")
    boxes = _unpacked(source, raw["face_detection"])
    found = ~np.isnan(boxes[:, 0]) if boxes.shape[1] else np.zeros(len(raw), bool)
    points, units = (_unpacked(source, raw[name]) for name in ("landmarks", "action_units"))
    columns = {**_box_columns(boxes), **_landmark_columns(points)}
    columns |= {name: raw[name] for name in ("gaze_pitch", "gaze_yaw") if name in raw}
    own = _own_columns(boxes, points, units)
    frame = frame_numbers(source, raw.get("frame_index", np.zeros(len(raw))))
    where = next((name for name in ("image_path", "video_path") if name in raw), None)
    inputs = raw[where].fillna("").tolist() if where else None
    kept = [c for c in raw if c not in (*_LISTS, *columns, "frame_index", where, "face_id")]
    face = raw["face_id"] if "face_id" in raw else count_faces(frame, found, inputs=inputs)
    return assemble(
        source,
        "OpenFace 3",
        frame=frame,
        found=found,
        time=None if fps is None else frame / fps,
        inputs=inputs,
        face=face,
        values=pd.DataFrame(columns, index=raw.index),
        own=pd.concat([raw[kept], pd.DataFrame(own, index=raw.index)], axis=1),
        conversions=[
            *dialect.notes(usual),
            "boxes: corners to left, top, width, height",
            "lists in cells: a column each",
        ],
    )


def _box_columns(boxes: Floats) -> dict[str, Any]:
    """mien's box of left, top, right, bottom and, where there is one, score."""
    columns: dict[str, Any] = {}
    if boxes.shape[1] >= 4:
        left, top, right, bottom = boxes[:, :4].T
        columns |= {"FaceRectX": left, "FaceRectY": top}
        columns |= {"FaceRectWidth": right - left, "FaceRectHeight": bottom - top}
    if boxes.shape[1] >= 5:
        columns["FaceScore"] = boxes[:, 4]
    return columns


def _landmark_columns(points: Floats) -> dict[str, Any]:
    """mien's 68 landmarks of 68 or 98 points, x and y in turn; none of any other number."""
    count = points.shape[1] // 2
    if count not in (68, 98):
        return {}
    pick = _WFLW_68 if count == 98 else range(68)
    return {
        f"{axis}_{i}": points[:, 2 * k + offset]
        for offset, axis in enumerate("xy")
        for i, k in enumerate(pick)
    }


def _own_columns(boxes: Floats, points: Floats, units: Floats) -> dict[str, Any]:
    """Numbers in the lists that are no columns of mien's, a column each."""
    own: dict[str, Any] = {}
    count = points.shape[1] // 2
    if count and count != 68:
        label = "wflw" if count == 98 else "landmark"
        own |= {
            f"{label}_{a}_{i}": points[:, 2 * i + k]
            for k, a in enumerate("xy")
            for i in range(count)
        }
    own |= {f"detection_{i}": boxes[:, i] for i in range(5, boxes.shape[1])}
    return own | {f"action_unit_{i}": units[:, i] for i in range(units.shape[1])}


def _unpacked(source: Path, cells: pd.Series[Any]) -> Floats:
    """Lists in cells as rows of numbers, (rows, longest list), NaN where there is none."""
    lists: list[Floats] = []
    for i, cell in enumerate(cells):
        if pd.isna(cell) or not str(cell).strip() or cell == "None":
            lists.append(np.empty(0, np.float64))
            continue
        try:
            values = parse_json(cell.replace("nan", "NaN"), source)
            lists.append(np.asarray(values, np.float64).ravel())
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(
                f"{source}: row {i + 1}, {cells.name}: wanted a list of numbers, "
                f"got {str(cell)[:40]!r}"
            ) from error
    width = max((len(part) for part in lists), default=0)
    rows = np.full((len(lists), width), np.nan)
    for row, part in zip(rows, lists, strict=True):
        row[: len(part)] = part
    return rows
