"""Noldus FaceReader's detailed log, a text file of one row an analysed frame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.formats._common import assemble, count_faces
from mien.formats._delimited import read_delimited
from mien.formats._dialect import dialect_of, head_of
from mien.formats._files import existing_file
from mien.formats._numbers import as_numbers, number_column
from mien.table import FaceTable

__all__ = ["read_facereader"]


EMOTIONS = {
    "Neutral": "neutral",
    "Happy": "happiness",
    "Sad": "sadness",
    "Angry": "anger",
    "Surprised": "surprise",
    "Scared": "fear",
    "Disgusted": "disgust",
    "Valence": "valence",
    "Arousal": "arousal",
}
_POSE = {f"{axis} - Head Orientation": name for axis, name in zip("XYZ", ("Pitch", "Yaw", "Roll"))}  # noqa: B905
_UNIT = re.compile(r"Action Unit (\d\d?) - [^-]+")
_CLASSES = {"NotActive", "A", "B", "C", "D", "E"}
_FAILURES = ("FIND_FAILED", "FIT_FAILED")
_TIME = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6}(?:[.,]\d{1,9})?)")


def read_facereader(
    path: str | Path, fps: float | None = None, input: str | None = None
) -> FaceTable:
    """Read a detailed log of Noldus FaceReader's.

    - Expressions and arousal (0-1) and valence (-1 to 1) get mien's names; ``Contempt`` stays.
    - ``Action Unit 12 - Lip Corner Puller`` gives ``AU12``, if it holds intensities; classes
      (``NotActive``, ``A`` to ``E``) stay as they are, and so do single sides.
    - ``X/Y/Z - Head Orientation``, degrees, give `Pitch`, `Yaw`, `Roll` in radians, with the signs
      of the file.
    - ``Video Time`` gives `time`. `frame` is time by ``Frame rate`` of the lines before the table,
      or by `fps`; without either, rows are counted.
    - Rows with ``FIND_FAILED`` or ``FIT_FAILED`` are ``no_face``; which it was stays, as
      ``failure``. The lines before the table are in the provenance of the input.

    Parameters
    ----------
    path : str or Path
    fps : float, optional
        Frames per second, for `frame`.
    input : str, optional
        Name for the column `input`; the file's name without its suffix by default.

    Returns
    -------
    FaceTable

    Raises
    ------
    InputError
        Not such a log (summaries and state logs are not), or damaged.
    OptionError
        `fps` that is not above 0.
    """
    if fps is not None and not (np.isfinite(fps) and fps > 0):
        raise OptionError(f"fps: wanted a positive number, got {fps}")
    source = existing_file(path, "a detailed log of FaceReader's")
    head = head_of(source)
    skip, details = _preamble(source, head.lines)
    dialect = dialect_of(head, "\t,;", skip)
    raw = read_delimited(source, dialect, text=("Video Time",), repeated=True)
    raw, failure = _without_failures(raw)
    raw = as_numbers(source, raw, (*EMOTIONS, *_POSE), dialect.decimal)
    values, notes = _values(source, raw, dialect.decimal)
    time = _seconds(source, raw["Video Time"])
    rate = fps or _rate(details)
    frame = np.round(time * rate) if rate else np.arange(len(raw))
    found = raw[[n for n in EMOTIONS if n in raw]].notna().any(axis=1).to_numpy(bool)
    own = raw[[c for c in raw if c not in {*EMOTIONS, "Video Time"}]]
    return assemble(
        source,
        "FaceReader detailed log",
        frame=frame,
        found=found,
        time=time,
        inputs=input,
        face=count_faces(frame, found),
        values=values,
        own=own if failure is None else own.assign(failure=failure),
        conversions=[*dialect.notes("\t"), *notes],
        details={"header": details},
    )


def _preamble(source: Path, lines: list[str]) -> tuple[int, dict[str, str]]:
    """Number of lines before the table, and their entries, such as ``Frame rate: 25``."""
    entries: dict[str, str] = {}
    for number, line in enumerate(lines):
        if line.lstrip('"').startswith("Video Time") and "Neutral" in line:
            return number, entries
        name, _, value = line.partition(":")
        if name.strip() and value.strip():
            entries[name.strip()] = value.strip(" \t,;")
    raise InputError(
        f"{source}: not a detailed log of FaceReader's: no line with Video Time and Neutral"
    )


def _without_failures(raw: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    """The table without FaceReader's words for no face, and those words by row, if any."""
    words = [n for n in raw if pd.api.types.is_string_dtype(raw[n].dtype)]
    failed = raw[words].isin(_FAILURES)
    if not failed.any(axis=None):
        return raw, None
    failure = raw[words].where(failed).bfill(axis=1).iloc[:, 0].astype("str")
    cleaned = {str(n): raw[n].where(~failed[n]) for n in words}
    return raw.assign(**cleaned), failure.where(failed.any(axis=1))


def _values(source: Path, raw: pd.DataFrame, decimal: str) -> tuple[pd.DataFrame, list[str]]:
    """mien's columns, and the conversions that gave them."""
    columns: dict[str, Any] = {new: raw[old] for old, new in EMOTIONS.items() if old in raw}
    notes = ["expressions renamed: " + ", ".join(f"{o} to {n}" for o, n in EMOTIONS.items())]
    for name in (str(c) for c in raw if _UNIT.fullmatch(str(c))):
        if set(raw[name].dropna().astype("str")) & _CLASSES:
            notes.append(f"{name}: classes, left as they are")
            continue
        number = int(_UNIT.fullmatch(name)[1])  # type: ignore[index]  # it matched above
        columns[f"AU{number:02d}"] = number_column(source, name, raw[name], decimal)
    columns |= {new: np.deg2rad(raw[old]) for old, new in _POSE.items() if old in raw}
    if set(_POSE) & set(raw.columns):
        notes.append("head: degrees to radians, signs as in the file")
    return pd.DataFrame(columns, index=raw.index), notes


def _seconds(source: Path, text: pd.Series[Any]) -> NDArray[np.float64]:
    """Times such as 00:01:02.040."""
    parts = [_TIME.fullmatch(cell.strip()) if isinstance(cell, str) else None for cell in text]
    if None in parts:
        row = parts.index(None)
        raise InputError(
            f"{source}: row {row + 1}: wanted a Video Time such as 00:00:01.040, "
            f"got {text.iloc[row]!r}"
        )
    return np.array(
        [
            int(part[1] or 0) * 3600 + int(part[2]) * 60 + float(part[3].replace(",", "."))
            for part in parts
            if part is not None
        ],
        np.float64,
    )


def _rate(details: dict[str, str]) -> float | None:
    """Frames per second that the lines before the table name."""
    found = re.match(r"\d+(?:[.,]\d+)?", details.get("Frame rate", ""))
    rate = float(found[0].replace(",", ".")) if found else 0.0
    return rate if np.isfinite(rate) and rate > 0 else None
