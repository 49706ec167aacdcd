"""Which module imports which: no circles, an order of floors, and each can be the first one."""

from __future__ import annotations

import ast
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import mien

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "python"
LARGEST_CIRCLE = 3
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


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in (SOURCE / "mien").rglob("*.py")}


def imports_of(source: str, modules: set[str]) -> set[str]:
    """Modules that a file imports anywhere: at its top, in functions, or for type checkers."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                # The compiled core is a module too, if none of Python's.
                found.add(name if name in {*modules, "mien._core"} else node.module)
    return found & modules


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules that all reach each other (Tarjan 1972), the largest first."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in sorted(graph[module]):
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            at = stack.index(module)
            found.append(set(stack[at:]))
            del stack[at:]

    for module in sorted(graph):
        if module not in number:
            visit(module)
    return sorted(found, key=len, reverse=True)


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    names = set(MODULES)
    return {name: imports_of(path.read_text(), names) - {name} for name, path in MODULES.items()}


def test_circles_are_small(graph):
    largest = circles(graph)[0]
    assert len(largest) <= LARGEST_CIRCLE, sorted(largest)


def test_circles_are_found():
    ring = {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"a"}, "e": {"a"}}
    assert circles(ring)[0] == {"a", "b", "c", "d"}
    source = (
        "import mien.table\ndef late():\n    from mien import schema\n    from mien import _core\n"
    )
    assert imports_of(source, set(MODULES)) == {"mien.table", "mien.schema"}


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
def test_every_module_can_be_imported_first():
    names = [m.name for m in pkgutil.walk_packages(mien.__path__, "mien.")]
    names = [name for name in names if not name.endswith("__main__")]
    assert len(names) >= len(MODULES) - 2
    done = subprocess.run(
        [sys.executable, "-c", FIRST_IMPORT, *names], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [], done.stderr
    assert done.returncode == 0, done.stderr
