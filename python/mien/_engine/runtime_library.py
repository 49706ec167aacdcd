"""Finds the ONNX Runtime library of the installed wheel, without importing the wheel's Python
package.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from mien import _core
from mien.errors import ProviderError

__all__ = ["find_runtime_library", "use_runtime_library"]


_PATTERNS = {"darwin": "libonnxruntime*.dylib", "win32": "onnxruntime.dll"}


def find_runtime_library() -> Path:
    """Path of the wheel's library (wheels ``onnxruntime`` and ``onnxruntime-gpu`` both install as
    ``onnxruntime``).

    Raises
    ------
    ProviderError
        No wheel, or no library in it.
    """
    pattern = _PATTERNS.get(sys.platform, "libonnxruntime.so*")
    spec = importlib.util.find_spec("onnxruntime")
    folders = [Path(p) / "capi" for p in (spec.submodule_search_locations or [])] if spec else []
    for folder in folders:
        if found := sorted(folder.glob(pattern)):
            return found[-1]
    where = ", ".join(str(folder) for folder in folders) or "no installed package onnxruntime"
    raise ProviderError(
        f"no ONNX Runtime library: wanted {pattern} ({where}); "
        "pip install onnxruntime (or onnxruntime-gpu for CUDA)"
    )


def use_runtime_library() -> None:
    """Tell the core which library to open; it opens it when the first engine is made.

    A library named by the environment variable ``MIEN_ONNXRUNTIME`` goes first: the core reads that
    itself.
    """
    if not os.environ.get("MIEN_ONNXRUNTIME"):
        _core.set_runtime_library(find_runtime_library())
