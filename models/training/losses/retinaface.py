"""RetinaFace's loss as published: matched priors, hard negatives, class, box and five points.

Deng et al. 2020, equation 1: L = L_cls + l1 L_box + l2 L_pts with l1 = 0.25 and l2 = 0.1, the last
two for priors that hold a face only. (The dense loss of the paper's mesh decoder, l3, is not here.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.training.losses.multibox import overlaps
from models.training.networks.priors import encode


@dataclass(frozen=True)
class Matches:
    """What each prior holds: ``state`` (B, P), boxes (B, P, 4) and points (B, P, 10) encoded.

    State: 1 a face, 0 background, -1 neither (learns nothing). Points that a face doesn't have
    are NaN.
    """

    state: Tensor
    boxes: Tensor
    points: Tensor


def match_priors(
    priors: Tensor, faces: Tensor, positive: float = 0.5, negative: float = 0.3
) -> Matches:
    """Give priors to faces by their IoU.

    A prior holds the face it overlaps most if the IoU exceeds ``positive``, and is background below
    ``negative``. The best prior of every face holds it whatever the IoU (Liu et al. 2016), so that
    no face goes unlearnt. Priors on doubtful faces are neither.

    Parameters
    ----------
    priors : Tensor (P, 3)
    faces : Tensor (B, K, 16)
        State (1 face, 0 doubtful, -1 padding), box, points, visible part.
    """
    sure, doubtful = faces[..., 0] == 1, faces[..., 0] == 0
    shared = overlaps(priors, faces[..., 1:5])
    own = torch.where(sure[:, None], shared, torch.zeros_like(shared))
    best, which = own.max(-1)
    state = torch.where(best > positive, 1, torch.where(best < negative, 0, -1))
    touched = (shared * doubtful[:, None]).amax(-1) >= negative
    state = torch.where(touched & (state == 0), -1, state)
    favourite = own.argmax(1)  # (B, K)
    for row, face in sure.nonzero().tolist():
        prior = favourite[row, face]
        state[row, prior], which[row, prior] = 1, face
    held = torch.gather(faces, 1, which[..., None].expand(-1, -1, faces.shape[-1]))
    boxes, points = encode(priors, held[..., 1:5], held[..., 5:15])
    return Matches(state, boxes, points)


def hard_negatives(losses: Tensor, state: Tensor, ratio: float) -> Tensor:
    """The background priors with the largest losses, ``ratio`` times as many as hold a face.

    They are chosen over the whole batch, so that images without faces give theirs too (Shrivastava
    et al. 2016). At least ``ratio`` are chosen where there are so many.

    Parameters
    ----------
    losses : Tensor (B, P)
        Class loss of each prior.
    state : Tensor (B, P)
        As `Matches.state`.
    ratio : float
        3 in the paper, 7 for its small published networks.

    Returns
    -------
    Tensor (B, P) bool
    """
    background = state == 0
    count = int(ratio * max(int((state == 1).sum()), 1))
    count = min(count, int(background.sum()))
    ranked = torch.where(background, losses.detach(), -torch.inf).flatten()
    chosen = torch.zeros_like(ranked, dtype=torch.bool)
    chosen[ranked.topk(count).indices] = True
    return chosen.reshape(state.shape)


def retinaface_loss(
    outputs: tuple[Tensor, Tensor, Tensor],
    matches: Matches,
    *,
    box: float = 0.25,
    points: float = 0.1,
    ratio: float = 3.0,
) -> tuple[Tensor, dict[str, float]]:
    """Cross entropy of two classes, smooth L1 of boxes and points; all over the number of matches.

    Parameters
    ----------
    outputs : tuple of Tensor
        The network's scores (B, P) logits, boxes (B, P, 4), points (B, P, 10)
    matches : Matches
    box, points : float
        Their weights; the paper's l1 and l2.
    ratio : float
        Background priors for each that holds a face (`hard_negatives`).

    Returns
    -------
    The weighted sum, and each weighted part as a number.
    """
    scores, boxes, places = (t.float() for t in outputs)
    face = matches.state == 1
    cross = functional.binary_cross_entropy_with_logits(scores, face.float(), reduction="none")
    learnt = face | hard_negatives(cross, matches.state, ratio)
    seen = face & torch.isfinite(matches.points).all(-1)
    parts = {
        "score": cross[learnt].sum() / face.sum().clamp(min=1),
        "box": box * _smooth(boxes[face], matches.boxes[face]),
        "points": points * _smooth(places[seen], matches.points[seen]),
    }
    return torch.stack(list(parts.values())).sum(), {
        name: float(part.detach()) for name, part in parts.items()
    }


def _smooth(outputs: Tensor, wanted: Tensor) -> Tensor:
    """Smooth L1 (Girshick 2015) summed over a prior's numbers, its mean over priors."""
    return functional.smooth_l1_loss(outputs, wanted, reduction="sum") / max(len(outputs), 1)
