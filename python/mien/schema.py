"""What every column of a face table means: its group, type, unit, range and a sentence about it.

The core makes the columns (``cpp/src/readout``); this file names them, and a test holds the two
together. Signs of angles and the pixel convention are those of ``cpp/include/mien/types.h``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

__all__ = [
    "BOX_COLUMNS",
    "EMOTIONS",
    "FACE_STATUSES",
    "GROUPS",
    "INDEX_COLUMNS",
    "LANDMARK_COUNT",
    "MEASURED_GROUPS",
    "STATUSES",
    "Column",
    "column",
    "describe",
    "group_of",
    "groups",
    "source_of",
]


STATUSES = ("ok", "no_face", "decode_error", "low_quality")
"""Values of the column `status`, in the order of the core's ``Status``."""

FACE_STATUSES = ("ok", "low_quality")
"""Those of rows that have a face. Values of a ``low_quality`` row are kept but not to be trusted:
the detector's five points of the face contradict its landmarks, or those of the face seen turned.
"""

GROUPS = (
    "source",
    "time",
    "identity",
    "faceboxes",
    "landmarks",
    "poses",
    "aus",
    "emotions",
    "affect",
    "gazes",
    "design",
)
"""Groups of columns, in table order but for `design`: the columns that the user added."""

MEASURED_GROUPS = tuple(g for g in GROUPS if g not in ("source", "time", "identity", "design"))
"""Groups whose features stay in the group: ``mean_AU12`` is one of the action units."""

LANDMARK_COUNT = 68
EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
BOX_COLUMNS = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore")
INDEX_COLUMNS = ("input", "frame", "time", "face", "track", "status")
"""First columns of every table; the engine's own columns follow."""


@dataclass(frozen=True)
class Column:
    """One column of the data dictionary.

    Attributes
    ----------
    name, group, dtype, unit, range, description : str
        `group` is one of `GROUPS`; `unit` and `range` are empty where they make no sense.
    """

    name: str
    group: str
    dtype: str
    unit: str
    range: str
    description: str


def _value(name: str, group: str, unit: str, range_: str, description: str) -> Column:
    return Column(name, group, "float32", unit, range_, description)


_PIXELS = "square pixels of the frame"


def _expression(name: str) -> str:
    shown = "no expression" if name == "neutral" else f"expression of {name}"
    return f"{shown}; the seven sum to 1"


_COLUMNS = (
    Column("input", "source", "str", "", "", "the file as it was named, or the index of an array"),
    Column("frame", "time", "int64", "frames", "0-",
           "counts the frames of the input, analysed or not"),
    Column("time", "time", "float64", "s", "",
           "presentation time of the frame; NaN if it has none"),
    Column("face", "identity", "Int32", "", "0-", "counts the faces of a frame by falling score"),
    Column("track", "identity", "Int32", "", "0-", "one number for one face through an input"),
    Column("status", "identity", "category", "", ", ".join(STATUSES),
           "why the row has the values it has; low_quality: kept, but not to be trusted"),
    _value("FaceRectX", "faceboxes", _PIXELS, "", "left edge of the face box"),
    _value("FaceRectY", "faceboxes", _PIXELS, "", "top edge of the face box"),
    _value("FaceRectWidth", "faceboxes", _PIXELS, "0-", "width of the face box"),
    _value("FaceRectHeight", "faceboxes", _PIXELS, "0-", "height of the face box"),
    _value("FaceScore", "faceboxes", "probability", "0-1",
           "how sure the detector is that this is a face"),
    _value("Pitch", "poses", "rad", "", "head turned up (+) or down (-)"),
    _value("Roll", "poses", "rad", "",
           "head tilted towards the subject's right (+) or left (-) shoulder"),
    _value("Yaw", "poses", "rad", "", "head turned to the subject's right (+) or left (-)"),
    *(_value(name, "emotions", "probability", "0-1", _expression(name)) for name in EMOTIONS),
    _value("valence", "affect", "", "-1-1", "unpleasant (-1) to pleasant (1)"),
    _value("arousal", "affect", "", "-1-1", "calm (-1) to excited (1)"),
    _value("gaze_pitch", "gazes", "rad", "",
           "eyes looking up (+) or down (-), against the camera's axis"),
    _value("gaze_yaw", "gazes", "rad", "", "eyes looking to the subject's right (+) or left (-)"),
    _value("FrameHeight", "source", "square pixels", "1-",
           "height of the frame as shown, rotation and sample aspect ratio applied"),
    _value("FrameWidth", "source", "square pixels", "1-",
           "width of the frame as shown, rotation and sample aspect ratio applied"),
)  # fmt: skip
_FIXED = {entry.name: entry for entry in _COLUMNS}

# Names of the single action units of the Facial Action Coding System.
_AU_NAMES = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    11: "nasolabial deepener",
    12: "lip corner puller",
    13: "sharp lip puller",
    14: "dimpler",
    15: "lip corner depressor",
    16: "lower lip depressor",
    17: "chin raiser",
    18: "lip pucker",
    20: "lip stretcher",
    22: "lip funneler",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
    27: "mouth stretch",
    28: "lip suck",
    29: "jaw thrust",
    30: "jaw sideways",
    34: "cheek puff",
    43: "eyes closed",
    45: "blink",
    46: "wink",
    61: "eyes turned left",
    62: "eyes turned right",
    63: "eyes up",
    64: "eyes down",
}

# First and last landmark of each part; "right" and "left" are the subject's.
_LANDMARK_PARTS = (
    (0, 16, "jaw line"),
    (17, 21, "right brow"),
    (22, 26, "left brow"),
    (27, 30, "nose bridge"),
    (31, 35, "nose base"),
    (36, 41, "right eye"),
    (42, 47, "left eye"),
    (48, 59, "outer lips"),
    (60, 67, "inner lips"),
)

_LANDMARK = re.compile(r"([xy])_(\d{1,2})")
_ACTION_UNIT = re.compile(r"AU(\d{2})(?:_([LR]))?")

# What `mien.preprocess` puts before a column's name for the features it makes of it: summaries,
# wavelets, bags of temporal filters, energies by scale.
_FEATURE = re.compile(
    r"(?:(?:mean|sem|std|max|min|peak)"
    r"|f[\d.]+(?:e-\d+)?_(?:complex|filtered|phase|magnitude|power)"
    r"|(?:pos|neg)\d+_hz_[\d.]+(?:e-\d+)?"
    r"|[ad]\d+_energy)_(.+)"
)


def _landmark(name: str, axis: str, number: int) -> Column:
    part = next(part for first, last, part in _LANDMARK_PARTS if first <= number <= last)
    description = f"{axis} of landmark {number} ({part})"
    return _value(name, "landmarks", _PIXELS, "", description)


def _action_unit(name: str, number: int, side: str | None) -> Column:
    what = _AU_NAMES.get(number, "action unit")
    sided = {"L": ", the subject's left", "R": ", the subject's right", None: ""}[side]
    return _value(name, "aus", "intensity", "0-1", f"{what}{sided}: 0 absent, 1 strongest")


@lru_cache(maxsize=1024)
def column(name: str) -> Column | None:
    """Entry of the data dictionary for a column, or None for a column mien does not make.

    Examples
    --------
    >>> column("AU12_L").group
    'aus'
    """
    if name in _FIXED:
        return _FIXED[name]
    if (match := _LANDMARK.fullmatch(name)) and str(int(match[2])) == match[2]:
        number = int(match[2])
        return _landmark(name, match[1], number) if number < LANDMARK_COUNT else None
    if match := _ACTION_UNIT.fullmatch(name):
        return _action_unit(name, int(match[1]), match[2])
    return None


def source_of(name: object) -> object:
    """The column that a feature was made of; for any other, the name itself.

    Examples
    --------
    >>> source_of("mean_f0.5_power_AU01"), source_of("AU01")
    ('AU01', 'AU01')
    """
    while isinstance(name, str) and (match := _FEATURE.fullmatch(name)):
        name = match[1]
    return name


def _entry(name: object) -> Column | None:
    """Entry of the data dictionary for a column or a feature; None if mien makes neither."""
    if not isinstance(name, str):
        return None
    if known := column(name):
        return known
    source = column(str(source_of(name)))
    # Of other groups a name like `max_time` or `mean_face` is more likely the user's own.
    if source is None or source.group not in MEASURED_GROUPS:
        return None
    return Column(
        name, source.group, "", "", "", f"feature of {source.name} ({source.description})"
    )


def group_of(name: object) -> str:
    """Group of a column or of a feature's source; `design` if mien does not make it.

    Examples
    --------
    >>> group_of("AU12"), group_of("mean_AU12"), group_of("mean_rating")
    ('aus', 'aus', 'design')
    """
    known = _entry(name)
    return known.group if known else "design"


def groups(names: Iterable[object]) -> dict[str, list[object]]:
    """Columns of each group, in the order given; every group of `GROUPS` is a key."""
    members: dict[str, list[object]] = {group: [] for group in GROUPS}
    for name in names:
        members[group_of(name)].append(name)
    return members


def standard_columns() -> list[str]:
    """Columns that every full pack gives, in table order.

    Action units aside: they are the pack's choice.
    """
    points = [f"{axis}_{i}" for axis in "xy" for i in range(LANDMARK_COUNT)]
    rest = ("Pitch", "Roll", "Yaw", *EMOTIONS, "valence", "arousal", "gaze_pitch", "gaze_yaw")
    return [*INDEX_COLUMNS, *BOX_COLUMNS, *points, *rest, "FrameHeight", "FrameWidth"]


def describe(names: Iterable[object] | None = None) -> pd.DataFrame:
    """Data dictionary: one row a column, with its group, type, unit, range and description.

    Parameters
    ----------
    names : iterable of str, optional
        Columns to describe, e.g. a table; all that mien knows of by default.

    Returns
    -------
    pandas.DataFrame
        Columns `name`, `group`, `dtype`, `unit`, `range`, `description`.

    Examples
    --------
    >>> describe(["AU12"]).loc[0, "description"]
    'lip corner puller: 0 absent, 1 strongest'
    """
    if names is None:
        fixed = standard_columns()
        optional = [name for name in _FIXED if name not in fixed]
        units = [f"AU{number:02d}{side}" for side in ("", "_L", "_R") for number in _AU_NAMES]
        at = fixed.index("anger")
        names = [*fixed[:at], *units, *fixed[at:-2], *optional, *fixed[-2:]]
    rows = []
    for name in names:
        rows.append(_entry(name) or Column(str(name), "design", "", "", "", "added by the user"))
    fields = ("name", "group", "dtype", "unit", "range", "description")
    cells = [[getattr(row, f) for f in fields] for row in rows]
    table: pd.DataFrame = pd.DataFrame(cells, columns=list(fields))
    return table
