"""Priors of face localization: where they lie, and how boxes and points are written by them."""

from __future__ import annotations

import torch
from torch import Tensor

STRIDES = (8, 16, 32)
MIN_SIZES = ((16, 32), (64, 128), (256, 512))
VARIANCES = (0.1, 0.2)
ANCHORS = 2


def prior_boxes(height: int, width: int) -> Tensor:
    """Priors of a ``height`` x ``width`` input, in the order of the network's output.

    Returns
    -------
    Tensor (P, 3) float32
        Centre x, centre y, side; network pixels, from the picture's top-left edge. Ordered by
        stride, then row, column, anchor.
    """
    rows = []
    for stride, sizes in zip(STRIDES, MIN_SIZES, strict=True):
        y = (torch.arange(height // stride) + 0.5) * stride
        x = (torch.arange(width // stride) + 0.5) * stride
        cy, cx, side = torch.meshgrid(y, x, torch.tensor(sizes, dtype=torch.float32), indexing="ij")
        rows.append(torch.stack([cx, cy, side], dim=-1).reshape(-1, 3))
    return torch.cat(rows)


def encode(priors: Tensor, boxes: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes (..., P, 4: x0 y0 x1 y1) and points (..., P, 10) relative to ``priors`` (P, 3)."""
    centre, side = priors[:, :2], priors[:, 2:]
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    size = (boxes[..., 2:] - boxes[..., :2]).clamp(min=1e-3)
    near = (middle - centre) / (VARIANCES[0] * side)
    far = torch.log(size / side) / VARIANCES[1]
    relative = (points - centre.repeat(1, 5)) / (VARIANCES[0] * side)
    return torch.cat([near, far], dim=-1), relative


def decode(priors: Tensor, boxes: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Inverse of `encode`: boxes x0 y0 x1 y1 and points, network pixels from the top-left edge."""
    centre, side = priors[:, :2], priors[:, 2:]
    middle = centre + boxes[..., :2] * VARIANCES[0] * side
    half = side * torch.exp(boxes[..., 2:] * VARIANCES[1]) / 2
    absolute = centre.repeat(1, 5) + points * VARIANCES[0] * side
    return torch.cat([middle - half, middle + half], dim=-1), absolute
