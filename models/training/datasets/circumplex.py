"""Valence and arousal made of expressions and units, on the circumplex of affect."""

from __future__ import annotations

import numpy as np

from models.training.networks.behaviour import (
    ACTION_UNITS,
    EXPRESSIONS,
)

# Pleasure and arousal of emotion words, mean ratings of Russell & Mehrabian (1977), "Evidence for a
# three-factor theory of emotions", J. Research in Personality 11, 273-294; neutral is the origin.
CIRCUMPLEX = {
    "anger": (-0.51, 0.59),
    "disgust": (-0.60, 0.35),
    "fear": (-0.64, 0.60),
    "happiness": (0.81, 0.51),
    "sadness": (-0.63, -0.27),
    "surprise": (0.40, 0.67),
    "neutral": (0.0, 0.0),
}
# Units that show how strongly a face is expressive, whichever expression it is.
EXPRESSIVE = (
    "AU01",
    "AU02",
    "AU04",
    "AU05",
    "AU10",
    "AU12",
    "AU15",
    "AU16",
    "AU20",
    "AU25",
    "AU26",
)


def affect(probabilities: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Valence and arousal (N, 2) made of expression probabilities (N, 7) and units (N, U).

    No dataset here carries ratings. The expected circumplex coordinate is scaled by 0.5 for a face
    at rest up to 1 where the three strongest expressive units reach full intensity.
    """
    coordinates = np.array([CIRCUMPLEX[e] for e in EXPRESSIONS], np.float32)
    columns = [i for i, u in enumerate(ACTION_UNITS) if u.partition("_")[0] in EXPRESSIVE]
    strength = np.sort(units[:, columns], 1)[:, -3:].mean(1, keepdims=True)
    return (probabilities @ coordinates) * (0.5 + 0.5 * strength)
