"""The resident set of `mien analyze` over a long clip, every second: flat, or growing with the
length?

The clip is a short one over and over, its packets copied. Linux only: the figures are the kernel's.

python -m bench.pipeline.memory [CLIP] [--minutes 60] [-o result.json] [-- OPTIONS OF MIEN ANALYZE]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av

import mien
from bench.clips import media
from bench.machine import machine
from bench.media import loop_clip
from bench.report import report

MINUTE = 60.0


def memory(source: Path, minutes: float, folder: Path, options: list[str]) -> dict[str, Any]:
    """Run it and watch.

    Parameters
    ----------
    source : Path
        The short clip.
    minutes : float
        Of the long one.
    folder : Path
        Where the clip and the table go.
    options : list of str
        More for the command line.

    Returns
    -------
    dict
        `resident_mb` by the second; `first_peak_mb` and `last_peak_mb` of the first and last minute
        of the run (of its first and last quarter, if that is less); `growth_mb`, the one less the
        other; `peak_mb`, the kernel's own high-water mark.
    """
    with av.open(str(source)) as container:
        rate = float(container.streams.video[0].average_rate)
    frames = round(minutes * 60 * rate)
    clip = loop_clip(source, folder / "long.mp4", frames)
    table = folder / "long.parquet"
    command = [sys.executable, "-m", "mien", "analyze", str(clip), "-o", str(table), "-q", *options]
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        samples, peak = _watch(process, begin)
    if process.returncode:
        raise SystemExit(f"mien analyze: exit status {process.returncode}")
    seconds = time.monotonic() - begin
    span = min(MINUTE, seconds / 4)
    first = max(mb for at, mb in samples if at <= span)
    last = max(mb for at, mb in samples if at >= min(seconds - span, samples[-1][0]))
    return {
        "clip": {"source": source.name, "minutes": minutes, "frames": frames},
        "options": options,
        "seconds": round(seconds, 1),
        "fps": round(frames / seconds, 1),
        "table_mb": round(table.stat().st_size / 2**20, 1),
        "first_peak_mb": first,
        "last_peak_mb": last,
        "growth_mb": round(last - first, 1),
        "peak_mb": peak,
        "resident_mb": [mb for _, mb in samples],
    }


def _watch(
    process: subprocess.Popen[bytes], begin: float
) -> tuple[list[tuple[float, float]], float]:
    """(seconds, MiB) about every second until it ends, and the most there ever was."""
    samples, peak = [], 0.0
    while process.poll() is None:
        if found := _status(process.pid):
            samples.append((time.monotonic() - begin, found["VmRSS"]))
            peak = found["VmHWM"]
        time.sleep(max(0.0, len(samples) + begin - time.monotonic()))
    return samples, peak


def _status(pid: int) -> dict[str, float]:
    """Resident set now and at most, MiB; nothing once the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return {}
    fields = dict(line.split(":", 1) for line in lines)
    wanted = ("VmRSS", "VmHWM")  # kB; a process that is ending has none
    return {
        name: round(int(fields[name].split()[0]) / 1024, 1) for name in wanted if name in fields
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "clip", type=Path, nargs="?", help="the test media's single face by default"
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("-o", "--output", type=Path)
    own = sys.argv[1:]
    end = own.index("--") if "--" in own else len(own)
    args = parser.parse_args(own[:end])
    clip = args.clip or media("single_face.mp4")
    if clip is None:
        parser.error("no clip: name one, or set MIEN_DATA")
    with tempfile.TemporaryDirectory() as folder:
        result = memory(clip, args.minutes, Path(folder), own[end + 1 :])
    report({"machine": machine(), "mien": mien.__version__, **result}, args.output)


if __name__ == "__main__":
    main()
