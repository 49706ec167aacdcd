"""Learning curves over images and people: a table and a plot of several trainings.

    python -m models.training.evaluate.learning_curve run-*.json --metric fer2013.accuracy \\
        --metric lfw.units.AU12.pcc --out curve.json --image curve.png

Each file is one training's: ``{"images": 28288, "people": 5100, "command": "...", "metrics":
{...}}``. Where two sweeps are mixed, one over images at a fixed number of people and one over
people, ``"varied": "images"`` or ``"people"`` says in which panel a training belongs; without it,
in both. Trainings of the same size (other seeds) are averaged, and their range is shown. Nothing is
fitted: as Fung & McDuff (2019, arXiv:1911.05946) draw it, performance stands over the number of
images and over the number of people.

``curve.json`` is a file of metrics for `models.training.evaluate.card`; its table there::

    rows = "learning_curve"
    columns = [{title = "accuracy", metric = "learning_curve.{row}.\\"fer2013.accuracy\\""}]
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.training.evaluate.metrics import (
    MetricsError,
    look_up,
    number,
    read_metrics,
    write_metrics,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXES = ("images", "people")
Point = dict[str, Any]
"""Size of a training, and every metric's mean over its runs with their range."""


def read_points(paths: Sequence[Path], metrics: Sequence[str]) -> list[Point]:
    """Trainings by size.

    Raises
    ------
    MetricsError
        A file without size, or without one of the metrics.
    """
    runs: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
    for path in paths:
        content = read_metrics(path)
        sizes = [content.get(axis) for axis in AXES]
        if not all(isinstance(size, int) and size > 0 for size in sizes):
            raise MetricsError(f"{path}: wanted numbers of images and people, got {sizes}")
        if (varied := content.get("varied", "")) not in ("", *AXES):
            raise MetricsError(f"{path}: varied: wanted images or people, got {varied!r}")
        runs.setdefault((*sizes, varied), []).append(content["metrics"])
    return [
        dict(zip((*AXES, "varied"), size, strict=True))
        | {"runs": len(runs[size])}
        | {metric: _over_runs(runs[size], metric) for metric in metrics}
        for size in sorted(runs)
    ]


def _over_runs(runs: list[dict[str, Any]], metric: str) -> dict[str, float]:
    values = [number(look_up(values, metric)) for values in runs]
    if None in values:
        raise MetricsError(f"{metric}: no number in one of the trainings")
    return {"value": float(np.mean(values)), "low": min(values), "high": max(values)}


def table(points: list[Point]) -> dict[str, Point]:
    """Points by a title that says how large each training was."""
    title = "{images:,} images, {people:,} people"
    return {
        title.format(**p) + (f" ({p['varied']} varied)" if p["varied"] else ""): p for p in points
    }


def draw(points: list[Point], metrics: dict[str, str]) -> Figure:
    """Performance over images (left) and over people (right); metrics are path to name."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axis, panel in zip(AXES, panels, strict=True):
        _panel(panel, axis, [p for p in points if p["varied"] in ("", axis)], metrics)
    panels[0].set_ylabel("performance on held-out images")
    entries = panels[0].get_legend_handles_labels()
    figure.legend(*entries, loc="outside upper center", ncols=3, frameon=False)
    return figure


def _panel(panel: Axes, axis: str, points: list[Point], metrics: dict[str, str]) -> None:
    from matplotlib.ticker import NullLocator, StrMethodFormatter

    points = sorted(points, key=lambda p: p[axis])
    sizes = [p[axis] for p in points]
    for (path, name), marker in zip(metrics.items(), "osD^vPX" * len(metrics), strict=False):
        value, low, high = (
            np.array([p[path][k] for p in points]) for k in ("value", "low", "high")
        )
        spread = (value - low, high - value)
        panel.errorbar(sizes, value, spread, label=name, marker=marker, markersize=5, capsize=3)
    panel.set(xscale="log", xlabel=f"{axis} in training")
    panel.set_xticks(sorted(set(sizes)))
    panel.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(alpha=0.3)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--metric", action="append", required=True, metavar="PATH[=NAME]")
    parser.add_argument("--data", default="held-out images", help="what was measured on")
    parser.add_argument("--out", type=Path, required=True, help="the table, as a file of metrics")
    parser.add_argument("--image", type=Path, help="PNG or PDF")
    options = parser.parse_args(arguments)
    metrics = {path: name or path for path, _, name in (m.partition("=") for m in options.metric)}
    try:
        points = read_points(options.files, list(metrics))
    except MetricsError as error:
        parser.error(str(error))
    command = shlex.join(
        ["python", "-m", "models.training.evaluate.learning_curve", *(arguments or sys.argv[1:])]
    )
    write_metrics(
        options.out, {"learning_curve": table(points)}, command=command, data=options.data
    )
    if options.image:
        draw(points, metrics).savefig(options.image, dpi=160)


if __name__ == "__main__":
    main()
