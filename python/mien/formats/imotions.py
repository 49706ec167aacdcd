"""iMotions' text exports: Emotient FACET's values (5, 6) and Affectiva's (8 to 10)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.formats._affdex import NAMES, POSE, affdex_values
from mien.formats._common import assemble, count_faces, require
from mien.formats._delimited import read_delimited
from mien.formats._dialect import dialect_of, head_of
from mien.formats._facet import BOX, facet_values
from mien.formats._files import existing_file
from mien.table import FaceTable

__all__ = ["read_imotions"]


_TEXT = (
    *("StudyName", "ExportDate", "Name", "Gender", "StimulusName", "SlideType", "EventSource"),
    *("PostMarker", "Annotation", "LiveMarker", "KeyStroke", "MarkerText"),
    *("SceneType", "SceneOutput", "SceneParent", "GazeAOI", "FixationAOI"),
    *("SlideEvent", "StimType", "CollectionPhase", "SourceStimuliName", "EventSource.1"),
)
_NUMBER = re.compile(r"Timestamp|FrameNo|NoOfFaces|FaceRect \w+|[\w ]+ Evidence|\w+ Degrees")
_STIMULUS = ("StimulusName", "SourceStimuliName")


def read_imotions(path: str | Path) -> FaceTable:
    """Read a text export of iMotions' with FACET's values (5, 6) or Affectiva's (8 to 10).

    - FACET's "Evidence" is the logarithm to base 10 of the odds that an expression or action unit
      is there: mien's columns hold the probability, 1 / (1 + 10**-evidence). The seven expressions
      are judged one by one and don't sum to 1.
    - Affectiva's values of 0-100 become 0-1, valence -1 to 1; its expressions are action units by
      other names (``UNITS`` of `mien.formats.affectiva`). They stay too, ``Anger`` and so on.
    - `time` is ``Timestamp`` in seconds, of the recording; ``MediaTime``, of the stimulus, stays.
      `input` is the stimulus. Without ``FrameNo`` frames are the rows with Affectiva's values.
    - Head angles: degrees to radians; FACET's with mien's signs, Affectiva's with their own, which
      it does not state.
    - Study, person, stimulus, markers and annotations stay as they are, as do all other columns;
      lines before the header are in the provenance of the input. Rows of other devices (an eye
      tracker's) stay, with the status ``no_face``. The second of two columns of one name is
      ``EventSource.1``.
    - Tabs, commas or semicolons, UTF-8, UTF-16 or Windows' Latin-1: what is found is in the
      provenance.

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
    source = existing_file(path, "an export of iMotions'")
    head = head_of(source)
    skip, details = _preamble(source, head.lines)
    dialect = dialect_of(head, "\t,;", skip)
    raw = read_delimited(source, dialect, text=_TEXT, numbers=_is_number, repeated=True)
    affdex = _is_affdex(raw)
    wanted = ["Timestamp"] if affdex else ["Timestamp", "FrameNo", "FaceRect X"]
    require(source, raw, wanted, "an export of iMotions' with FACET or Affectiva")
    found, frame = _affdex_rows(raw) if affdex else _facet_rows(raw)
    name = next((name for name in _STIMULUS if name in raw), None)
    stimulus = raw[name].fillna("").tolist() if name else None
    values, notes = affdex_values(raw) if affdex else facet_values(raw)
    # With rows of other devices, these hold values that mien's columns don't: they stay.
    taken = {*BOX, "FrameNo"} if found.all() and not affdex else set()
    return assemble(
        source,
        f"iMotions {details.get('Version', details.get('iMotions version', ''))}".strip(),
        frame=frame,
        found=found,
        time=raw["Timestamp"] / 1000,
        inputs=stimulus,
        face=count_faces(raw["Timestamp"], found, inputs=stimulus),
        values=values,
        own=raw[[c for c in raw if c not in taken]],
        conversions=[*dialect.notes("\t"), *notes, "time: Timestamp, milliseconds to seconds"],
        details={"header": details},
    )


_is_number: Callable[[str], bool] = lambda name: (
    name in NAMES or name in POSE or _NUMBER.fullmatch(name) is not None
)


def _is_affdex(raw: pd.DataFrame) -> bool:
    """Whether it has Affectiva's columns; a few names alone (Anger, say) may be anyone's."""
    return sum(name in raw for name in NAMES) >= 4 and "FaceRect X" not in raw


def _facet_rows(raw: pd.DataFrame) -> tuple[NDArray[np.bool_], Any]:
    """Rows (N,) with a face, and the frame of each."""
    found = raw["FaceRect X"].notna().to_numpy()
    if "NoOfFaces" in raw:
        found = found & (raw["NoOfFaces"].fillna(0) > 0).to_numpy()
    # Rows of other devices lie between the frames: they get the number of the frame before.
    return found, raw["FrameNo"].where(raw["FrameNo"] >= 0).ffill().fillna(0).to_numpy()


def _affdex_rows(raw: pd.DataFrame) -> tuple[NDArray[np.bool_], Any]:
    """The same of an export without numbers of frames: each row with values is one."""
    found = raw[[name for name in NAMES if name in raw]].notna().any(axis=1)
    return found.to_numpy(bool), (found.cumsum() - 1).clip(lower=0).to_numpy()


def _preamble(source: Path, lines: list[str]) -> tuple[int, dict[str, str]]:
    """Number of lines before the table, and their entries, such as ``#Version : 6.1``."""
    entries: dict[str, str] = {}
    for number, line in enumerate(lines):
        text = line.strip().strip(",;\t").strip()
        if text.strip('"') and not text.startswith(("#", '"#')):
            return number, entries
        name, _, value = (part.strip(' "') for part in _partition(text.lstrip('"#')))
        if name:
            entries[name] = value
    raise InputError(f"{source}: empty; wanted an export of iMotions'")


def _partition(text: str) -> tuple[str, str, str]:
    """Name and value of a line: a colon between them, or what separates columns."""
    name, mark, value = text.partition(":")
    split = re.match(r"([^,;\t]*)([,;\t])(.*)", text)
    return (split[1], split[2], split[3]) if split and split[1] in name else (name, mark, value)
