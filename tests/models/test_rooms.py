"""Folders of `models.training` stand in one order, and no file imports itself by way of others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.structure import import_graph, largest_circle

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "models" / "training"
# A folder imports from itself and from those before it.
ORDER = ("networks", "losses", "datasets", "train", "onnx", "evaluate")
FILES = sorted(TRAINING.rglob("*.py"))
GRAPH = {
    module: {other for other in imported if other.startswith("models.training")}
    for module, imported in import_graph(ROOT / "models", "models").items()
    if module.startswith("models.training")
}


def folder_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if len(parts) > 3 or (len(parts) == 3 and parts[2] in ORDER) else None


@pytest.mark.parametrize("folder", ORDER)
def test_a_folder_imports_only_from_those_before_it(folder: str) -> None:
    allowed = ORDER[: ORDER.index(folder) + 1]
    wrong = [
        f"{module} imports {other}"
        for module, imported in GRAPH.items()
        if folder_of(module) == folder
        for other in sorted(imported)
        if folder_of(other) not in allowed
    ]
    assert wrong == []


def test_every_folder_has_its_place() -> None:
    folders = {path.parent.relative_to(TRAINING).parts[:1] for path in FILES}
    assert folders == {(), *((name,) for name in ORDER)}


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert largest_circle(GRAPH) == []


DOCUMENTS = ("README.md", "cards/behaviour.toml", "cards/detector.toml", "packs/default/pack.toml")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_of_the_documents_exist(name: str) -> None:
    text = (ROOT / "models" / name).read_text()
    named = set(re.findall(r"python -m (models[\w.]+)", text))
    assert named
    for module in named:
        path = ROOT.joinpath(*module.split("."))
        runs = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        assert '__name__ == "__main__"' in runs.read_text(), module
    for path in set(re.findall(r"(?<![\w/])models/[\w./-]+\.(?:toml|py|md|json)", text)):
        assert (ROOT / path).exists(), path
