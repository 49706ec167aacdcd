"""What a frozen program needs is named."""

from __future__ import annotations

import importlib
import runpy
import sys
from pathlib import Path

import pytest

from mien import _pyinstaller

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
HOOK = Path(_pyinstaller.__file__).with_name("hook-mien.py")


def test_the_entry_point_leads_to_the_hook():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, function = project["entry-points"]["pyinstaller40"]["hook-dirs"].partition(":")
    (folder,) = getattr(importlib.import_module(module), function)()
    assert (Path(folder) / HOOK.name).is_file()


def test_what_the_hook_finds():
    pytest.importorskip("PyInstaller", reason="needs PyInstaller")
    found = runpy.run_path(str(HOOK))
    names = {Path(source).name for source, _ in found["datas"]}
    assert {"pack.toml", "py.typed"} <= names
    assert any(name.endswith(".onnx") for name in names)
    assert any("onnxruntime" in Path(source).name for source, _ in found["binaries"])
    modules = set(found["hiddenimports"])
    assert {"mien.formats.openface", "mien.media._pyav", "onnxruntime"} <= modules
    assert not any("_pyinstaller" in name for name in modules)
