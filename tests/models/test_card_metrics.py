"""Files of metrics: numbers made plain, found by path, shown as people read them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from models.training.evaluate.metrics import (
    MetricsError,
    formatted,
    has,
    keys,
    look_up,
    merge,
    number,
    read_metrics,
    write_metrics,
)

TREE = {"at_0.5": {"recall": 0.7}, "runs": [{"n": 1}, {"n": 2}], "none": None}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    metrics = {"a": np.float32(0.1), "b": {"c": math.nan}, "d": np.arange(3), 5: np.bool_(True)}
    write_metrics(tmp_path / "f.json", metrics, command="run", data="images")
    assert read_metrics(tmp_path / "f.json") == {
        "command": "run",
        "data": "images",
        "metrics": {"a": 0.1, "b": {"c": None}, "d": [0, 1, 2], "5": True},
    }
    json.loads((tmp_path / "f.json").read_text(), parse_constant=pytest.fail)  # no bare NaN


@pytest.mark.parametrize("text", ["{", "[]", '{"metrics": {}}', '{"command": "x", "metrics": 1}'])
def test_what_is_no_file_of_metrics_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(MetricsError, match=r"f\.json"):
        read_metrics(tmp_path / "f.json")


def test_paths_are_dotted_keys() -> None:
    assert keys('a."b.c".d e') == ["a", "b.c", "d e"]
    assert look_up(TREE, '"at_0.5".recall') == 0.7
    assert look_up(TREE, "runs.1.n") == 2
    assert look_up(TREE, "none") is None
    assert has(TREE, "runs.0.n")
    assert not has(TREE, "runs.2.n")
    for path, says in (
        ("runs.2.n", "runs has 0, 1"),
        ("none.x", "none has None"),
        ("a", "root has"),
    ):
        with pytest.raises(MetricsError, match=says):
            look_up(TREE, path)
    for path in ("", "a..b", 'a"b', "a."):
        with pytest.raises(MetricsError, match="not a path"):
            look_up(TREE, path)


def test_trees_are_merged_unless_they_disagree() -> None:
    assert merge([{"a": {"b": 1}}, {"a": {"c": 2}, "d": 3}]) == {"a": {"b": 1, "c": 2}, "d": 3}
    assert merge([{"a": 1}, {"a": 1}]) == {"a": 1}
    with pytest.raises(MetricsError, match=r"a\.b: one file has 1, another 2"):
        merge([{"a": {"b": 1}}, {"a": {"b": 2}}])


@pytest.mark.parametrize(
    ("metric", "form", "text"),
    [
        (0.6091, "percent", "60.9 %"),
        (0.0049, "points", "0.5 points"),
        (1.66, "degrees", "1.7°"),
        (0.8993, "ms", "0.90 ms"),
        (2_621_440, "MB", "2.6 MB"),
        (28288, "count", "28,288"),
        (0.955, "0.000", "0.955"),
        (-0.001, "0.00", "0.00"),
        (-0.12, "0.0", "-0.1"),
        (28288, "", "28,288"),
        (0.123456, "", "0.123"),
        (12345.6, "", "12,346"),
        (True, "", "yes"),
        (None, "percent", "-"),
        ("FER2013", "", "FER2013"),
        ({"value": 0.5, "low": 0.4, "high": 0.6}, "0.0", "0.5 [0.4, 0.6]"),
        ({"value": 0.5, "low": None, "high": None}, "0.0", "0.5"),
    ],
)
def test_formats(metric: object, form: str, text: str) -> None:
    assert formatted(metric, form) == text


def test_numbers() -> None:
    assert number({"value": 1, "low": 0}) == number(1) == 1
    assert number(None) is number("x") is None
    with pytest.raises(MetricsError, match="inches"):
        formatted(1, "inches")
