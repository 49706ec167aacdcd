"""End to end on one clip for a grid of threads and batch sizes: frames per second and the share of bare decoding.

python -m bench.pipeline.files CLIP --frames 2000 -o result.json
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import mien
from bench.machine import machine
from bench.media import loop_clip
from bench.report import report
from mien import _core


def decode_rate(clip: Path, frames: int) -> float:
    """Frames per second of the engine's own decoder, pixels left in YUV (RGB conversion is not counted)."""
    begin = time.perf_counter()
    engine_free = sum(
        1 for _ in _core.VideoReader(str(clip), every=frames)
    )  # all decoded, one shown
    assert engine_free == 1
    return frames / (time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        clip = loop_clip(args.clip, Path(folder) / "looped.mp4", args.frames)
        short = loop_clip(args.clip, Path(folder) / "short.mp4", 72)
        decoding = statistics.median(decode_rate(clip, args.frames) for _ in range(args.rounds))
        grid = []
        first = None
        for threads in (1, 2):
            for batch_size in (1, 8, 16):
                engine = mien.Engine(threads=threads, batch_size=batch_size)
                engine.analyze(short)
                rates = []
                for _ in range(args.rounds):
                    begin = time.perf_counter()
                    table = engine.analyze(clip)
                    rates.append(args.frames / (time.perf_counter() - begin))
                first = table if first is None else first
                if not first.equals(table):
                    raise SystemExit(f"threads={threads} batch_size={batch_size}: other rows")
                fps = statistics.median(rates)
                grid.append(
                    {
                        "threads": threads,
                        "batch_size": batch_size,
                        "fps": round(fps, 1),
                        "share_of_decoding": round(fps / decoding, 3),
                    }
                )
    result = {
        "machine": machine(),
        "mien": mien.__version__,
        "frames": args.frames,
        "decode_fps": round(decoding, 1),
        "grid": grid,
        "max_resident_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    report(result, args.output)


if __name__ == "__main__":
    main()
