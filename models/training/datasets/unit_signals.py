"""Action units made of the teacher's signals, and how reliable each of them is."""

from __future__ import annotations

import numpy as np

from models.training.datasets.mesh_geometry import geometry_units
from models.training.datasets.teacher_mesh import (
    BLENDSHAPES,
)
from models.training.networks.behaviour import (
    ACTION_UNITS,
)

# Action unit -> blendshapes, averaged. {} is filled with Left and Right (the subject's) for units
# with sides. Units made of mesh geometry instead are in `geometry_units`.
UNIT_BLENDSHAPES = {
    "AU01": ("browInnerUp",),  # inner brow raiser
    "AU02": ("browOuterUp{}",),  # outer brow raiser
    "AU04": ("browDown{}",),  # brow lowerer
    "AU05": ("eyeWide{}",),  # upper lid raiser
    "AU07": ("eyeSquint{}",),  # lid tightener
    "AU10": ("mouthUpperUp{}",),  # upper lip raiser
    "AU12": ("mouthSmile{}",),  # lip corner puller
    "AU14": ("mouthDimple{}",),  # dimpler
    "AU15": ("mouthFrown{}",),  # lip corner depressor
    "AU16": ("mouthLowerDown{}",),  # lower lip depressor
    "AU17": ("mouthShrugLower",),  # chin raiser
    "AU18": ("mouthPucker",),  # lip pucker
    "AU20": ("mouthStretch{}",),  # lip stretcher
    "AU22": ("mouthFunnel",),  # lip funneler
    "AU23": ("mouthPressLeft", "mouthPressRight"),  # lip tightener
    "AU24": ("mouthPress{}",),  # lip pressor
    "AU26": ("jawOpen",),  # jaw drop
    "AU28": ("mouthRollLower", "mouthRollUpper"),  # lip suck
    "AU43": ("eyeBlink{}",),  # eyes closed
}
# Units of which the teacher shows nothing at all.
UNSEEN = ("AU09",)
# How much of a unit's label comes from the expression's relations (`losses.relations`): much where
# the teacher is blind or weak, a little where it sees well and people see better. This makes units
# echo expressions, see `behaviour_targets.LabelOptions.evidence`.
EVIDENCE = {
    "AU01": 0.5,
    "AU04": 0.6,
    "AU06": 0.25,
    "AU09": 1.0,
    "AU10": 0.2,
    "AU12": 0.1,
    "AU15": 0.65,
    "AU17": 0.5,
    "AU20": 0.3,
    "AU23": 0.5,
    "AU24": 0.4,
    "AU26": 0.15,
}
# A unit of which less than this comes from expressions still says what the teacher sees.
SEEN = 0.25


def raw_units(shapes: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Uncalibrated signals (N, U) in the order of ACTION_UNITS."""
    geometry = geometry_units(head)
    columns = []
    for unit in ACTION_UNITS:
        if unit in geometry:
            columns.append(geometry[unit])
            continue
        base, _, side = unit.partition("_")
        if base in UNSEEN:
            columns.append(np.zeros(len(shapes), np.float32))
            continue
        names = [n.format({"L": "Left", "R": "Right"}.get(side)) for n in UNIT_BLENDSHAPES[base]]
        columns.append(shapes[:, [BLENDSHAPES.index(n) for n in names]].mean(1))
    return np.stack(columns, 1).astype(np.float32)


def evidence_share() -> np.ndarray:
    """`EVIDENCE` in the order of ACTION_UNITS, (U,)."""
    return np.array([EVIDENCE.get(u.partition("_")[0], 0.0) for u in ACTION_UNITS], np.float32)


def unseen() -> np.ndarray:
    """(U,) bool: units of which the teacher shows nothing at all."""
    return np.array([u.partition("_")[0] in UNSEEN for u in ACTION_UNITS])


def reliably_supervised() -> np.ndarray:
    """(U,) bool: units that are (nearly) the teacher's, to be measured against it."""
    return evidence_share() < SEEN
