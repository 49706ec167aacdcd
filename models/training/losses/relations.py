"""Relations of expressions and action units (Du et al. 2014), as labels and as a loss.

Du, Tao & Martinez (2014), "Compound facial expressions of emotion", PNAS 111(15), table 1, name for
each expression the *prototypical* units (nearly everybody shows them, weight 1 here) and the
*observational* ones with the share of people who do. Kollias (2022) and Behaviour4All couple the
two tasks with them: `co_annotate` makes an image's missing labels, `distribution_matching` asks the
network's own two answers to agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

RELATIONS: dict[str, dict[int, float]] = {
    "happiness": {12: 1.0, 25: 1.0, 6: 0.51},
    "sadness": {4: 1.0, 15: 1.0, 1: 0.60, 6: 0.50, 11: 0.26, 17: 0.67},
    "fear": {1: 1.0, 4: 1.0, 20: 1.0, 25: 1.0, 2: 0.57, 5: 0.63, 26: 0.33},
    "anger": {4: 1.0, 7: 1.0, 24: 1.0, 10: 0.26, 17: 0.52, 23: 0.29},
    "surprise": {1: 1.0, 2: 1.0, 25: 1.0, 26: 1.0, 5: 0.66},
    "disgust": {9: 1.0, 10: 1.0, 17: 1.0, 4: 0.31, 24: 0.26},
    "neutral": {},
}


def unit_number(unit: str) -> int:
    """12 of ``AU12`` and ``AU12_L``."""
    return int(unit[2:4])


def relation_matrix(expressions: Sequence[str], units: Sequence[str]) -> np.ndarray:
    """P(unit | expression), (E, U) float32; both sides of a unit have the same."""
    numbers = [unit_number(unit) for unit in units]
    return np.array([[RELATIONS[e].get(n, 0.0) for n in numbers] for e in expressions], np.float32)


def expected_units(expression: np.ndarray, relations: np.ndarray) -> np.ndarray:
    """Units (N, U) that expression probabilities (N, E) let expect: sum over e of p(e) P(u | e)."""
    return expression @ relations


def expression_from_units(units: Tensor, relations: Tensor) -> Tensor:
    """Soft co-annotation: expression probabilities (N, E) out of unit intensities (N, U).

    An expression's score is the mean of its units, weighted by their relations; a softmax makes
    probabilities of the scores, and an expression without units (neutral) scores what is left, one
    minus the strongest.
    """
    weight = relations.sum(1)
    score = units @ relations.T / weight.clamp_min(1e-6)
    rest = 1 - score[:, weight > 0].max(1, keepdim=True).values
    return torch.softmax(torch.where(weight > 0, score, rest), 1)


def co_annotate(
    units: np.ndarray, expression: np.ndarray, relations: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Unit labels (N, U) of which a share per unit (U,) comes from the expression's relations.

    ``share`` 0 keeps the teacher's unit, 1 takes the relation alone: for units which the teacher
    hardly sees.
    """
    return (1 - share) * units + share * expected_units(expression, relations)


def distribution_matching(
    units: Tensor, expression: Tensor, relations: Tensor, eps: float = 1e-6
) -> Tensor:
    """Distribution matching per image and unit, (N, U).

    Cross entropy between the network's units (N, U, raw outputs) and what its own expression
    (N, E, raw outputs) lets expect, q(u) = sum over e of p(e) P(u | e), after Kollias, Sharmanska &
    Zafeiriou (2019). Where the paper writes one term, this has both of a yes-or-no question, with
    q as the label: one term alone is at its least when no unit ever shows.
    """
    expected = (torch.softmax(expression, 1) @ relations).clamp(eps, 1 - eps)
    return functional.binary_cross_entropy_with_logits(units, expected, reduction="none")


def distribution_matching_as_published(
    units: Tensor, expression: Tensor, relations: Tensor, eps: float = 1e-6
) -> Tensor:
    """The paper's own form, -p(u) log q(u), (N, U), of raw outputs; see `distribution_matching`."""
    expected = (torch.softmax(expression, 1) @ relations).clamp(eps, 1 - eps)
    return -torch.sigmoid(units) * expected.log()
