"""How the code is built: sizes of files and functions, hints, docstrings and circles of imports.

    python -m bench.structure          # a table an area; exit status 1 if a limit is passed

Python is read by `ast`; functions of C++ are counted by lizard (``pip install lizard``), where it
is installed.
"""

from __future__ import annotations

import ast
import importlib.util
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = {"mien": "python/mien", "models": "models", "bench": "bench"}
CPP = {"cpp": "cpp", "bindings": "python/bindings"}
# The most that each area may have: lines of a median file and of the largest, of nine functions in
# ten, and files in one circle of imports.
MEDIAN = {"python": 140, "cpp": 100}
LARGEST = 400
FUNCTION_P90 = 25
CIRCLE = 3
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Area:
    """What was counted in one folder.

    Attributes
    ----------
    files : dict of str to int
        Lines by path.
    functions : list of int
        Lines of each function, its decorators and docstring left out.
    public : int
        Public modules, classes and functions.
    undocumented : list of str
        Those without a docstring.
    returning, hinted : int
        Functions, and those that say what they return.
    """

    language: str
    files: dict[str, int] = field(default_factory=dict)
    functions: list[int] = field(default_factory=list)
    public: int = 0
    undocumented: list[str] = field(default_factory=list)
    returning: int = 0
    hinted: int = 0

    @property
    def median(self) -> float:
        """Lines of the median file."""
        return statistics.median(self.files.values())

    @property
    def function_p90(self) -> int:
        """Lines that nine functions in ten don't pass; 0 where none were counted."""
        ordered = sorted(self.functions)
        return ordered[int(0.9 * (len(ordered) - 1))] if ordered else 0


def python_area(folder: Path) -> Area:
    """Counts of a folder's Python files."""
    area = Area("python")
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text()
        name = str(path.relative_to(ROOT))
        if lines := text.count("\n"):  # an empty __init__.py says nothing
            area.files[name] = lines
            _count(ast.parse(text), name, area)
    return area


def _count(tree: ast.Module, name: str, area: Area) -> None:
    for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
        area.functions.append(_length(function))
        area.returning += 1
        area.hinted += function.returns is not None
    for where, node in _public(tree, name):
        area.public += 1
        if ast.get_docstring(node) is None:
            area.undocumented.append(where)


def _length(function: Function) -> int:
    """Lines of signature and body; the docstring is counted apart, by being there."""
    first = function.body[0]
    doc = ast.get_docstring(function) is not None
    described = (first.end_lineno or 0) - first.lineno + 1 if doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - described


def _public(
    node: ast.Module | ast.ClassDef, where: str
) -> Iterator[tuple[str, ast.Module | ast.ClassDef | Function]]:
    """The module or class, and the public classes and functions in it."""
    yield where, node
    for child in node.body:
        if isinstance(child, ast.ClassDef | Function) and not child.name.startswith("_"):
            if _is_overload(child):
                continue
            if isinstance(child, ast.ClassDef):
                yield from _public(child, f"{where}:{child.name}")
            else:
                yield f"{where}:{child.name}", child


def _is_overload(node: ast.ClassDef | Function) -> bool:
    names = {getattr(d, "id", getattr(d, "attr", "")) for d in node.decorator_list}
    return bool(names & {"overload", "setter"})


def cpp_area(folder: Path) -> Area:
    """Counts of a folder's C++ and CUDA files."""
    area = Area("cpp")
    paths = [p for s in ("cc", "h", "cu", "cuh") for p in sorted(folder.rglob(f"*.{s}"))]
    for path in paths:
        area.files[str(path.relative_to(ROOT))] = path.read_text().count("\n")
    if importlib.util.find_spec("lizard"):
        import lizard

        for found in lizard.analyze_files([str(p) for p in paths]):
            area.functions += [f.end_line - f.start_line + 1 for f in found.function_list]
    return area


def import_graph(folder: Path, package: str) -> dict[str, set[str]]:
    """For each module, the modules of the package that it imports, anywhere in its text."""
    modules = {}
    for path in sorted(folder.rglob("*.py*"), reverse=True):  # a .pyi alone is a compiled module
        if path.suffix not in (".py", ".pyi"):
            continue
        parts = (package, *path.relative_to(folder).with_suffix("").parts)
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        targets: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    targets.add(inner if inner in modules else node.module)
        graph[name] = {t for t in targets if t in modules and t != name}
    return graph


def largest_circle(graph: dict[str, set[str]]) -> list[str]:
    """The largest set of modules that all import one another, directly or not."""
    reached = {name: _reachable(graph, name) for name in graph}
    circles = (sorted(other for other in reached[name] if name in reached[other]) for name in graph)
    return max(circles, key=len, default=[])


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        for target in graph[waiting.pop()] - found:
            found.add(target)
            waiting.append(target)
    return found


def measure() -> tuple[dict[str, Area], dict[str, list[str]]]:
    """Every area, and the largest circle of imports of each Python package."""
    areas = {name: python_area(ROOT / folder) for name, folder in PYTHON.items()}
    areas |= {name: cpp_area(ROOT / folder) for name, folder in CPP.items()}
    circles = {
        name: largest_circle(import_graph(ROOT / folder, name)) for name, folder in PYTHON.items()
    }
    return areas, circles


def passed_limits(areas: dict[str, Area], circles: dict[str, list[str]]) -> list[str]:
    """What is beyond a limit, a line each."""
    found = []
    for name, area in areas.items():
        if area.median > MEDIAN[area.language]:
            found.append(f"{name}: median file {area.median:g} lines")
        found += [f"{path}: {n} lines" for path, n in area.files.items() if n > LARGEST]
        if area.function_p90 > FUNCTION_P90:
            found.append(f"{name}: functions' p90 {area.function_p90} lines")
        found += [f"{where}: no docstring" for where in area.undocumented]
        if area.hinted < area.returning:
            found.append(f"{name}: {area.returning - area.hinted} functions without a return hint")
    found += [f"{name}: {', '.join(c)}" for name, c in circles.items() if len(c) > CIRCLE]
    return found


def main() -> None:
    """Command line."""
    areas, circles = measure()
    print("area      files  median  largest  functions  p90  docstrings      hints  circle")
    for name, a in areas.items():
        documented = f"{a.public - len(a.undocumented)}/{a.public}"
        hinted = f"{a.hinted}/{a.returning}"
        print(
            f"{name:9s} {len(a.files):5d} {a.median:7g} {max(a.files.values()):8d} "
            f"{len(a.functions):10d} {a.function_p90:4d} {documented:>11s} {hinted:>10s} "
            f"{len(circles.get(name, [])):7d}"
        )
    found = passed_limits(areas, circles)
    print("\n".join(found))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
