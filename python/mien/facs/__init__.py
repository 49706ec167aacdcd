"""Facial coding: events, blinks, asymmetry, compound expressions, emoji and the circumplex.

Functions take a `mien.FaceTable` (or any DataFrame with its column names) and return plain
DataFrames; the table offers them as methods.
"""

from __future__ import annotations

from mien.facs.affect import QUADRANTS, circumplex, quadrants
from mien.facs.asymmetry import asymmetry
from mien.facs.compound import compound_expressions
from mien.facs.emojis import EMOJI, REGIONS, Emoji, agreement, draw_emoji, emoji, emoji_agreement
from mien.facs.events import events
from mien.facs.eyes import blink_rate, blinks, closed_eyes, eye_aspect_ratio, eye_closure
from mien.facs.relations import BASIC, COMPONENTS, COMPOUND, EMFACS, OPPOSED
from mien.facs.rules import consistency, supporting_units

__all__ = [
    "BASIC",
    "COMPONENTS",
    "COMPOUND",
    "EMFACS",
    "EMOJI",
    "OPPOSED",
    "QUADRANTS",
    "REGIONS",
    "Emoji",
    "agreement",
    "asymmetry",
    "blink_rate",
    "blinks",
    "circumplex",
    "closed_eyes",
    "compound_expressions",
    "consistency",
    "draw_emoji",
    "emoji",
    "emoji_agreement",
    "events",
    "eye_aspect_ratio",
    "eye_closure",
    "quadrants",
    "supporting_units",
]
