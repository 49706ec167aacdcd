"""Multibox loss: soft scores for all priors, boxes and points for those that match a face."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.training.networks.priors import decode, encode

MATCH = 0.5  # priors with at least this share of a face's best IoU learn its box and points


@dataclass(frozen=True)
class Targets:
    """What each prior should say: all (B, P), boxes (B, P, 4) and points (B, P, 10) encoded."""

    score: Tensor
    weight: Tensor
    matched: Tensor
    boxes: Tensor
    points: Tensor


def overlaps(priors: Tensor, boxes: Tensor) -> Tensor:
    """IoU of square priors (P, 3) and boxes (B, K, 4) -> (B, P, K)."""
    half = priors[:, 2:] / 2
    low, high = priors[:, :2] - half, priors[:, :2] + half
    common = torch.minimum(high[None, :, None], boxes[:, None, :, 2:]) - torch.maximum(
        low[None, :, None], boxes[:, None, :, :2]
    )
    common = common.clamp(min=0).prod(-1)
    area = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)
    return common / (priors[None, :, 2:] ** 2 + area[:, None] - common).clamp(min=1e-6)


def assign(
    priors: Tensor, faces: Tensor, teacher: Tensor | None = None, share: float = 0.3
) -> Targets:
    """Targets of a batch.

    A prior's score rises linearly from 0 to 1 as its IoU with a face goes from 40 % to 80 % of
    the best IoU any prior has with that face, so that every face has full-scored priors whatever
    its size, and they are the best placed. Where a face is, the teacher's probability is mixed
    in; where none is labelled and the teacher sees one all the same, and on doubtful faces,
    nothing is learnt.

    Parameters
    ----------
    priors : Tensor (P, 3)
    faces : Tensor (B, K, 16)
        State (1 face, 0 doubtful, -1 padding), box, points, visible part.
    teacher : Tensor (B, P), optional
        The teacher's face probabilities on the same composites.
    share : float
        Weight of the teacher's opinion, 0 to 1.
    """
    shared = overlaps(priors, faces[..., 1:5])
    sure, doubtful = (faces[..., 0] == 1)[:, None], (faces[..., 0] == 0)[:, None]
    relative = shared / shared.amax(1, keepdim=True).clamp(min=1e-3) * sure
    # A prior between two faces belongs to the one it overlaps more, relative to what that face
    # can have.
    best, which = relative.max(-1)
    score = ((best - 0.4) / 0.4).clamp(0, 1)
    weight = 1.0 - ((shared * doubtful).amax(-1) > 0.15).float() * (best < 0.4)
    if teacher is not None:
        near = best >= 0.4
        score = torch.where(near, (1 - share) * score + share * teacher, score)
        touches = (shared * sure).amax(-1) > 0.1
        weight = weight * (1.0 - (~near & ~touches & (teacher > 0.5)).float())
    gathered = torch.gather(faces, 1, which[..., None].expand(-1, -1, 16))
    boxes, points = encode(priors, gathered[..., 1:5], gathered[..., 5:15])
    return Targets(score, weight, best >= MATCH, boxes, points)


def multibox_loss(
    outputs: tuple[Tensor, Tensor, Tensor], targets: Targets, priors: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """Quality focal loss of scores, GIoU and smooth L1 of boxes, smooth L1 of points.

    Parameters
    ----------
    outputs : tuple of Tensor
        The network's scores (B, P), boxes (B, P, 4), points (B, P, 10)

    Returns
    -------
    The sum, and each part as a number.
    """
    scores, boxes, points = (t.float() for t in outputs)
    matched = targets.matched
    count = matched.sum().clamp(min=1)
    distance = (torch.sigmoid(scores) - targets.score).abs() ** 2
    cross = functional.binary_cross_entropy_with_logits(scores, targets.score, reduction="none")
    score_loss = (targets.weight * distance.detach() * cross).sum() / count
    weight = targets.score[matched].clamp(min=0.2)
    total = weight.sum().clamp(min=1e-6)
    near = functional.smooth_l1_loss(
        boxes[matched], targets.boxes[matched], beta=0.5, reduction="none"
    ).mean(-1)
    place, known = _place(points[matched], targets.points[matched])
    own = priors[None].expand(len(boxes), -1, -1)[matched]
    giou = 1 - _giou(
        decode(own, boxes[matched], points[matched])[0],
        decode(own, targets.boxes[matched], points[matched])[0],
    )
    parts = {
        "score": 4 * score_loss,
        "box": (weight * near).sum() / total,
        "giou": (weight * giou).sum() / total,
        "points": (weight * place).sum() / (weight * known).sum().clamp(min=1e-6),
    }
    return torch.stack(list(parts.values())).sum(), {
        name: float(part.detach()) for name, part in parts.items()
    }


def _place(outputs: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Smooth L1 of points (M, 10), 0 for faces whose points aren't known, and which are."""
    known = torch.isfinite(wanted).all(-1)
    wanted = torch.where(known[:, None], wanted, outputs.detach())
    return functional.smooth_l1_loss(outputs, wanted, beta=0.3, reduction="none").mean(-1), known


def _giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalized IoU of paired boxes (M, 4), x0 y0 x1 y1."""
    common = (
        (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2]))
        .clamp(min=0)
        .prod(-1)
    )
    union = (a[:, 2:] - a[:, :2]).prod(-1) + (b[:, 2:] - b[:, :2]).prod(-1) - common
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(-1)
    return common / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)
