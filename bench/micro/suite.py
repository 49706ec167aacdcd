"""Runs the steps' benchmarks and summarises their report.

The Python ones are pytest-benchmark's (`pytest bench/micro --benchmark-json FILE` runs them by
themselves); `mien_bench` times the steps inside the core, without the call from Python.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CORE = ROOT / "build" / "release" / "mien_bench"
NO_STEPS = "no extension mien_steps; build the preset release, PYTHONPATH=build/release/python"
QUICK = ("--benchmark-min-rounds=1", "--benchmark-max-time=0.001", "-k", "not 720 and not 1080")


def micro(quick: bool) -> dict[str, Any]:
    """Medians by group and contender, microseconds, and their ratios to mien's.

    Without the extension `mien_steps`, which wheels leave out, only the times inside the core.

    Raises
    ------
    RuntimeError
        A step gave another answer than its reference, or a benchmark failed otherwise.
    """
    has_steps = importlib.util.find_spec("mien_steps") is not None
    groups = _medians(quick) if has_steps else {}
    result = {
        "median_us": groups,
        "times_as_long_as_mien": {
            group: {name: round(us / of["mien"], 2) for name, us in of.items() if name != "mien"}
            for group, of in groups.items()
        },
        "core": _core(0.01 if quick else 0.5),
    }
    return result if has_steps else {**result, "skipped": {"steps from Python": NO_STEPS}}


def _medians(quick: bool) -> dict[str, dict[str, float]]:
    """Microseconds by group and contender, from pytest-benchmark's report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "micro.json"
        command = [sys.executable, "-m", "pytest", str(HERE), "-q", f"--benchmark-json={path}"]
        done = subprocess.run(
            [*command, *(QUICK if quick else ())],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"pytest bench/micro failed\n{done.stdout}\n{done.stderr}")
        entries = json.loads(path.read_text())["benchmarks"]
    groups: dict[str, dict[str, float]] = {}
    for entry in entries:
        median = round(1e6 * entry["stats"]["median"], 2)
        groups.setdefault(entry["group"], {})[_contender(entry["name"])] = median
    return groups


def _contender(test: str) -> str:
    known = ("opencv", "numpy")
    return next((name for name in known if name in test), "mien")


def _core(seconds: float) -> Any:
    if not CORE.exists():
        return "skipped: no mien_bench; cmake --preset release && cmake --build --preset release"
    done = subprocess.run([CORE, str(seconds)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
