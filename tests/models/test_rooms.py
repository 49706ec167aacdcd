"""Folders of `models.training` stand in one order, and no file imports itself by way of others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "models" / "training"
# A folder imports from itself and from those before it.
ORDER = ("networks", "losses", "datasets", "train", "onnx", "evaluate")
FILES = sorted(TRAINING.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def imports(path: Path) -> set[str]:
    """Modules of `models` that a file imports, anywhere in it and for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {name for name in names if name in MODULES}
    packages = {m for m in found if MODULES[m].name == "__init__.py"}
    # `from package import module` is an import of the module alone, as packages here are empty.
    return {m for m in found if m not in packages or MODULES[m].read_text().strip()}


def folder_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if len(parts) > 3 or (len(parts) == 3 and parts[2] in ORDER) else None


@pytest.mark.parametrize("folder", ORDER)
def test_a_folder_imports_only_from_those_before_it(folder: str) -> None:
    allowed = ORDER[: ORDER.index(folder) + 1]
    wrong = [
        f"{module} imports {other}"
        for module, path in MODULES.items()
        if folder_of(module) == folder
        for other in imports(path)
        if folder_of(other) not in allowed
    ]
    assert wrong == []


def test_every_folder_has_its_place() -> None:
    folders = {path.parent.relative_to(TRAINING).parts[:1] for path in FILES}
    assert folders == {(), *((name,) for name in ORDER)}


def test_no_file_imports_itself_by_way_of_others() -> None:
    graph = {module: imports(path) for module, path in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way[way.index(module) :], module))
        if module not in done:
            for other in sorted(graph[module] - {module}):
                visit(other, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


DOCUMENTS = ("README.md", "cards/behaviour.toml", "cards/detector.toml", "packs/default/pack.toml")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_of_the_documents_exist(name: str) -> None:
    text = (ROOT / "models" / name).read_text()
    named = set(re.findall(r"python -m (models[\w.]+)", text))
    assert named
    for module in named:
        path = MODULES[module]
        runs = path.with_name("__main__.py") if path.name == "__init__.py" else path
        assert '__name__ == "__main__"' in runs.read_text(), module
    for path in set(re.findall(r"(?<![\w/])models/[\w./-]+\.(?:toml|py|md|json)", text)):
        assert (ROOT / path).exists(), path
