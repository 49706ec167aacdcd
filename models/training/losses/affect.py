"""Losses of valence and arousal: error, correlation and concordance."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from models.training.losses.masked import masked_mean

TINY = 1e-8
ERRORS = ("mse", "rmse")
Measure = Callable[[Tensor, Tensor, Tensor], Tensor]


def _moments(a: Tensor, b: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Difference of means, variances of ``a`` and ``b``, and covariance, under weights."""
    total = mask.sum().clamp_min(1e-6)
    mean_a, mean_b = (a * mask).sum() / total, (b * mask).sum() / total
    from_a, from_b = a - mean_a, b - mean_b
    var_a, var_b = (from_a.square() * mask).sum() / total, (from_b.square() * mask).sum() / total
    return mean_a - mean_b, var_a, var_b, (from_a * from_b * mask).sum() / total


def correlation(a: Tensor, b: Tensor, mask: Tensor) -> Tensor:
    """Pearson's correlation of two (N,) vectors under weights (N,)."""
    _, var_a, var_b, cov = _moments(a, b, mask)
    return cov / ((var_a + TINY) * (var_b + TINY)).sqrt()


def concordance(a: Tensor, b: Tensor, mask: Tensor) -> Tensor:
    """Lin's concordance correlation (1989) of two (N,) vectors under weights (N,)."""
    apart, var_a, var_b, cov = _moments(a, b, mask)
    return 2 * cov / (var_a + var_b + apart.square() + TINY)


def _mean_over_columns(measure: Measure, affect: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    columns = zip(affect.unbind(1), target.unbind(1), strict=True)
    return torch.stack([measure(a, b, mask) for a, b in columns]).mean()


def ccc_loss(affect: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """1 - 0.5 (CCC of valence + CCC of arousal), of (N, 2) under weights (N,)."""
    return 1 - _mean_over_columns(concordance, affect, target, mask)


def pcc_loss(affect: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """1 - 0.5 (PCC of valence + PCC of arousal), of (N, 2) under weights (N,)."""
    return 1 - _mean_over_columns(correlation, affect, target, mask)


def error_loss(affect: Tensor, target: Tensor, mask: Tensor, error: str = "mse") -> Tensor:
    """Mean over valence and arousal of the mean squared error, or of its root (`ERRORS`)."""
    if error not in ERRORS:
        raise ValueError(f"error: wanted one of {ERRORS}, got {error!r}")
    squared = [
        masked_mean((a - b).square(), mask)
        for a, b in zip(affect.unbind(1), target.unbind(1), strict=True)
    ]
    each = torch.stack(squared)
    return each.mean() if error == "mse" else (each + TINY).sqrt().mean()


def shake_shake(parts: Tensor, shares: Tensor) -> Tensor:
    """Sum of losses (P,) with random weights (P,) in 0..1, which are made to add up to one."""
    return (shares / shares.sum().clamp_min(1e-6) * parts).sum()


def affect_loss(
    affect: Tensor, target: Tensor, mask: Tensor, shares: Tensor, error: str = "rmse"
) -> Tensor:
    """Regression part of EmoFAN's loss (Toisoul et al. 2021): error, PCC and CCC, shaken.

    The paper adds the squared errors of valence and arousal to the two correlation losses with
    weights drawn anew for every batch, and the categorical loss with weight 1. With
    ``error="rmse"`` the error is on the scale of the ratings, as the correlations are on theirs.

    Parameters
    ----------
    affect, target : Tensor (N, 2)
    mask : Tensor (N,)
    shares : Tensor (3,)
        The random weights before normalization, each in 0..1.
    error : {"rmse", "mse"}
    """
    parts = [
        error_loss(affect, target, mask, error),
        pcc_loss(affect, target, mask),
        ccc_loss(affect, target, mask),
    ]
    return shake_shake(torch.stack(parts), shares)
