"""Losses on pairs of a face and the same face with one action unit moved.

What is known of such a pair is a difference: the moved unit rose by its strength on the side that
was moved, and nothing else changed. The face's own units need not be known.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from models.training.losses.masked import masked_mean

# Where smooth L1 goes from square to straight, in intensity.
BEND = 0.1
# Weights of `pair_losses`; each of these is a mean over its own columns.
PAIR_WEIGHTS = {"moved": 3.0, "side": 2.0, "others": 3.0}


def pair_losses(
    still: Tensor, moved: Tensor, change: Tensor, kinds: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Losses of a batch of pairs.

    Parameters
    ----------
    still, moved : Tensor (N, U)
        Raw outputs of the head of action units for the two faces of each pair.
    change : Tensor (N, U)
        Known differences of intensity, moved minus still. A unit can't rise past 1: where the still
        face is said to have more than 1 - change, what is left is asked for.
    kinds : dict
        Masks (N, U): ``moved``, the moved unit on its side; ``side``, its other side; ``others``,
        all other units. A column in none of them is free: it may come along with the moved one.

    Returns
    -------
    dict
        A loss for each of ``kinds``, 0 where its mask is empty.
    """
    before, after = torch.sigmoid(still), torch.sigmoid(moved)
    wanted = torch.minimum(change, 1 - before.detach())
    apart = functional.smooth_l1_loss(after - before, wanted, reduction="none", beta=BEND)
    return {kind: masked_mean(apart, mask) for kind, mask in kinds.items()}
