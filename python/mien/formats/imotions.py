"""iMotions' text exports with Emotient FACET's values, versions 5 and 6."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mien.errors import InputError
from mien.formats._common import action_unit, assemble, count_faces, require
from mien.formats._delimited import read_delimited
from mien.table import FaceTable

__all__ = ["read_imotions"]


_BOX = {f"FaceRect {side}": f"FaceRect{side}" for side in ("X", "Y", "Width", "Height")}
_EMOTIONS = {
    "Anger": "anger",
    "Disgust": "disgust",
    "Fear": "fear",
    "Joy": "happiness",
    "Sadness": "sadness",
    "Surprise": "surprise",
    "Neutral": "neutral",
}
_UNIT = re.compile(r"AU\d+ Evidence")
# FACET's head: yaw positive to the viewer's right, pitch positive down, roll counter-clockwise for
# the viewer.
_POSE = (("Pitch", -1), ("Roll", 1), ("Yaw", -1))
_TEXT = (
    *("StudyName", "ExportDate", "Name", "Gender", "StimulusName", "SlideType", "EventSource"),
    *("PostMarker", "Annotation", "LiveMarker", "KeyStroke", "MarkerText"),
    *("SceneType", "SceneOutput", "SceneParent", "GazeAOI", "FixationAOI"),
)


def read_imotions(path: str | Path) -> FaceTable:
    """Read a text export of iMotions' (5 or 6) with FACET's values.

    - "Evidence" is the logarithm to base 10 of the odds that an expression or action unit is there:
      mien's columns hold the probability, 1 / (1 + 10**-evidence). The seven expressions are judged
      one by one and don't sum to 1.
    - `time` is ``Timestamp`` in seconds, of the recording; ``MediaTime``, of the stimulus, stays.
      `input` is the stimulus.
    - Head angles: degrees to radians, with mien's signs.
    - Study, person, stimulus, markers and annotations stay as they are, as do all other columns;
      lines before the header are in the provenance of the input. Rows of other devices (an eye
      tracker's) stay, with the status ``no_face``.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not such an export, or damaged.
    """
    source = Path(path)
    skip, details = _preamble(source)
    raw = read_delimited(source, "\t", skip=skip, text=_TEXT)
    require(
        source, raw, ["Timestamp", "FrameNo", "FaceRect X"], "an export of iMotions' with FACET"
    )
    found = raw["FaceRect X"].notna().to_numpy()
    if "NoOfFaces" in raw:
        found = found & (raw["NoOfFaces"].fillna(0) > 0).to_numpy()
    # Rows of other devices lie between the frames: they get the number of the frame before.
    frame = raw["FrameNo"].where(raw["FrameNo"] >= 0).ffill().fillna(0).to_numpy()
    stimulus = raw["StimulusName"].fillna("").tolist() if "StimulusName" in raw else None
    # With rows of other devices, these hold values that mien's columns don't: they stay.
    taken = {*_BOX, "FrameNo"} if found.all() else set()
    return assemble(
        source,
        f"iMotions {details.get('Version', '')}".strip(),
        frame=frame,
        found=found,
        time=raw["Timestamp"] / 1000,
        inputs=stimulus,
        face=count_faces(raw["Timestamp"], found, inputs=stimulus),
        values=_values(raw),
        own=raw[[c for c in raw if c not in taken]],
        conversions=[
            "action units, expressions: evidence (log10 odds) to probability",
            "head: degrees to radians, signs of Pitch and Yaw changed",
            "time: Timestamp, milliseconds to seconds",
        ],
        details={"header": details},
    )


def _values(raw: pd.DataFrame) -> pd.DataFrame:
    """mien's columns: box, action units, expressions, head pose."""
    columns: dict[str, Any] = {new: raw[old] for old, new in _BOX.items() if old in raw}
    for name in (str(c) for c in raw if _UNIT.fullmatch(str(c))):
        columns[action_unit(name)] = _probability(raw[name])
    for old, new in _EMOTIONS.items():
        if f"{old} Evidence" in raw:
            columns[new] = _probability(raw[f"{old} Evidence"])
    for name, sign in _POSE:
        if f"{name} Degrees" in raw:
            columns[name] = sign * np.deg2rad(raw[f"{name} Degrees"].astype(np.float64))
    values: pd.DataFrame = pd.DataFrame(columns, index=raw.index)
    return values


def _preamble(source: Path) -> tuple[int, dict[str, str]]:
    """Number of lines before the table, and their entries, such as ``#Version : 6.1``."""
    if not source.is_file():
        raise InputError(f"{source}: no such file")
    entries: dict[str, str] = {}
    try:
        with source.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file):
                text = line.strip()
                if text and not text.startswith("#"):
                    return number, entries
                name, _, value = text.lstrip("#").partition(":")
                if name.strip():
                    entries[name.strip()] = value.strip()
    except UnicodeError as error:
        raise InputError(f"{source}: can't be read as text: {error}") from error
    raise InputError(f"{source}: empty; wanted an export of iMotions'")


def _probability(evidence: pd.Series[Any]) -> pd.Series[Any]:
    odds: pd.Series[Any] = 10 ** evidence.astype(np.float64)
    return 1 / (1 + 1 / odds)
