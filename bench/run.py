"""The benchmarks, part by part; each writes a JSON file with the machine's data and the commit.

python -m bench.run [micro|pipeline|peers|table|gpu|all] [--out bench/results] [--rounds 5]
                    [--rows 1000000] [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mien
from bench.clips import Clips
from bench.machine import machine
from bench.report import report

PARTS = ("micro", "pipeline", "peers", "table", "gpu")


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    args = _parser().parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    runs: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
        "micro": _micro,
        "pipeline": _pipeline,
        "peers": _peers,
        "table": _table,
        "gpu": _gpu,
    }
    for part in PARTS if args.part == "all" else (args.part,):
        print(f"{part} ...", file=sys.stderr)
        about = {"part": part, "quick": args.quick, "machine": machine(), "mien": mien.__version__}
        result = {**about, **runs[part](args)}
        report(result, args.out / f"{part}.json")
        for name, reason in result.get("skipped", {}).items():
            print(f"skipped: {name}: {reason}", file=sys.stderr)


def _micro(args: argparse.Namespace) -> dict[str, Any]:
    from bench.micro.suite import micro

    return micro(args.quick)


def _pipeline(args: argparse.Namespace) -> dict[str, Any]:
    from bench.pipeline.grid import pipeline
    from bench.pipeline.latency import latency

    with tempfile.TemporaryDirectory() as folder:
        clips = Clips(Path(folder), args.quick)
        slow = latency(clips.one(1280, 720), args.rounds)
        return {**pipeline(clips, args.rounds), "analyze_frame_ms": slow}


def _peers(args: argparse.Namespace) -> dict[str, Any]:
    from bench.peers.contest import peers

    with tempfile.TemporaryDirectory() as folder:
        return peers(Clips(Path(folder), args.quick), args.rounds)


def _table(args: argparse.Namespace) -> dict[str, Any]:
    from bench.tables.suite import tables

    return tables(args.rows, args.rounds)


def _gpu(args: argparse.Namespace) -> dict[str, Any]:
    from bench.pipeline.gpu import gpu

    with tempfile.TemporaryDirectory() as folder:
        return gpu(Clips(Path(folder), args.quick), args.rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.split("\n")[0])
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--out", type=Path, default=Path("bench/results"), help="folder of results")
    parser.add_argument(
        "--rounds", type=int, default=5, help="turns of each contestant; medians of them"
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the long table")
    parser.add_argument("--quick", action="store_true", help="a few frames: to see that it runs")
    return parser


if __name__ == "__main__":
    main()
