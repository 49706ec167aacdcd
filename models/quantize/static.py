"""Static INT8 quantization (QDQ) of an fp32 ONNX file, for both networks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process


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
) -> None:
    """Write ``target``, the INT8 QDQ form of the fp32 network in ``source``.

    Weights become INT8 per output channel, activations 8-bit per tensor, ranges calibrated on
    ``batches``. ONNX metadata are carried over.

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
    """
    methods = {
        "minmax": CalibrationMethod.MinMax,
        "percentile": CalibrationMethod.Percentile,
        "entropy": CalibrationMethod.Entropy,
    }
    types = {"uint8": QuantType.QUInt8, "int8": QuantType.QInt8}
    if method not in methods:
        raise ValueError(f"calibration method: wanted one of {sorted(methods)}, got {method!r}")
    if activation not in types:
        raise ValueError(f"activation type: wanted one of {sorted(types)}, got {activation!r}")
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        extra: dict[str, object] = {"ActivationSymmetric": False, "WeightSymmetric": True}
        if method == "percentile":
            extra["CalibPercentile"] = percentile
        quantize_static(
            str(prepared),
            str(target),
            _Reader(input_name, batches),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=types[activation],
            weight_type=QuantType.QInt8,
            nodes_to_exclude=list(keep_float),
            calibrate_method=methods[method],
            extra_options=extra,
        )
    _carry_metadata(source, target)


def _carry_metadata(source: str | Path, target: str | Path) -> None:
    from models.export.metadata import read_metadata, write_metadata

    write_metadata(target, read_metadata(source))
