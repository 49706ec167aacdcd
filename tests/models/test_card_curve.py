"""Learning curves: trainings to one table and one figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.training.evaluate.card_tables import metric_table
from models.training.evaluate.learning_curve import draw, main, read_points, table
from models.training.evaluate.metrics import MetricsError, read_metrics

METRICS = {"fer.accuracy": "accuracy", "units.AU12.pcc": "AU12, r"}
SIZES = ((1000, 300), (4000, 1200), (16000, 5000))


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    paths = []
    for i, (images, people) in enumerate((*SIZES, SIZES[2])):  # the largest, by two seeds
        metrics = {
            "fer": {"accuracy": {"value": 0.4 + 0.1 * i}},
            "units": {"AU12": {"pcc": 0.6 + 0.1 * i}},
        }
        content = {"command": "train", "images": images, "people": people, "metrics": metrics}
        paths.append(tmp_path / f"run-{i}.json")
        paths[-1].write_text(json.dumps(content))
    return paths


def test_seeds_of_one_size_are_averaged(runs: list[Path]) -> None:
    points = read_points(runs[::-1], list(METRICS))
    assert [(p["images"], p["people"], p["runs"]) for p in points] == [
        (*SIZES[0], 1),
        (*SIZES[1], 1),
        (*SIZES[2], 2),
    ]
    largest = points[-1]["fer.accuracy"]
    assert largest == {
        k: pytest.approx(v) for k, v in (("value", 0.65), ("low", 0.6), ("high", 0.7))
    }
    assert next(iter(table(points))) == "1,000 images, 300 people"


def test_figure_has_a_panel_for_images_and_one_for_people(runs: list[Path]) -> None:
    figure = draw(read_points(runs, list(METRICS)), METRICS)
    left, right = figure.axes
    assert left.get_xlabel() == "images in training"
    assert right.get_xlabel() == "people in training"
    for panel, axis in ((left, 0), (right, 1)):
        for line, wanted in zip(
            panel.containers, ([0.4, 0.5, 0.65], [0.6, 0.7, 0.85]), strict=True
        ):
            x, y = line.lines[0].get_data()
            assert list(x) == [size[axis] for size in SIZES]
            assert list(y) == pytest.approx(wanted)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == list(METRICS.values())


def test_a_sweep_over_one_stays_in_its_panel(runs: list[Path]) -> None:
    content = json.loads(runs[0].read_text())
    runs[0].write_text(json.dumps(content | {"varied": "people"}))
    points = read_points(runs, list(METRICS))
    assert "1,000 images, 300 people (people varied)" in table(points)
    left, right = draw(points, METRICS).axes
    assert [len(panel.containers[0].lines[0].get_xdata()) for panel in (left, right)] == [2, 3]


def test_the_command_writes_what_a_card_can_show(runs: list[Path], tmp_path: Path) -> None:
    out, image = tmp_path / "curve.json", tmp_path / "curve.png"
    words = [*map(str, runs), "--out", str(out), "--image", str(image)]
    for path, name in METRICS.items():
        words += ["--metric", f"{path}={name}"]
    main(words)
    assert image.read_bytes().startswith(b"\x89PNG")
    column = {
        "title": "accuracy",
        "metric": 'learning_curve.{row}."fer.accuracy"',
        "format": "0.00",
    }
    wanted = {"heading": "Learning curve", "rows": "learning_curve", "columns": [column]}
    (shown,) = metric_table(wanted, read_metrics(out)["metrics"])
    assert shown.splitlines()[-1] == "| 16,000 images, 5,000 people | 0.65 [0.60, 0.70] |"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"people": 0}, r"people, got \[1000, 0\]"),
        ({"images": "many"}, "numbers of images"),
        ({"varied": "both"}, "varied"),
        ({"metrics": {"fer": {"accuracy": None}, "units": {"AU12": {"pcc": 1}}}}, "no number"),
        ({"metrics": {}}, r"fer\.accuracy"),
    ],
)
def test_mistakes_are_named(runs: list[Path], change: dict[str, object], says: str) -> None:
    runs[0].write_text(json.dumps(json.loads(runs[0].read_text()) | change))
    with pytest.raises(MetricsError, match=says):
        read_points(runs, list(METRICS))
