"""The emoji a face looks like, by the agreement of their action units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.facs._columns import units
from mien.facs.compound import best_name
from mien.facs.eyes import closed_eyes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from matplotlib.typing import ColorType

__all__ = ["EMOJI", "REGIONS", "Emoji", "agreement", "draw_emoji", "emoji", "emoji_agreement"]


@dataclass(frozen=True)
class Emoji:
    """An emoji and the face it shows.

    Attributes
    ----------
    character, name : str
        The character, and its name in Unicode.
    units : tuple of int
        Numbers of the action units of its face.
    """

    character: str
    name: str
    units: tuple[int, ...]


EMOJI = (
    Emoji("😀", "grinning face", (12, 25)),
    Emoji("😄", "smiling face with open mouth and smiling eyes", (6, 12, 25, 26)),
    Emoji("😊", "smiling face with smiling eyes", (6, 12)),
    Emoji("😉", "winking face", (12, 46)),
    Emoji("😏", "smirking face", (14,)),
    Emoji("😗", "kissing face", (18,)),
    Emoji("😐", "neutral face", ()),
    Emoji("😑", "expressionless face", (43,)),
    Emoji("😮", "face with open mouth", (25, 26)),
    Emoji("😲", "astonished face", (1, 2, 5, 25, 26)),
    Emoji("😨", "fearful face", (1, 2, 4, 5, 20, 25)),
    Emoji("😢", "crying face", (1, 4, 15)),
    Emoji("😠", "angry face", (4, 7, 24)),
    Emoji("😖", "confounded face", (4, 7, 10)),
)
"""Fourteen emoji and their action units. The readings are ours, made in the manner of Fugate &
Franco (2021, Frontiers in Psychology 12:605928), who code emoji with FACS; no published table is
reproduced. 43 is both eyes closed, 46 one. Emoji have no noses, so none has AU9.
"""

REGIONS = {
    "brows": (1, 2, 4),
    "eyes": (5, 6, 7, 43, 46),
    "mouth": (10, 12, 14, 15, 18, 20, 24, 25, 26),
}
"""Regions of the face and the units that count for each, for the region-aware agreement."""

_METHODS = ("kappa", "accuracy", "regions")


def agreement(
    faces: NDArray[Any], patterns: NDArray[Any], method: str = "kappa"
) -> NDArray[np.float64]:
    """Agreement of binary codings: of each face with each pattern over the same units.

    With p_o the share of units on which the two agree, both there or both not, and p_e the
    agreement to be expected by chance from how many units each has:

    - ``kappa``: Cohen's (1960) (p_o - p_e) / (1 - p_e), from -1 to 1; where p_e is 1 (both have no
      unit, or both all), they agree wholly and it is 1.
    - ``accuracy``: p_o, from 0 to 1.

    Parameters
    ----------
    faces : (N, U) array of bool or 0 and 1
    patterns : (K, U) array of bool or 0 and 1
    method : {"kappa", "accuracy"}

    Returns
    -------
    (N, K) float array

    Raises
    ------
    InputError
        Different numbers of units, or none.
    OptionError
        Another method.
    """
    if method not in _METHODS[:2]:
        raise OptionError(f"method is kappa or accuracy, got {method!r}")
    a, b = np.asarray(faces, np.float64), np.asarray(patterns, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not a.shape[1]:
        raise InputError(
            f"codings must be (N, U) and (K, U) with U > 0, got {a.shape} and {b.shape}"
        )
    count = a.shape[1]
    in_a, in_b = a.sum(axis=1)[:, None], b.sum(axis=1)[None]
    same = count - in_a - in_b + 2 * (a @ b.T)  # whole numbers, so exact
    if method == "accuracy":
        return np.asarray(same / count)
    chance = in_a * in_b + (count - in_a) * (count - in_b)  # p_e times count squared
    left = count**2 - chance
    return np.asarray(
        np.divide(count * same - chance, left, out=np.ones_like(left), where=left > 0)
    )


def emoji_agreement(
    table: pd.DataFrame,
    method: str = "kappa",
    *,
    threshold: float = 0.5,
    closed: float = 0.2,
) -> pd.DataFrame:
    """Agreement of each row with each of the 14 emoji.

    A unit is there if it is above `threshold`. Closed eyes are seen by the aspect ratio where the
    table has landmarks: both below `closed` is AU43, one alone AU46; without landmarks the columns
    AU43 and AU46 serve, as far as there are any. Units the table lacks are left out, and so are
    emoji that need one of them. ``regions`` is the mean, over the regions of `REGIONS`, of the
    share of the region's units on which the two agree, so that the many units of the mouth don't
    outvote the brows.

    Parameters
    ----------
    table : FaceTable
        With action units.
    method : {"kappa", "accuracy", "regions"}
        See `agreement`.
    threshold : float
        Above it a unit counts as there.
    closed : float
        Aspect ratio below which an eye is closed.

    Returns
    -------
    pandas.DataFrame
        A column for each emoji (its character) all of whose units the table has, index of the
        table; NaN where a unit is missing.

    Raises
    ------
    InputError
        No action units.
    OptionError
        Another method.
    """
    if method not in _METHODS:
        raise OptionError(f"method is one of {', '.join(_METHODS)}; got {method!r}")
    found, shown, known = _coded(table, threshold, closed)
    able = [entry for entry in EMOJI if set(entry.units) <= set(found)]
    patterns = np.array([[unit in entry.units for unit in found] for entry in able], bool)
    if method == "regions":
        parts = [[i for i, u in enumerate(found) if u in region] for region in REGIONS.values()]
        score = np.mean(
            [agreement(shown[:, p], patterns[:, p], "accuracy") for p in parts if p], axis=0
        )
    else:
        score = agreement(shown, patterns, method)
    score[~known] = np.nan
    characters = pd.Index([entry.character for entry in able])
    out: pd.DataFrame = pd.DataFrame(score, index=table.index, columns=characters)
    return out


def emoji(
    table: pd.DataFrame, method: str = "kappa", *, threshold: float = 0.5, closed: float = 0.2
) -> pd.DataFrame:
    """The emoji that each row agrees with most.

    Parameters
    ----------
    table, method, threshold, closed
        As for `emoji_agreement`.

    Returns
    -------
    pandas.DataFrame
        Index of the table; `emoji` (the character), `name`, both categories, and `agreement`. Of
        equals, the first of `EMOJI`. Missing where a unit is.

    Raises
    ------
    InputError, OptionError
        As `emoji_agreement`.

    Examples
    --------
    >>> table = pd.DataFrame({"AU06": [0.9, 0.0], "AU12": [0.8, 0.1], "AU25": [0.1, 0.0]})
    >>> emoji(table)["name"].tolist()
    ['smiling face with smiling eyes', 'neutral face']
    """
    scores = emoji_agreement(table, method, threshold=threshold, closed=closed)
    values = scores.to_numpy()
    best = best_name(values, list(scores.columns), table.index)
    names = {entry.character: entry.name for entry in EMOJI}
    out: pd.DataFrame = pd.DataFrame(
        {
            "emoji": best,
            "name": best.cat.rename_categories(names),
            "agreement": values.max(axis=1),
        },
        index=table.index,
    )
    return out


def _coded(
    table: pd.DataFrame, threshold: float, closed: float
) -> tuple[list[int], NDArray[np.bool_], NDArray[np.bool_]]:
    """Units, whether each row shows them (N, U), and whether the row is known."""
    numbers = {unit for entry in EMOJI for unit in entry.units}
    eyes = all(f"{axis}_{i}" in table.columns for axis in "xy" for i in range(36, 48))
    found, values = units(table, numbers - {43, 46} if eyes else numbers, "emoji")
    shown, known = values > threshold, np.array(~np.isnan(values).any(axis=1))
    if not eyes:
        return found, shown, known
    shut = closed_eyes(table, closed)
    known &= shut.notna().all(axis=1).to_numpy(bool)
    left, right = (shut[eye].fillna(False).to_numpy(bool) for eye in ("left", "right"))
    return [*found, 43, 46], np.column_stack([shown, left & right, left ^ right]), known


def draw_emoji(ax: Axes, face: pd.Series, color: ColorType = "black") -> Text | None:
    """The emoji of one row, written beside the upper right corner of its box.

    Parameters
    ----------
    ax : matplotlib Axes
        In pixels of the frame.
    face : FaceSeries
        A row of a table with boxes, joined with what `emoji` gives (columns `emoji` and `FaceRectX`
        ... are read).
    color : matplotlib color

    Returns
    -------
    matplotlib Text or None
        None where the row has no emoji.

    Raises
    ------
    InputError
        The row has no `emoji` or no box.
    """
    wanted = ("emoji", "FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight")
    if absent := [name for name in wanted if name not in face.index]:
        raise InputError(
            f"draw_emoji needs {', '.join(absent)}: table.join(table.emoji()) has them"
        )
    if pd.isna(face["emoji"]):
        return None
    x, y, width, height = (float(face[name]) for name in wanted[1:])
    return ax.text(
        x + width,
        y,
        str(face["emoji"]),
        color=color,
        family="DejaVu Sans",  # comes with matplotlib, and has all of them
        fontsize=max(10.0, min(40.0, height / 8)),
        horizontalalignment="left",
        verticalalignment="top",
        clip_on=True,
    )
