"""The data dictionary of an exported table: meaning, unit and source of each column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from mien import schema
from mien.errors import OptionError
from mien.formats._atomic_write import replacing
from mien.table import FaceTable, Provenance

__all__ = ["data_dictionary", "dictionary_path", "write_dictionary"]


DictionaryKind = Literal["csv", "json"]

# Columns of other programs, by pattern: unit, range, meaning. The first match counts.
_OTHER_PROGRAMS = tuple(
    (re.compile(entry[0]), list(entry[1:]))
    for entry in (
        (r"AU\d\d_r", "intensity", "0-5", "OpenFace's intensity of the action unit"),
        (r"AU\d\d_c", "", "0, 1", "OpenFace's decision whether the action unit is there"),
        (r"confidence", "probability", "0-1", "how sure OpenFace is of its landmarks"),
        (r"success", "", "0, 1", "whether OpenFace tracked the face"),
        (r"timestamp", "s", "", "OpenFace's time: frame number over nominal frame rate"),
        (r"face_id", "", "0-", "OpenFace's number of the face"),
        (
            r"gaze_[01]_[xyz]", "unit vector", "-1-1",
            "direction of one eye; 0 is the one at the viewer's left",
        ),
        (r"gaze_angle_[xy]", "rad", "", "OpenFace's gaze: viewer's right (+), down (+)"),
        (r"gaze_angle", "rad", "0-", "angle between gaze and the camera's axis"),
        (r"eye_lmk_[xy]_\d+", "pixels of the frame", "", "landmark of the eyes"),
        (r"eye_lmk_[XYZ]_\d+", "mm", "", "landmark of the eyes in camera space"),
        (r"pose_T[xyz]", "mm", "", "head position in camera space: right, down, away"),
        (r"pose_R[xyz]", "rad", "", "OpenFace's head rotation, Rx Ry Rz about right, down, away"),
        (r"[XYZ]_\d+", "mm", "", "landmark in camera space"),
        (r"p_scale|p_[rt][xyz]|p_\d+", "", "", "parameter of OpenFace's face model"),
        (
            r"[xy]_\d+_raw", "pixels of the frame", "",
            "value in the file in rows without a face",
        ),
        (r"mesh_[xy]_\d+", "pixels of the frame", "", "point of MediaPipe's face mesh"),
        (r"mesh_z_\d+", "", "", "depth of a point of MediaPipe's face mesh"),
        (r"Identity_\d+", "", "", "component of the face embedding"),
        (r"Identity", "", "", "person the face was assigned to"),
        (r"approx_time", "", "", "frame over mean frame rate, MM:SS, whole seconds"),
        (
            r"_neutral|(brow|cheek|eye|jaw|mouth|nose)[A-Z]\w+", "", "0-1",
            "blendshape of MediaPipe's face mesh",
        ),
        (r"[XYZ]", "", "", "position of the head as py-feat estimates it"),
        (r"AU\d+ Evidence", "log10 odds", "", "FACET's evidence for the action unit"),
        (r"\w+ Evidence", "log10 odds", "", "FACET's evidence for the expression"),
        (r"\w+ Intensity", "", "", "FACET's intensity of the expression"),
        (r"(Yaw|Pitch|Roll) Degrees", "deg", "", "head rotation as FACET signs it"),
        (r"Timestamp|MediaTime|FrameTime", "", "", "clock of the recording program"),
        (r"au_\d+_intensity", "intensity", "", "LibreFace's intensity of the action unit"),
        (r"au_\d+", "", "0, 1", "LibreFace's decision whether the action unit is there"),
        (r"lm_mp_\d+_[xyz]", "", "", "point of MediaPipe's face mesh, in LibreFace's units"),
        (r"pitch|yaw|roll", "deg", "", "head rotation as LibreFace signs it"),
        (r"Occ_au_\d+", "probability", "0-1", "PyAFAR's likelihood that the action unit is there"),
        (r"Int_au_\d+", "intensity", "0-5", "PyAFAR's intensity of the action unit"),
        (r"wflw_[xy]_\d+", "pixels of the frame", "", "landmark of the 98-point WFLW scheme"),
        (r"action_unit_\d+", "", "", "action unit that OpenFace 3 doesn't name"),
    )
)  # fmt: skip


def data_dictionary(table: FaceTable) -> pd.DataFrame:
    """Meaning, unit and source of each column of a table.

    Parameters
    ----------
    table : FaceTable

    Returns
    -------
    pandas.DataFrame
        One row a column: `name`, `group`, `dtype`, `unit`, `range`, `description` (see
        `mien.schema.describe`) and `source`, what made it: the model pack, another program, or the
        user.

    Examples
    --------
    >>> import mien
    >>> data_dictionary(mien.FaceTable({"AU12": [0.1]})).loc[0, "description"]
    'lip corner puller: 0 absent, 1 strongest'
    """
    parts = table.provenance.get("sources", [table.provenance])
    imported = any("format" in part for part in parts)
    maker = _maker(parts)
    entries = schema.describe(table.columns).to_dict("list")
    entries["dtype"] = [str(dtype) for dtype in table.dtypes]
    entries["source"] = [maker] * len(entries["name"])
    for i, (name, group) in enumerate(zip(entries["name"], entries["group"], strict=True)):
        if group != "design":
            continue
        known = _of_other_program(name) if imported else None
        if known is not None:
            entries["unit"][i], entries["range"][i], entries["description"][i] = known
        elif imported:
            entries["description"][i] = "as in the file, or added by the user"
            entries["source"][i] = f"{maker}, or the user"
        else:
            entries["source"][i] = "user"
    dictionary: pd.DataFrame = pd.DataFrame(entries)
    return dictionary


def _of_other_program(name: str) -> list[str] | None:
    return next((entry for pattern, entry in _OTHER_PROGRAMS if pattern.fullmatch(name)), None)


def _maker(parts: list[Provenance]) -> str:
    """Names of the models or programs whose results a table holds."""
    makers = []
    for part in parts:
        pack: dict[str, Any] = part.get("pack", {})
        if pack:
            makers.append(f"mien {part.get('mien', '')}, pack {pack['name']} {pack['version']}")
        elif "format" in part:
            makers.append(part["format"])
    return "; ".join(makers)


def dictionary_path(path: Path, kind: DictionaryKind = "csv") -> Path:
    """Path of the dictionary of an export: ``clip.csv`` has ``clip_dictionary.csv``."""
    name = path.name
    for suffix in (".tsv.gz", path.suffix):
        if suffix and name.lower().endswith(suffix.lower()):
            name = name[: -len(suffix)]
            break
    return path.with_name(f"{name}_dictionary.{kind}")


def write_dictionary(table: FaceTable, path: Path, kind: DictionaryKind | None) -> Path | None:
    """Write the dictionary of an export beside it.

    Parameters
    ----------
    table : FaceTable
        As exported.
    path : Path
        The export.
    kind : {"csv", "json"}, optional
        None writes nothing.

    Raises
    ------
    OptionError
        Another kind.
    OutputError
        It can't be written.
    """
    if kind is None:
        return None
    if kind not in ("csv", "json"):
        raise OptionError(f"dictionary: wanted csv, json or None, got {kind!r}")
    entries = data_dictionary(table)
    if kind == "csv":
        text = entries.to_csv(index=False, lineterminator="\n")
    else:
        text = entries.to_json(orient="records", indent=1, force_ascii=False) + "\n"
    target = dictionary_path(path, kind)
    with replacing(target) as file:
        file.write(text.encode())
    return target
