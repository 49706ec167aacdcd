"""Every Python example of the documents runs, where the README says one is: a folder where `mien
demo` has been run.
"""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest
from typer.testing import CliRunner

from mien.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "docs/api.md",
    "docs/facs.md",
    "docs/metrics.md",
    "docs/plotting.md",
    "docs/preprocessing.md",
    "docs/statistics.md",
)


def _examples() -> list[tuple[str, str]]:
    found = []
    for name in DOCUMENTS:
        blocks = re.findall(
            r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL
        )
        found += [(f"{name}-{i}", block) for i, block in enumerate(blocks)]
    return found


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(
            folder
        )  # inputs are named as they were given: relative to where the examples run
        result = CliRunner().invoke(app, ["demo"])
    assert result.exit_code == 0, result.output
    return folder


def test_documents_have_examples() -> None:
    assert {name.split("-")[0] for name, _ in _examples()} == set(DOCUMENTS)


@pytest.mark.parametrize(("name", "code"), _examples(), ids=lambda value: value[:20].split("\n")[0])
def test_example_runs(
    name: str, code: str, demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo_folder)
    mpl.use("Agg")
    exec(compile(code, name, "exec"), {"__name__": "__example__"})  # noqa: S102 (our own documents)


def test_guarantees_name_what_exists() -> None:
    text = (ROOT / "docs/guarantees.md").read_text()
    named = re.findall(r"`([\w./]+\.(?:py|cc|h))(?:::(\w+))?`", text)
    assert len(named) > 50
    for path, name in named:
        file = next((f for f in (ROOT / "tests" / path, ROOT / path) if f.exists()), None)
        assert file is not None, path
        assert not name or re.search(rf"\b(def|class) {name}\b", file.read_text()), (path, name)


def test_cpp_document_points_at_what_exists() -> None:
    text = (ROOT / "docs/cpp.md").read_text()
    for header in re.findall(r"`(mien/\w+\.h)`", text):
        assert (ROOT / "cpp/include" / header).exists(), header
    for link in re.findall(r"\]\(\.\./([^)]+)\)", text):
        assert (ROOT / link).exists(), link
