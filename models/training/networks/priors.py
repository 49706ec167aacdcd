"""Priors of the detector: where they lie, and how boxes and points are encoded by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

VARIANCES = (0.1, 0.2)
VALUES = 1 + 4 + 10  # a network says a logit, a box and five points of every prior


@dataclass(frozen=True)
class Grid:
    """Where a network's priors lie: a stride and the priors' sides for each pyramid level."""

    strides: tuple[int, ...]
    min_sizes: tuple[tuple[float, ...], ...]

    @property
    def multiple(self) -> int:
        """What the sides of the network's input are multiples of."""
        return max(32, *self.strides)

    def priors(self, height: int, width: int) -> Tensor:
        """`prior_boxes` of a ``height`` x ``width`` input."""
        return prior_boxes(height, width, self.strides, self.min_sizes)


# As in the small published RetinaFace networks.
THREE_LEVELS = Grid((8, 16, 32), ((16, 32), (64, 128), (256, 512)))
# As in the paper: P2 to P6, three sides a third of an octave apart, from 16 to 406 pixels.
FIVE_LEVELS = Grid(
    (4, 8, 16, 32, 64),
    tuple(tuple(round(4 * s * 2 ** (k / 3), 2) for k in range(3)) for s in (4, 8, 16, 32, 64)),
)


def prior_boxes(
    height: int,
    width: int,
    strides: Sequence[int] = THREE_LEVELS.strides,
    min_sizes: Sequence[Sequence[float]] = THREE_LEVELS.min_sizes,
) -> Tensor:
    """Priors of a ``height`` x ``width`` input, in the order of the network's output.

    Parameters
    ----------
    height, width : int
        Multiples of the largest stride.
    strides : sequence of int
        One a pyramid level.
    min_sizes : sequence of sequences of float
        Sides of each level's priors, network pixels.

    Returns
    -------
    Tensor (P, 3) float32
        Centre x, centre y, side; network pixels, from the image's top-left edge. Ordered by
        stride, then row, column, anchor.
    """
    rows = []
    for stride, sizes in zip(strides, min_sizes, strict=True):
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
