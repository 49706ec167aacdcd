"""Which action units go with which expression, as published tables: pure data, nothing to import.

`BASIC` and `COMPOUND` are table 1 of Du, Tao & Martinez (2014), "Compound facial expressions of
emotion", PNAS 111(15), E1454-E1462: *prototypical* units (shown by more than 70 % of 230 people)
weigh 1, *observational* ones the share of the people who showed them. `EMFACS` holds the prototypes
of the FACS Investigator's Guide (Ekman, Friesen & Hager 2002), as they are reprinted everywhere.
`OPPOSED` is ours.
"""

from __future__ import annotations

__all__ = ["BASIC", "COMPONENTS", "COMPOUND", "EMFACS", "OPPOSED"]


BASIC: dict[str, dict[int, float]] = {
    "anger": {4: 1.0, 7: 1.0, 24: 1.0, 10: 0.26, 17: 0.52, 23: 0.29},
    "disgust": {9: 1.0, 10: 1.0, 17: 1.0, 4: 0.31, 24: 0.26},
    "fear": {1: 1.0, 4: 1.0, 20: 1.0, 25: 1.0, 2: 0.57, 5: 0.63, 26: 0.33},
    "happiness": {12: 1.0, 25: 1.0, 6: 0.51},
    "sadness": {4: 1.0, 15: 1.0, 1: 0.60, 6: 0.50, 11: 0.26, 17: 0.67},
    "surprise": {1: 1.0, 2: 1.0, 25: 1.0, 26: 1.0, 5: 0.66},
    "neutral": {},
}
"""P(unit | basic expression); neutral brings none."""

# fmt: off
COMPOUND: dict[str, dict[int, float]] = {
    "happily surprised": {1: 1.0, 2: 1.0, 12: 1.0, 25: 1.0, 5: 0.64, 26: 0.67},
    "happily disgusted": {10: 1.0, 12: 1.0, 25: 1.0, 4: 0.32, 6: 0.61, 9: 0.59},
    "sadly fearful": {1: 1.0, 4: 1.0, 20: 1.0, 25: 1.0, 2: 0.46, 5: 0.24, 6: 0.34, 15: 0.30},
    "sadly angry": {4: 1.0, 15: 1.0, 6: 0.26, 7: 0.48, 11: 0.20, 17: 0.50},
    "sadly surprised": {1: 1.0, 4: 1.0, 25: 1.0, 26: 1.0, 2: 0.27, 6: 0.31},
    "sadly disgusted": {
        4: 1.0, 10: 1.0,
        1: 0.49, 6: 0.61, 9: 0.20, 11: 0.35, 15: 0.54, 17: 0.47, 25: 0.43,
    },
    "fearfully angry": {4: 1.0, 20: 1.0, 25: 1.0, 5: 0.40, 7: 0.39, 10: 0.30, 11: 0.33},
    "fearfully surprised": {
        1: 1.0, 2: 1.0, 5: 1.0, 20: 1.0, 25: 1.0,
        4: 0.47, 10: 0.35, 11: 0.22, 26: 0.51,
    },
    "fearfully disgusted": {
        1: 1.0, 4: 1.0, 10: 1.0, 20: 1.0, 25: 1.0,
        2: 0.64, 5: 0.50, 6: 0.26, 9: 0.28, 15: 0.33,
    },
    "angrily surprised": {4: 1.0, 25: 1.0, 26: 1.0, 5: 0.35, 7: 0.50, 10: 0.34},
    "angrily disgusted": {4: 1.0, 10: 1.0, 17: 1.0, 7: 0.60, 9: 0.57, 24: 0.36},
    "disgustedly surprised": {
        1: 1.0, 2: 1.0, 5: 1.0, 10: 1.0,
        4: 0.45, 9: 0.37, 17: 0.66, 24: 0.33,
    },
    "appalled": {4: 1.0, 10: 1.0, 6: 0.25, 9: 0.56, 17: 0.67, 24: 0.36},
    "hatred": {4: 1.0, 10: 1.0, 7: 0.57, 9: 0.27, 17: 0.63, 24: 0.37},
    "awed": {1: 1.0, 2: 1.0, 5: 1.0, 25: 1.0, 4: 0.21, 20: 0.62, 26: 0.56},
}
# fmt: on
"""P(unit | compound expression) of the 15 compound categories, in the paper's order."""

COMPONENTS: dict[str, tuple[str, str]] = {
    "happily surprised": ("happiness", "surprise"),
    "happily disgusted": ("happiness", "disgust"),
    "sadly fearful": ("sadness", "fear"),
    "sadly angry": ("sadness", "anger"),
    "sadly surprised": ("sadness", "surprise"),
    "sadly disgusted": ("sadness", "disgust"),
    "fearfully angry": ("fear", "anger"),
    "fearfully surprised": ("fear", "surprise"),
    "fearfully disgusted": ("fear", "disgust"),
    "angrily surprised": ("anger", "surprise"),
    "angrily disgusted": ("anger", "disgust"),
    "disgustedly surprised": ("disgust", "surprise"),
    "appalled": ("disgust", "anger"),
    "hatred": ("anger", "disgust"),
    "awed": ("surprise", "fear"),
}
"""The two basic expressions a compound one is made of; of the last three, the first is the
stronger.
"""

EMFACS: dict[str, tuple[int, ...]] = {
    "anger": (4, 5, 7, 23),
    "disgust": (9, 15, 16),
    "fear": (1, 2, 4, 5, 7, 20, 26),
    "happiness": (6, 12),
    "sadness": (1, 4, 15),
    "surprise": (1, 2, 5, 26),
    "neutral": (),
}
"""Units that support an expression."""

OPPOSED: dict[str, tuple[int, ...]] = {
    "anger": (1, 2, 12),
    "disgust": (2, 5, 12),
    "fear": (9, 12, 24),
    "happiness": (9, 15, 17, 20, 24),
    "sadness": (2, 5, 9, 12),
    "surprise": (4, 9, 15, 24),
    "neutral": (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 20, 23, 24, 26),
}
"""Units that speak against an expression, ours: those whose muscles pull the other way from its
prototype's, and the hallmarks of expressions it is not blended with; for neutral, every unit of the
six others.
"""
