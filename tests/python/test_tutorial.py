"""The tutorial runs from its first cell to its last, as its reader would run it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.ipynb"


@pytest.fixture
def tutorial() -> nbformat.NotebookNode:
    return nbformat.read(TUTORIAL, as_version=4)


def test_tutorial_runs(tutorial: nbformat.NotebookNode, tmp_path: Path) -> None:
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(tutorial, timeout=300, kernel_name="python3", resources=where).execute()
    outputs = [output for cell in tutorial.cells for output in cell.get("outputs", [])]
    complaints = [output.text for output in outputs if output.get("name") == "stderr"]
    assert complaints == []
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 5
    made = {path.name for path in (tmp_path / "mien-tutorial").iterdir()}
    assert {"detections.png", "light.png", "light.parquet"} <= made


def test_tutorial_is_stored_without_results(tutorial: nbformat.NotebookNode) -> None:
    cells = [cell for cell in tutorial.cells if cell.cell_type == "code"]
    assert len(cells) > 10
    assert not any(cell.outputs or cell.execution_count for cell in cells)
