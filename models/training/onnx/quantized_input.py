"""INT8 networks with a uint8 input: the input's QuantizeLinear moves into preprocessing.

    python -m models.training.onnx.quantized_input INT8.onnx TARGET.onnx

The outputs stay what they are, bit for bit. What is saved is the quantization, a change of layout,
and most of the first convolution's time: one of 3x3 by steps of two on three channels becomes one
of 2x2 by steps of one on the twelve of a block of 2x2 pixels, which reads its input in long runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.training.onnx.metadata import read_metadata, write_metadata

CHANNELS = 3
BLOCK = 2  # pixels, the first convolution's stride


def take_bytes(source: str | Path, target: str | Path) -> None:
    """Write ``target``: the QDQ network in ``source`` with a uint8 input in blocks.

    Metadata are carried over and completed by
    ``mien.input.type``, ``.block``, ``.scale`` and ``.zero_point`` (see models/README.md).

    Raises
    ------
    ValueError
        The network does not begin with a QuantizeLinear to uint8 that one quantized convolution
        alone reads, of 3x3 by steps of two with padding all around.
    """
    model = onnx.load(str(source))
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    quantize, dequantize, conv = _beginning(graph, str(source))
    scale, zero_point = (numpy_helper.to_array(tensors[name]) for name in quantize.input[1:])
    if zero_point.dtype != np.uint8 or scale.size != 1:
        raise ValueError(f"{source}: wanted an input quantized to uint8, one scale for all")
    weights = next(node for node in graph.node if conv.input[1] in node.output).input[0]
    _require_fit(conv, str(source))
    tensors[weights].CopyFrom(
        numpy_helper.from_array(_gather(numpy_helper.to_array(tensors[weights])), weights)
    )
    _set(conv, kernel_shape=[2, 2], strides=[1, 1], pads=[1, 1, 0, 0])
    shape = graph.input[0].type.tensor_type.shape.dim
    sides = [side.dim_value // BLOCK for side in shape[2:]]
    name = graph.input[0].name
    graph.input[0].CopyFrom(
        helper.make_tensor_value_info(
            name, TensorProto.UINT8, [shape[0].dim_param, *sides, CHANNELS * BLOCK * BLOCK]
        )
    )
    graph.node.remove(quantize)
    graph.node.insert(
        0,
        helper.make_node("Transpose", [name], [f"{name}.nchw"], f"{name}.nchw", perm=[0, 3, 1, 2]),
    )
    dequantize.input[0] = f"{name}.nchw"
    del graph.value_info[:]  # shapes of the former input
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
    keys = {"type": "uint8", "block": BLOCK, "scale": repr(float(scale)), "zero_point": zero_point}
    write_metadata(target, read_metadata(source) | {f"mien.input.{key}": keys[key] for key in keys})


def takes_bytes(metadata: Mapping[str, str]) -> bool:
    """Whether a network with these metadata takes bytes."""
    return metadata.get("mien.input.type", "float32") == "uint8"


def to_bytes(tensor: np.ndarray, metadata: Mapping[str, str]) -> np.ndarray:
    """A network's float input (N, 3, H, W) as the bytes that its metadata ask for."""
    scale = np.float32(metadata["mien.input.scale"])
    steps = np.rint(tensor.astype(np.float32) / scale) + int(metadata["mien.input.zero_point"])
    block = int(metadata["mien.input.block"])
    count, channels, height, width = tensor.shape
    blocks = (
        np.clip(steps, 0, 255)
        .astype(np.uint8)
        .reshape(count, channels, height // block, block, width // block, block)
    )
    return np.ascontiguousarray(
        blocks.transpose(0, 2, 4, 3, 5, 1).reshape(count, height // block, width // block, -1)
    )


def _beginning(
    graph: onnx.GraphProto, source: str
) -> tuple[onnx.NodeProto, onnx.NodeProto, onnx.NodeProto]:
    """The input's QuantizeLinear, the DequantizeLinear behind it, and the first convolution."""
    found, name = [], graph.input[0].name
    for operator in ("QuantizeLinear", "DequantizeLinear", "Conv"):
        readers = [node for node in graph.node if name in node.input]
        if [node.op_type for node in readers] != [operator]:
            kinds = ", ".join(node.op_type for node in readers)
            raise ValueError(f"{source}: '{name}': wanted one {operator} to read it, got {kinds}")
        found.append(readers[0])
        name = readers[0].output[0]
    return found[0], found[1], found[2]


def _attribute(node: onnx.NodeProto, name: str) -> list[int]:
    return next((list(a.ints) for a in node.attribute if a.name == name), [])


def _set(node: onnx.NodeProto, **values: list[int]) -> None:
    for name, value in values.items():
        kept = [a for a in node.attribute if a.name != name]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute(name, value)])


def _require_fit(conv: onnx.NodeProto, source: str) -> None:
    wanted = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
    got = {name: _attribute(conv, name) for name in wanted}
    if got != wanted:
        raise ValueError(f"{source}: first convolution: wanted {wanted}, got {got}")


def _gather(weights: np.ndarray) -> np.ndarray:
    """Weights (K, 3, 3, 3) for blocks: (K, 12, 2, 2), those outside the kernel 0.

    Row ``y`` of the kernel lies ``y + 1`` rows below the upper block's first.
    """
    count, channels, height, width = weights.shape
    gathered = np.zeros((count, BLOCK * BLOCK * channels, 2, 2), weights.dtype)
    for y in range(height):
        for x in range(width):
            (below, row), (right, column) = divmod(y + 1, BLOCK), divmod(x + 1, BLOCK)
            first = (row * BLOCK + column) * channels
            gathered[:, first : first + channels, below, right] = weights[:, :, y, x]
    return gathered


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="INT8 ONNX file")
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    take_bytes(options.source, options.target)


if __name__ == "__main__":
    main()
