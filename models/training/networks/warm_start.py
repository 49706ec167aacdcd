"""Starting a `FaceLocalizationNet`'s training from the weights of an fp32 or fp16 ONNX file.

An exported file has batch normalization folded into its convolutions. `load_folded` puts the
weights back; `renormalize` gives the batch normalizations statistics of real input with which the
network's outputs stay what they were, so that training can go on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn


def load_folded(network: nn.Module, path: str | Path) -> None:
    """Set every convolution's weights, and its bias as that of the batch normalization after it.

    Raises
    ------
    ValueError
        A convolution that the file does not have, has in another shape or in 8 bits.
    """
    graph = onnx.load(str(path)).graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    nodes = {n.name.split("/")[-2]: n for n in graph.node if n.op_type == "Conv"}
    modules = dict(network.named_modules())
    for name, module in modules.items():
        if not isinstance(module, nn.Conv2d):
            continue
        inputs = nodes[name].input if name in nodes else ("", "", "")
        weight, bias = (tensors.get(key) for key in inputs[1:3])
        if weight is None or bias is None or weight.shape != tuple(module.weight.shape):
            raise ValueError(f"{path}: no float weights of {tuple(module.weight.shape)} for {name}")
        _set(module.weight, weight)
        if module.bias is not None:
            _set(module.bias, bias)
        else:
            _fold(modules[_next(name)], bias)


def _next(name: str) -> str:
    """Name of the module after this one in a Sequential."""
    parent, _, number = name.rpartition(".")
    return f"{parent}.{int(number) + 1}"


def _set(tensor: Tensor, value: np.ndarray) -> None:
    tensor.data.copy_(torch.from_numpy(value.astype(np.float32)))


def _fold(norm: nn.Module, bias: np.ndarray) -> None:
    """A batch normalization that adds ``bias`` and does nothing else."""
    _set(norm.bias, bias)
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.data.fill_(1)


@torch.no_grad()
def renormalize(network: nn.Module, images: Tensor) -> None:
    """Give batch normalizations the statistics of ``images``, and weights that undo them.

    Parameters
    ----------
    images : Tensor (N, 3, H, W)
        Network input like that of training.
    """
    seen: list[tuple[nn.BatchNorm2d, Tensor, Tensor]] = []

    def look(norm: nn.BatchNorm2d, inputs: tuple[Tensor, ...]) -> None:
        seen.append((norm, inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))))

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    network.eval()(images)
    for hook in hooks:
        hook.remove()
    for norm, mean, variance in seen:
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias - scale * norm.running_mean
        norm.weight.data = scale * torch.sqrt(variance + norm.eps)
        norm.bias.data = shift + scale * mean
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
