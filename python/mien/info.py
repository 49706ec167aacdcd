"""What this installation is made of: for ``mien info`` and for reports of problems."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from mien import _core
from mien._engine.runtime_library import use_runtime_library
from mien.errors import MienError
from mien.packs import available_packs, load_pack

__all__ = ["collect"]


_PACKAGES = (
    "numpy",
    "pandas",
    "pyarrow",
    "av",
    "pillow",
    "opencv-python-headless",
    "matplotlib",
    "onnxruntime",
    "onnxruntime-gpu",
    "scikit-image",
)


def collect() -> dict[str, Any]:
    """Everything that may matter, as plain data.

    Returns
    -------
    dict
        `mien`, `python`, `platform`, `packages`; `build` (compiler, FFmpeg, CUDA), `cpu`, `gpus`;
        `runtime` (ONNX Runtime's path, version, providers, and which of them `auto` takes) and
        `packs` (by name). What can't be used has an entry `error` that says why; `usable` tells
        whether the default pack can run.

    Examples
    --------
    >>> collect()["mien"] == mien.__version__
    True
    """
    runtime = _runtime()
    packs = {name: _pack(name) for name in available_packs()}
    default = packs.get("default", {"error": "missing"})
    return {
        "mien": _core.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "build": _core.build_info(),
        "cpu": _core.cpu_info(),
        "gpus": list(_core.cuda_devices()),
        "runtime": runtime,
        "packs": packs,
        "usable": "error" not in runtime and "error" not in default,
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _runtime() -> dict[str, Any]:
    try:
        use_runtime_library()
        return {**_core.runtime_info(), "auto": _core.choose_provider("auto")}
    except MienError as error:
        return {"error": str(error)}


def _pack(name: str) -> dict[str, Any]:
    try:
        pack, on_gpu = load_pack(name), load_pack(name, "cuda")
    except MienError as error:
        return {"error": str(error)}
    return {
        "version": pack.version,
        "license": pack.license,
        "path": str(pack.path),
        "sha256": pack.sha256,
        "sha256_on_gpu": on_gpu.sha256,
    }
