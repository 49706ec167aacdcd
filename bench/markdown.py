"""Tables in Markdown from results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.peers.contest import MIEN

Result = dict[str, Any]


def markdown(results: dict[str, Result]) -> str:
    """All tables of the parts that are there, by part."""
    writers = {"peers": peers, "pipeline": pipeline, "table": tables, "micro": micro}
    present = [part for part in writers if part in results]
    parts = [_with_source(writers[part](results[part]), results[part]) for part in present]
    return "\n\n".join(parts)


def peers(result: Result) -> str:
    """Frames a second of each contestant on each clip, and how many times as fast mien is."""
    contests = result["contests"]
    names = list(dict.fromkeys(n for c in contests.values() for n in c["contestants"]))
    heads = [title(contest) for contest in contests.values()]
    rows = [[name, *(_cell(contest, name) for contest in contests.values())] for name in names]
    skipped = [f"\nNot measured: {name} ({why})." for name, why in result["skipped"].items()]
    return table(["frames a second (mien is so many times as fast)", *heads], rows) + "".join(
        skipped
    )


def title(contest: Result) -> str:
    """Size and faces of a contest's first clip."""
    clip = next(iter(contest["contestants"].values()))["clip"]
    faces = {0: "no face", 1: "one face", 5: "five faces"}[clip["faces"]]
    return f"{clip['width']}x{clip['height']}, {faces}"


def _cell(contest: Result, name: str) -> str:
    if name not in contest["contestants"]:
        return ""
    text = rate(contest, name)
    return (
        f"**{text}**" if name == MIEN else f"{text} ({times(contest, name)}){missed(contest, name)}"
    )


def rate(contest: Result, name: str) -> str:
    """Frames a second."""
    return _rate(contest["contestants"][name]["median_fps"])


def times(contest: Result, name: str) -> str:
    """How many times as fast mien is."""
    return f"{contest['ratios'][MIEN][name]['median']:.2g}x"


def missed(contest: Result, name: str) -> str:
    """A note where a contestant that detects faces finds fewer than there are."""
    contestant = contest["contestants"][name]
    detected, true = contestant["faces_per_frame"], contestant["clip"]["faces"]
    short = detected < true - 0.02 and not name.endswith(("reading alone", "decoding alone"))
    return f", finds {detected:.1f} of {true}" if short else ""


def _rate(fps: float) -> str:
    return f"{fps:,.0f}" if fps >= 20 else f"{fps:.1f}"


def pipeline(result: Result) -> str:
    """Every axis, the latency of one frame and the cost of a face."""
    rows = [
        [axis, name, _rate(c["median_fps"]), f"{c['core_ms_per_frame']:.2f}", f"{c['peak_mb']:.0f}"]
        for axis, contest in result["axes"].items()
        for name, c in contest["contestants"].items()
    ]
    grid = table(["", "", "frames a second", "core ms a frame", "peak MiB"], rows)
    waits = [
        [mode, *(f"{wait[key]:.2f}" for key in ("median", "p90", "p99", "most"))]
        for mode, wait in result["analyze_frame_ms"].items()
    ]
    latency = table(["`analyze_frame`, ms", "median", "90 %", "99 %", "longest"], waits)
    costs = [
        [mode, f"{cost['core_ms']:.2f}", f"{cost['wall_ms']:.2f}"]
        for mode, cost in result["added_face"].items()
    ]
    faces = table(["one more face", "core ms", "ms of waiting"], costs)
    return f"{grid}\n\n{latency}\n\n{faces}"


def tables(result: Result) -> str:
    """Operations on a long table beside their plain expressions."""
    rows = [
        [name, _median(o["seconds"]), _median(o["plain_seconds"]), f"{o['ratio']['median']:.2f}"]
        for name, o in result["operations"].items()
    ]
    size = f"{result['rows']:,} rows by {result['columns']} columns"
    return table([size, "mien, s", "plain, s", "of the plain one's time"], rows)


def micro(result: Result) -> str:
    """Steps beside OpenCV and NumPy, microseconds."""
    rows = [
        [group, *(f"{us[name]:,.1f}" if name in us else "" for name in ("mien", "opencv", "numpy"))]
        for group, us in result["median_us"].items()
    ]
    return table(["median, microseconds", "mien", "OpenCV", "NumPy"], rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, numbers to the right."""
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _median(values: list[float]) -> str:
    return f"{sorted(values)[len(values) // 2]:.2f}"


def _with_source(text: str, result: Result) -> str:
    machine = result["machine"]
    rounds = f", medians of {result['rounds']} rounds" if "rounds" in result else ""
    quick = " **A quick run: these are not figures.**" if result["quick"] else ""
    return (
        f"{text}\n\nmien {result['mien']} at {result['commit']}, {machine['cores']} cores of "
        f"{machine['processor']}{rounds}, {result['day']}.{quick}"
    )
