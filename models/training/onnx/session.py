"""ONNX Runtime sessions of evaluation: the CPU provider on one thread."""

from __future__ import annotations

from pathlib import Path

import onnxruntime as ort


def cpu_session(path: str | Path) -> ort.InferenceSession:
    """Open an ONNX file on one thread of ONNX Runtime's CPU provider.

    Parameters
    ----------
    path : str or Path
        An ONNX file.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
