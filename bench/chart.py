"""The chart and the tables of the documents, from results.

python -m bench.chart [bench/results] [--image docs/speed.svg]

It prints the tables and draws frames per second of each contestant on each clip.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.markdown import markdown, missed, rate, times, title
from bench.peers.contest import MIEN
from bench.run import PARTS

# Okabe and Ito's colour-blind safe colours; every bar has its name and number too.
_MIEN, _EVERY, _PEER, _PART = "#0072B2", "#56B4E9", "#E69F00", "#999999"


def draw(result: dict[str, Any], path: Path) -> Path:
    """Draw bars by clip; behind each is how many times as fast mien is."""
    contests = list(result["contests"].values())
    heights = [len(contest["contestants"]) + 1.2 for contest in contests]
    with mpl.rc_context({"svg.hashsalt": "mien", "font.size": 9}):
        figure = Figure(figsize=(8, 0.25 * sum(heights) + 0.5), layout="constrained")
        panels = figure.subplots(len(contests), height_ratios=heights, squeeze=False)
        for axes, contest in zip(panels[:, 0], contests, strict=True):
            _bars(axes, contest)
        figure.supxlabel(_caption(result), fontsize=9)
        kind = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
        figure.savefig(path, facecolor="white", dpi=150, **kind)
    return path


def _caption(result: dict[str, Any]) -> str:
    caption = (
        f"Frames a second, {result['machine']['cores']} cores. "
        "In brackets: how many times as fast mien is."
    )
    return caption + (" A quick run: not figures." if result["quick"] else "")


def _bars(axes: Axes, contest: dict[str, Any]) -> None:
    contestants = contest["contestants"]
    names = sorted(contestants, key=lambda name: -contestants[name]["median_fps"])
    rates = [contestants[name]["median_fps"] for name in names]
    bars = axes.barh(names, rates, color=[_color(name) for name in names], height=0.75)
    axes.bar_label(bars, [_label(contest, name) for name in names], padding=4)
    axes.set_title(title(contest), loc="left", fontsize=10, fontweight="bold")
    axes.set_xlim(0, 1.4 * max(rates))  # room for the longest bar's label
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _color(name: str) -> str:
    if name.endswith("alone"):
        return _PART  # not an analysis of faces, or only a part of one
    if name == MIEN:
        return _MIEN
    return _EVERY if name.startswith(MIEN) else _PEER


def _label(contest: dict[str, Any], name: str) -> str:
    if name == MIEN:
        return rate(contest, name)
    return f"{rate(contest, name)}  ({times(contest, name)}){missed(contest, name)}"


def main(arguments: list[str] | None = None) -> None:
    """Draw and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.chart", description=__doc__.split("\n")[0]
    )
    parser.add_argument("results", type=Path, nargs="?", default=Path("bench/results"))
    parser.add_argument("--image", type=Path, default=Path("docs/speed.svg"))
    args = parser.parse_args(arguments)
    paths = {part: args.results / f"{part}.json" for part in PARTS}
    results = {part: json.loads(path.read_text()) for part, path in paths.items() if path.exists()}
    if not results:
        parser.error(f"{args.results}: no results; python -m bench.run makes them")
    if "peers" in results:
        draw(results["peers"], args.image)
    print(markdown(results))


if __name__ == "__main__":
    main()
