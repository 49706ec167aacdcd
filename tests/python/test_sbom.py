"""The bill of materials and the notice say what a package contains."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_bill_of_materials_is_what_its_tool_writes():
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "tools" / "sbom.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "sbom.cdx.json").read_text() == tool.text()


def test_it_names_every_dependency_and_what_is_compiled_in():
    text = (ROOT / "sbom.cdx.json").read_text()
    for name in ("numpy", "onnxruntime", "av", "pybind11", "FFmpeg"):
        assert f'"name": "{name}"' in text
    assert "pybind11" in (ROOT / "NOTICE").read_text()
