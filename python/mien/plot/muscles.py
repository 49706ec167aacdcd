"""Muscles of facial expression as polygons on a face, by action unit.

A muscle's outline is given by landmarks and offsets from them in interocular distances, for the
subject's right side; the left is its mirror image. Muscles follow a face that is turned or tilted.
The muscles of each unit are those of the Facial Action Coding System's anatomical basis (Ekman,
Friesen & Hager 2002). Units in which a muscle relaxes (AU25, AU26, AU43) have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.plot._landmarks import MIRROR

__all__ = ["MUSCLES", "Muscle", "Patch", "muscle_patches"]


Vertex = tuple[int, float, float]


@dataclass(frozen=True)
class Muscle:
    """One muscle, or a part of one.

    Attributes
    ----------
    name : str
        In Latin, as in anatomy.
    units : tuple of str
        Action units that it makes; the strongest counts.
    outline : tuple of (landmark, outward, up)
        Vertices of the right side: a landmark and the offset from it, in interocular distances.
    hole : tuple of landmarks
        What the muscle goes around.
    paired : bool
        One on each side of the face; otherwise `outline` is the right half of one that crosses the
        middle.
    """

    name: str
    units: tuple[str, ...]
    outline: tuple[Vertex, ...]
    hole: tuple[int, ...] = ()
    paired: bool = True


def _m(
    name: str, units: str, *outline: Vertex, hole: Iterable[int] = (), paired: bool = True
) -> Muscle:
    return Muscle(name, tuple(units.split()), outline, tuple(hole), paired)


# fmt: off
MUSCLES = (
    _m("frontalis, pars medialis", "AU01",
       (21, -.06, .06), (20, 0, .06), (19, -.03, .06), (19, -.05, .46), (20, 0, .50),
       (21, -.06, .50)),
    _m("frontalis, pars lateralis", "AU02",
       (19, .03, .06), (18, 0, .06), (17, 0, .07), (17, -.04, .30), (18, -.02, .39),
       (19, .01, .45)),
    _m("corrugator supercilii", "AU04",
       (21, -.05, -.05), (20, 0, -.05), (19, .04, -.03), (19, .04, .04), (20, 0, .04),
       (21, -.05, .04)),
    _m("procerus", "AU04 AU09",
       (27, .05, -.06), (21, -.10, .02), (21, -.14, .14), (27, 0, .38), paired=False),
    _m("levator palpebrae superioris", "AU05",
       (36, -.04, .09), (37, 0, .085), (38, 0, .085), (39, .04, .10), (38, 0, .15), (37, 0, .15)),
    _m("orbicularis oculi, pars palpebralis", "AU07",
       (36, .06, 0), (37, .02, .07), (38, -.02, .07), (39, -.05, .01), (40, -.02, -.07),
       (41, .02, -.07),
       hole=range(36, 42)),
    _m("orbicularis oculi, pars orbitalis", "AU06",
       (36, .08, .02), (36, .21, .06), (36, .22, -.12), (41, .06, -.25), (40, -.02, -.25),
       (39, -.05, -.17),
       (39, -.05, -.03), (40, -.02, -.09), (41, .02, -.09)),
    _m("levator labii superioris alaeque nasi", "AU09",
       (39, -.10, -.08), (39, -.05, -.19), (31, .09, .10), (31, .07, -.04), (31, .02, .06),
       (29, .12, .05)),
    _m("levator labii superioris", "AU10",
       (40, -.03, -.28), (41, .02, -.28), (49, .03, .09), (50, .04, .08)),
    _m("zygomaticus minor", "AU11",
       (41, .05, -.29), (41, .15, -.29), (49, .10, .06), (49, .05, .08)),
    _m("zygomaticus major", "AU12",
       (36, .10, -.36), (36, .22, -.34), (48, .08, .03), (48, .02, .06), (48, -.03, .09)),
    _m("buccinator", "AU14",
       (48, .08, .00), (48, .30, .14), (48, .34, .02), (48, .08, -.05)),
    _m("risorius", "AU20",
       (48, .07, -.06), (48, .32, -.01), (48, .30, -.12), (48, .06, -.10)),
    _m("depressor anguli oris", "AU15",
       (48, .03, -.07), (48, -.06, -.11), (48, -.02, -.40), (48, .18, -.36)),
    _m("depressor labii inferioris", "AU16",
       (59, -.02, -.07), (58, -.02, -.08), (58, .02, -.30), (59, .07, -.31)),
    _m("mentalis", "AU17",
       (57, .01, -.12), (57, .10, -.12), (57, .12, -.36), (57, .01, -.40)),
    _m("orbicularis oris", "AU18 AU22 AU23 AU24 AU28",
       (51, 0, .05), (50, 0, .06), (49, .02, .06), (48, .06, .01), (59, .02, -.05),
       (58, 0, -.06), (57, 0, -.06),
       hole=(62, 61, 60, 67, 66), paired=False),
)
# fmt: on
"""All muscles; those that others overlap come first."""


@dataclass(frozen=True)
class Patch:
    """A muscle of one side on one face.

    Attributes
    ----------
    muscle : Muscle
    side : str
        ``R`` or ``L`` of the subject, empty for one that crosses the middle.
    outline : (V, 2) float array
        Vertices in the landmarks' coordinates. A hole is cut by a slit, so the outline is one line.
    """

    muscle: Muscle
    side: str
    outline: NDArray[np.float64]

    def activation(self, au: Mapping[str, float]) -> float:
        """Intensity of the strongest of the muscle's units, on its side; NaN if none is known."""
        values = [_intensity(au, unit, self.side) for unit in self.muscle.units]
        known = [value for value in values if not np.isnan(value)]
        return max(known, default=float("nan"))


def _intensity(au: Mapping[str, float], unit: str, side: str) -> float:
    sided = [f"{unit}_{s}" for s in (side or "LR")]
    values = [float(au[name]) for name in sided if name in au]
    if values:
        return max(values)
    return float(au[unit]) if unit in au else float("nan")


def muscle_patches(landmarks: NDArray[np.floating]) -> list[Patch]:
    """Every muscle of a face with these landmarks (68, 2), x to the right and y down."""
    patches = []
    for muscle in MUSCLES:
        right, left = (_outline(muscle, landmarks, side) for side in "RL")
        right_hole, left_hole = (_hole(muscle, landmarks, side) for side in "RL")
        if not muscle.paired:  # down the right, up the left, and around the hole the other way
            both = (right, left[::-1], left[:1], left_hole, right_hole[::-1])
            patches.append(Patch(muscle, "", np.concatenate(both)))
            continue
        for side, line, hole in (("R", right, right_hole), ("L", left, left_hole)):
            around = (line, line[:1], hole[:1], hole[::-1])
            patches.append(Patch(muscle, side, np.concatenate(around)))
    return patches


# From the bridge of the nose to its foot, in interocular distances of the mean face.
_NOSE = 0.75


def _outline(muscle: Muscle, landmarks: NDArray[np.floating], side: str) -> NDArray[np.float64]:
    """The vertices of one side."""
    left = landmarks[42:48].mean(0) - landmarks[36:42].mean(0)
    out = left if side == "L" else -left
    up = (landmarks[27] - landmarks[33]) / _NOSE
    number = _numbers(side)
    return np.array([landmarks[number[i]] + dx * out + dy * up for i, dx, dy in muscle.outline])


def _hole(muscle: Muscle, landmarks: NDArray[np.floating], side: str) -> NDArray[np.float64]:
    """The vertices of one side's hole, (0, 2) where there is none."""
    return np.asarray(landmarks[_numbers(side)[list(muscle.hole)]].reshape(-1, 2), np.float64)


def _numbers(side: str) -> NDArray[np.intp]:
    return MIRROR if side == "L" else np.arange(68)
