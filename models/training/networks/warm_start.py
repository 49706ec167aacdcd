"""Starting a `FaceLocalizationNet`'s training from the weights of an fp32 or fp16 ONNX file.

An exported file has batch normalization folded into its convolutions. `load_folded` puts the
weights back; `renormalize` gives the batch normalizations statistics of real input with which the
network's outputs stay what they were, so that training can go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn


def load_folded(network: nn.Module, path: str | Path, joined: Sequence[str] = ()) -> None:
    """Set every convolution's weights, and its bias as that of the batch normalization after it.

    Parameters
    ----------
    network : Module
        Of the same layers as the file's.
    path : str or Path
        A float ONNX file.
    joined : sequence of str
        Names of 1x1 convolutions that the file has as one matrix product, in its rows' order.

    Raises
    ------
    ValueError
        A convolution that the file does not have, has in another shape or in 8 bits.
    """
    graph = onnx.load(str(path)).graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    nodes = {_module_of(n.name): n for n in graph.node if n.op_type == "Conv"}
    modules = dict(network.named_modules())
    _split([modules[name] for name in joined], graph, tensors)
    for name, module in modules.items():
        if not isinstance(module, nn.Conv2d) or name in joined:
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


def _module_of(node: str) -> str:
    """Name of a module in its network, of the node's path ``/trunk/trunk.1/first/first.0/Conv``."""
    name, before = "", ""
    for part in node.split("/")[1:-1]:
        if before and part.startswith(before + "."):
            name += part[len(before) :]
        else:
            name += ("." if name else "") + part
        before = part
    return name


def _split(
    modules: Sequence[nn.Module], graph: onnx.GraphProto, tensors: dict[str, np.ndarray]
) -> None:
    """Set 1x1 convolutions from the rows of the graph's only matrix product."""
    if not modules:
        return
    (product,) = (n for n in graph.node if n.op_type == "Gemm")
    weight, bias = (tensors[key] for key in product.input[1:3])
    ends = np.cumsum([module.out_channels for module in modules])[:-1]
    parts = zip(modules, np.split(weight, ends), np.split(bias, ends), strict=True)
    for module, rows, level in parts:
        _set(module.weight, rows[:, :, None, None])
        _set(module.bias, level)


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
