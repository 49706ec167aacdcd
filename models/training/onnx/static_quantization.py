"""Static INT8 quantization (QDQ) of an fp32 ONNX file, for both networks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from models.training.onnx.metadata import read_metadata, write_metadata

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
TYPES = {"uint8": QuantType.QUInt8, "int8": QuantType.QInt8}


class _Reader(CalibrationDataReader):
    def __init__(self, input_name: str, batches: Iterable[np.ndarray]) -> None:
        self._name = input_name
        self._batches = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {self._name: batch}


def quantize(
    source: str | Path,
    target: str | Path,
    batches: Iterable[np.ndarray],
    *,
    input_name: str = "input",
    keep_float: Sequence[str] = (),
    method: str = "minmax",
    percentile: float = 99.999,
    activation: str = "uint8",
    ranges: Path | None = None,
) -> None:
    """Write ``target``, the INT8 QDQ form of the fp32 network in ``source``.

    Weights become INT8 per output channel, activations 8-bit per tensor, ranges calibrated on
    ``batches``. ONNX metadata are carried over; ``mien.precision`` becomes ``int8``.

    Parameters
    ----------
    source, target : path
        fp32 ONNX file to read, INT8 ONNX file to write.
    batches : iterable of float32 (N, 3, H, W)
        Preprocessed calibration input.
    input_name : str
        Name of the network's input.
    keep_float : sequence of str
        Names of nodes that stay in fp32.
    method : {"minmax", "percentile", "entropy"}
        How activation ranges are chosen.
    percentile : float
        For ``method="percentile"``, in percent.
    activation : {"uint8", "int8"}
        Type of quantized activations; ``uint8`` is the faster one on CPUs with VNNI.
    ranges : Path, optional
        Keeps the calibrated ranges: written where there is no such file, else read in place of
        ``batches``. Needs an ONNX Runtime whose quantizer knows ``calibration_cache_path``.

    Raises
    ------
    ValueError
        No such method, type or node.
    """
    if method not in METHODS:
        raise ValueError(f"calibration method: wanted one of {sorted(METHODS)}, got {method!r}")
    if activation not in TYPES:
        raise ValueError(f"activation type: wanted one of {sorted(TYPES)}, got {activation!r}")
    extra: dict[str, object] = {"ActivationSymmetric": False, "WeightSymmetric": True}
    if method == "percentile":
        extra["CalibPercentile"] = percentile
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        # The quantizer passes over a name it does not know: a node folded away just now, or a slip.
        if missing := sorted(set(keep_float) - set(node_names(source))):
            raise ValueError(f"{source}: no node to keep in fp32 called {missing[0]!r}")
        quantize_static(
            str(prepared),
            str(target),
            _Reader(input_name, batches),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=TYPES[activation],
            weight_type=QuantType.QInt8,
            nodes_to_exclude=list(keep_float),
            calibrate_method=METHODS[method],
            extra_options=extra,
            **({} if ranges is None else {"calibration_cache_path": ranges}),
        )
    model = onnx.load(str(target))
    hold_in_float(model, keep_float)
    onnx.save(model, str(target))
    write_metadata(target, read_metadata(source) | {"mien.precision": "int8"})


def hold_in_float(model: onnx.ModelProto, nodes: Sequence[str]) -> None:
    """Make ONNX Runtime compute the named convolutions in fp32, as the file says.

    From release 1.21 on it gives a float convolution between a DequantizeLinear and a
    QuantizeLinear 8-bit weights of its own making, with one scale for all channels: what was left
    in fp32 as too sensitive would fare worse than before. It passes over inputs that have a scale
    per channel, so such convolutions get one: the same scale, once for each channel.
    """
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    makers = {name: node for node in model.graph.node for name in node.output}
    ordered = []
    for node in model.graph.node:
        maker = makers.get(node.input[0]) if node.input else None
        if (
            node.op_type == "Conv"
            and node.name in nodes
            and maker is not None
            and maker.op_type == "DequantizeLinear"
        ):
            groups = next((a.i for a in node.attribute if a.name == "group"), 1)
            channels = tensors[node.input[1]].dims[1] * groups
            inputs = [maker.input[0]]
            for name in maker.input[1:]:
                value = numpy_helper.to_array(tensors[name])
                inputs.append(f"{node.name}.{name}")
                repeated = numpy_helper.from_array(np.repeat(value, channels), inputs[-1])
                model.graph.initializer.append(repeated)
            node.input[0] = f"{node.name}.input"
            ordered.append(
                helper.make_node("DequantizeLinear", inputs, [node.input[0]], node.input[0], axis=1)
            )
        ordered.append(node)
    del model.graph.node[:]
    read = {name for node in ordered for name in node.input} | {o.name for o in model.graph.output}
    model.graph.node.extend(
        n for n in ordered if n.op_type != "DequantizeLinear" or read & set(n.output)
    )


def node_names(path: str | Path, operator: str | None = None) -> list[str]:
    """Names of a graph's nodes in its order, of one kind of operator where that is given."""
    nodes = onnx.load(str(path), load_external_data=False).graph.node
    return [node.name for node in nodes if operator in (None, node.op_type)]
