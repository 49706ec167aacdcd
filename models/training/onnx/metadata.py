"""Metadata of an ONNX file: flat string keys in ``metadata_props`` (the contract of ``infer/``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import onnx


def write_metadata(path: str | Path, values: Mapping[str, object]) -> None:
    """Set keys of the ONNX file at ``path``; other keys of the file stay as they are.

    Parameters
    ----------
    path : str or Path
        An ONNX file, rewritten in place.
    values : mapping
        Key to value; a value is stored as ``str(value)``, a list or tuple comma-separated.
    """
    model = onnx.load(str(path))
    merged = {p.key: p.value for p in model.metadata_props}
    for key, value in values.items():
        listed = isinstance(value, list | tuple)
        merged[key] = ",".join(str(v) for v in value) if listed else str(value)
    del model.metadata_props[:]
    for key in sorted(merged):
        model.metadata_props.add(key=key, value=merged[key])
    onnx.save(model, str(path))


def read_metadata(path: str | Path) -> dict[str, str]:
    """All metadata keys of the ONNX file at ``path``."""
    model = onnx.load(str(path), load_external_data=False)
    return {p.key: p.value for p in model.metadata_props}
