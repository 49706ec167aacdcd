"""Masked means: missing labels contribute neither to a loss nor to its gradient."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_mean(loss: Tensor, mask: Tensor) -> Tensor:
    """Mean of ``loss`` under weights of the same shape; 0 where every weight is 0."""
    return (loss * mask).sum() / mask.sum().clamp_min(1e-6)


def known(target: Tensor, mask: Tensor) -> Tensor:
    """Targets (N, K) with 0 for what the mask, (N,) or (N, K), leaves out.

    A missing label may be anything, NaN too, and NaN times a weight of 0 is NaN: it has to go
    before the loss is formed, or the gradient of every sample in the batch is lost.
    """
    return torch.where(by_column(mask, target) > 0, target, torch.zeros_like(target))


def by_column(mask: Tensor, like: Tensor) -> Tensor:
    """A mask (N,) or (N, K) as (N, K)."""
    return mask if mask.ndim == 2 else mask[:, None].expand_as(like)
