"""Which module imports which: no circles, an order of floors, and each can be the first one."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import mien
from bench.structure import CIRCLE, import_graph, largest_circle

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "python"
GROUND = ("mien.schema", "mien.errors", "mien._attached")
# Brings in what is slow to load, then forks from a process that has run `import mien` alone, as any
# import of a submodule does first.
FIRST_IMPORT = """
import importlib, os, sys, traceback
import av, cv2, matplotlib.animation, matplotlib.backends.backend_agg, matplotlib.figure
import pandas, PIL.Image, pyarrow.csv, pyarrow.parquet, scipy.stats
import mien
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        print(name)
"""


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return import_graph(SOURCE / "mien", "mien")


def test_circles_are_small(graph):
    assert len(largest_circle(graph)) <= CIRCLE


def test_the_table_is_the_ground_floor(graph):
    for module in ("mien.table", *GROUND):
        assert graph[module] <= set(GROUND), module


def test_floors_are_in_order():
    pytest.importorskip("importlinter", reason="needs pip install '.[dev]'")
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process for each module")
def test_every_module_can_be_imported_first(graph):
    names = [m.name for m in pkgutil.walk_packages(mien.__path__, "mien.")]
    hook = "mien._pyinstaller.hook-mien"  # PyInstaller runs it
    names = [name for name in names if not name.endswith("__main__") and name != hook]
    assert set(graph) - {"mien", "mien.__main__", "mien._core", hook} <= set(names)
    done = subprocess.run(
        [sys.executable, "-c", FIRST_IMPORT, *names], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [], done.stderr
    assert done.returncode == 0, done.stderr
