"""Parameters of a network, and multiply-adds of one input.

python -m models.training.networks.complexity
"""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from models.training.networks.behaviour import SIZE, SIZES, build_network


def parameters(network: nn.Module) -> int:
    """Numbers that training changes."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


@torch.no_grad()
def multiply_adds(network: nn.Module, x: torch.Tensor) -> int:
    """Multiply-adds of convolutions and matrix products for the input ``x``.

    Papers that say "GFLOPs" of a network mostly mean this number; counted as separate operations
    it is twice as many.
    """
    was_training = network.training
    network.eval()
    with FlopCounterMode(display=False) as counter:
        network(x)
    network.train(was_training)
    return counter.get_total_flops() // 2


def main() -> None:
    """Run the command line."""
    for size in SIZES:
        network = build_network(size)
        work = multiply_adds(network, torch.zeros(1, 3, SIZE, SIZE))
        print(f"{size}: {parameters(network) / 1e6:.2f} M parameters, {work / 1e9:.3f} G mult-adds")


if __name__ == "__main__":
    main()
