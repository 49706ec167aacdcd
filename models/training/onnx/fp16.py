"""fp16 form of an fp32 ONNX file, for GPUs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from models.training.onnx.metadata import read_metadata, write_metadata

LARGEST = float(np.finfo(np.float16).max)
# Values measured on some images must stay below this share of fp16's largest number: others'
# are larger, but not by so much.
ROOM = 1 / 16


def convert_to_fp16(
    source: str | Path,
    target: str | Path,
    *,
    keep_float: Sequence[str] = (),
    batches: Iterable[np.ndarray] = (),
) -> None:
    """Write ``target``: ``source`` with weights and arithmetic in fp16, inputs and outputs fp32.

    ONNX Runtime's CPU provider has no fp16 convolution and computes in fp32 between casts; there
    the file is right, and slow. Metadata are carried over; ``mien.precision`` becomes ``fp16``.

    Parameters
    ----------
    source, target : path
        fp32 ONNX file to read, fp16 ONNX file to write.
    keep_float : sequence of str
        Names of nodes that stay in fp32.
    batches : iterable of float32 (N, 3, H, W)
        Real input on which no value inside the network may come near fp16's largest number.

    Raises
    ------
    ValueError
        A value that is too large for fp16, or no such node.
    """
    model = onnx.load(str(source))
    if missing := sorted(set(keep_float) - {node.name for node in model.graph.node}):
        raise ValueError(f"{source}: no node to keep in fp32 called {missing[0]!r}")
    if (highest := peak(source, batches)) > LARGEST * ROOM:
        raise ValueError(
            f"{source}: wanted values below {LARGEST * ROOM:.0f} inside the network, "
            f"got {highest:.0f}"
        )
    # Nothing is left in fp32 by its kind: ONNX Runtime itself casts where a provider lacks a
    # kernel.
    model = convert_float_to_float16(
        model, keep_io_types=True, op_block_list=[], node_block_list=list(keep_float)
    )
    _take_out_detours(model)
    OnnxModel(model).topological_sort(is_deterministic=True)
    onnx.save(model, str(target))
    write_metadata(target, read_metadata(source) | {"mien.precision": "fp16"})


def peak(source: str | Path, batches: Iterable[np.ndarray]) -> float:
    """Largest absolute value of any float tensor in a network while it runs on ``batches``."""
    batches = iter(batches)
    if (batch := next(batches, None)) is None:
        return 0.0
    inferred = onnx.shape_inference.infer_shapes(onnx.load(str(source)))
    graph = inferred.graph
    shown = {output.name for output in graph.output}
    for value in graph.value_info:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT and value.name not in shown:
            graph.output.append(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, None))
    session = ort.InferenceSession(inferred.SerializeToString(), providers=["CPUExecutionProvider"])
    name, highest = session.get_inputs()[0].name, 0.0
    while batch is not None:
        for value in session.run(None, {name: batch}):
            if value.dtype == np.float32:
                highest = max(highest, float(np.abs(value).max(initial=0)))
        batch = next(batches, None)
    return highest


def _take_out_detours(model: onnx.ModelProto) -> None:
    """Take out casts from fp32 to fp16 and back, which would round.

    The converter puts them between nodes left in fp32, and between these and fp32 outputs.
    """
    graph = model.graph
    casts = {
        node.output[0]: (node.input[0], node.attribute[0].i)
        for node in graph.node
        if node.op_type == "Cast"
    }
    outputs = {output.name for output in graph.output}
    back, names = set(), {}
    for last, (fp16, kind) in casts.items():
        if kind == TensorProto.FLOAT and casts.get(fp16, ("", 0))[1] == TensorProto.FLOAT16:
            first = casts[fp16][0]
            back.add(last)
            names |= {first: last} if last in outputs else {last: first}
    nodes = [node for node in graph.node if node.output[0] not in back]
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    read = {name for node in nodes for name in node.input} | outputs
    nodes = [node for node in nodes if node.op_type != "Cast" or node.output[0] in read]
    del graph.node[:], graph.value_info[:]  # the latter name tensors that may be gone
    graph.node.extend(nodes)
