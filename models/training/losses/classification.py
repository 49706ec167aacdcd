"""Cross entropies against soft or hard labels."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Cross entropy (N,) of raw outputs (N, E) against probabilities (N, E)."""
    return -(target * functional.log_softmax(logits, 1)).sum(1)


def binary_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross entropy (N, U) of raw outputs (N, U) against labels in 0..1."""
    return functional.binary_cross_entropy_with_logits(logits, target, reduction="none")


def binary_divergence(logits: Tensor, target: Tensor, eps: float = 1e-4) -> Tensor:
    """Binary cross entropy less the label's own entropy, (N, U): 0 for a perfect answer.

    The gradient is the cross entropy's. A soft label's entropy is no fault of the network's, and
    would hide in the log how well it does.
    """
    p = target.clamp(eps, 1 - eps)
    entropy = -(p * p.log() + (1 - p) * (1 - p).log())
    return binary_cross_entropy(logits, target) - entropy
