"""fp16 form of an fp32 ONNX file, for GPUs."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16

from models.export.metadata import read_metadata, write_metadata


def halve(source: str | Path, target: str | Path) -> None:
    """Write ``target``: ``source`` with weights and arithmetic in fp16, inputs and outputs fp32.

    ONNX Runtime's CPU provider has no fp16 convolution and computes in fp32 between casts; there
    the file is right, and slow. Metadata are carried over; ``mien.precision`` becomes ``fp16``.
    """
    model = convert_float_to_float16(onnx.load(str(source)), keep_io_types=True)
    onnx.save(model, str(target))
    write_metadata(target, read_metadata(source) | {"mien.precision": "fp16"})
