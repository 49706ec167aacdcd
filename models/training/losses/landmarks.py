"""Loss of landmarks."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# In the landmark head's raw unit, 16 pixels of the crop.
WIDTH = 0.25
CURVE = 0.05


def wing(error: Tensor, width: float = WIDTH, curve: float = CURVE) -> Tensor:
    """Wing loss (Feng et al. 2018), elementwise: logarithmic below ``width``, linear above.

    The paper joins the two by an offset, width ln(1 + |e| / curve) and |e| - C; here the
    logarithm is scaled to reach ``width`` at ``width``, so that far errors keep a slope of 1.
    """
    size = error.abs()
    near = width * torch.log1p(size / curve) / math.log1p(width / curve)
    return torch.where(size < width, near, size)
