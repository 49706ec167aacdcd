"""What PyInstaller can't see: packs, modules that are imported by name, and ONNX Runtime's library,
which the core opens by its path.
"""

# ruff: noqa: N999 (PyInstaller's rule for names of hooks)

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
)

datas = collect_data_files("mien")
hiddenimports = [
    *collect_submodules("mien", filter=lambda name: not name.startswith("mien._pyinstaller")),
    "onnxruntime",
]
binaries = collect_dynamic_libs(
    "onnxruntime", search_patterns=["libonnxruntime*.so*", "libonnxruntime*.dylib", "*.dll"]
)
