"""From a fresh process to the first result on a photograph, in seconds: import, engine, first
result; medians.

What can't be less is beside it: a process that imports NumPy and pandas alone, in turns with the
others.

python -m bench.pipeline.startup [PHOTO] [--rounds 9] [-o result.json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import mien
from bench.clips import media
from bench.machine import machine
from bench.report import report

FIRST_RESULT = """
import json, sys, time
begin = time.perf_counter()
import mien
imported = time.perf_counter()
engine = mien.Engine(device="cpu")
ready = time.perf_counter()
rows = len(engine.analyze(sys.argv[1]))
done = time.perf_counter()
took = {"import": imported - begin, "engine": ready - imported, "first_result": done - ready}
print(json.dumps({**took, "total": done - begin, "rows": rows}))
"""
TABLES_ALONE = """
import json, time
begin = time.perf_counter()
import numpy, pandas
print(json.dumps({"numpy_and_pandas": time.perf_counter() - begin}))
"""


def startup(photo: Path, rounds: int) -> dict[str, Any]:
    """Seconds of each step, and of the whole process with the interpreter's own start (`process`).

    Parameters
    ----------
    photo : Path
    rounds : int
        Fresh processes of each kind; a first one, which warms the disk's cache, doesn't count.
    """
    turns: list[dict[str, float]] = []
    for _ in range(rounds + 1):
        turns.append(
            {**_fresh(FIRST_RESULT, photo), "alone": _fresh(TABLES_ALONE)["numpy_and_pandas"]}
        )
    del turns[0]
    rows = {turn.pop("rows") for turn in turns}
    if len(rows) != 1:
        raise SystemExit(f"{photo}: other rows from one process to the next: {rows}")
    seconds = {name: [turn[name] for turn in turns] for name in turns[0]}
    return {
        "photo": photo.name,
        "rounds": rounds,
        "seconds": {name: round(statistics.median(took), 3) for name, took in seconds.items()},
        "least": {name: round(min(took), 3) for name, took in seconds.items()},
    }


def _fresh(code: str, *args: object) -> dict[str, float]:
    begin = time.perf_counter()
    command = [sys.executable, "-c", code, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return {**found, "process": time.perf_counter() - begin}


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "photo", type=Path, nargs="?", help="the test media's, or a portrait, by default"
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photo = args.photo or media("single_face.jpg") or _portrait(Path(folder))
        result = startup(photo, args.rounds)
    report({"machine": machine(), "mien": mien.__version__, **result}, args.output)


def _portrait(folder: Path) -> Path:
    from PIL import Image

    from mien.demo import portrait

    path = folder / "portrait.jpg"
    Image.fromarray(portrait()).save(path, quality=95)
    return path


if __name__ == "__main__":
    main()
