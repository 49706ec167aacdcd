"""Model cards: what is written, what is refused, and that the same files give the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.training.evaluate.card import main, read_facts, read_sources, write_card
from models.training.evaluate.card_tables import metric_table, requirements
from models.training.evaluate.metrics import MetricsError

ROOT = Path(__file__).resolve().parents[2]

FACTS = """
title = "A network"
summary = "Right in {{ fer.accuracy | percent }} of {{fer.images}} images, in {{ \\"ms at 1\\".best | ms }}."
intended_use = "Research."
license = "Apache-2.0; the images' terms are their owners'."
limits = "It reads what is visible."
data = [{name = "FER2013", used = "28,288", labels = "expression | people's", terms = "research"}]
teachers = [{name = "Mesh", license = "Apache-2.0", gives = "points"}]
recipe = ["python -m models.training.train.behaviour",
  "python -m models.training.onnx.export_behaviour"]

[[sections]]
heading = "Network"
text = "Convolutions."

[[requirements]]
what = "FER2013 public test"
metric = "fer.accuracy"
float = "float.fer.accuracy"
at_least = 0.68
aim = 0.74
format = "percent"

[[requirements]]
what = "AU12 happy against neutral"
metric = "fer.auc.AU12"
teacher = "teacher.auc.AU12"
at_least = 0.95
aim_over_teacher = 0.03
format = "0.00"

[[requirements]]
what = "landmarks, NME"
metric = "lfw.nme"
at_least = 0.04
aim = 0.03
better = "lower"
format = "percent"

[[requirements]]
what = "faces found"
at_least = 0.99
format = "percent"

[[tables]]
heading = "Expression"
text = "Human labels; accuracy {{ fer.accuracy | percent }}."
confusion = "fer.confusion"
note = "Rows are people's."

[[tables]]
heading = "Units"
rows = "lfw.units"
row_title = "unit"
columns = [
  {title = "LFW", metric = "lfw.units.{row}.pcc", format = "0.00"},
  {title = "UTKFace", metric = "utkface.units.{row}.pcc", format = "0.00"},
]

[[tables]]
heading = "INT8 against float"
rows = [
  {title = "expression", metric = "quantization.{column}.expression"},
  {title = "largest", metric = "quantization.{column}.largest", format = "0"},
]
columns = [{title = "mean", key = "mean"}]

[[tables]]
heading = "Learning curve"
image = "curve.png"
"""  # noqa: E501

INT8 = {
    "command": "python -m models.training.evaluate.behaviour FILE",
    "data": "FER2013 public/",
    "metrics": {
        "fer": {
            "accuracy": {"value": 0.7012, "low": 0.686, "high": 0.716},
            "images": 3579,
            "auc": {"AU12": 0.952},
            "confusion": {"labels": ["anger", "fear"], "counts": [[3, 1], [0, 0]]},
        },
        "lfw": {"nme": 0.0312, "units": {"AU01": {"pcc": 0.85}, "AU12_L": {"pcc": 0.94}}},
        "utkface": {"units": {"AU12_L": {"pcc": 0.951}}},
        "quantization": {"mean": {"expression": 0.0017, "largest": -0.2}},
        "ms at 1": {"best": 0.9},
    },
}
FLOAT = {"command": "the same, fp32", "metrics": {"fer": {"accuracy": 0.703}}}
TEACHER = {"command": "the teacher", "metrics": {"auc": {"AU12": 0.93}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "facts.toml").write_text(FACTS)
    for name, content in (("int8", INT8), ("float", FLOAT), ("teacher", TEACHER)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def arguments(folder: Path, *metrics: str) -> list[str]:
    words = [str(folder / "facts.toml"), "--out", str(folder / "card.md")]
    for item in metrics or ("int8.json", "float=float.json", "teacher=teacher.json"):
        name, separator, path = item.rpartition("=")
        words += ["--metrics", f"{name}{separator}{folder / path}"]
    return words


@pytest.fixture
def card(folder: Path) -> str:
    facts = read_facts(folder / "facts.toml")
    named = [
        f"{n}{folder / p}.json"
        for n, p in (("", "int8"), ("float=", "float"), ("teacher=", "teacher"))
    ]
    return write_card(facts, *read_sources(named))


def test_one_command_writes_both_files_the_same_each_time(folder: Path) -> None:
    written = []
    for seed in "12":
        command = [sys.executable, "-m", "models.training.evaluate.card", *arguments(folder)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        written.append([(folder / f"card.{kind}").read_bytes() for kind in ("md", "json")])
    assert written[0] == written[1]
    content = json.loads(written[0][1])
    assert content["metrics"]["fer"]["accuracy"]["value"] == 0.7012
    assert content["metrics"]["float"]["fer"]["accuracy"] == 0.703
    assert [r["reached"] for r in content["requirements"]] == [
        "at least",
        "at least",
        "at least",
        "not measured",
    ]
    assert content["sources"][0] == {"under": "", "command": INT8["command"], "data": INT8["data"]}


def test_order_of_keys_in_the_files_does_not_matter_to_the_json(folder: Path) -> None:
    main(arguments(folder))
    before = (folder / "card.json").read_bytes()
    shuffled = dict(reversed(INT8.items())) | {"metrics": dict(reversed(INT8["metrics"].items()))}
    (folder / "int8.json").write_text(json.dumps(shuffled))
    main(arguments(folder))
    assert (folder / "card.json").read_bytes() == before


def test_prose_holds_metrics(card: str) -> None:
    assert "Right in 70.1 % [68.6 %, 71.6 %] of 3,579 images, in 0.90 ms." in card
    assert "{{" not in card


def test_requirements_stand_beside_the_teacher(card: str) -> None:
    lines = card.splitlines()
    at = lines.index("|  | at least | aim | measured | fp32 | teacher | reached |")
    assert lines[at + 2 : at + 6] == [
        "| FER2013 public test | 68.0 % | 74.0 % | 70.1 % [68.6 %, 71.6 %] | 70.3 % |  | at least |",  # noqa: E501
        "| AU12 happy against neutral | 0.95 | 0.96 | 0.95 |  | 0.93 | at least |",
        "| landmarks, NME | 4.0 % | 3.0 % | 3.1 % |  |  | at least |",
        "| faces found | 99.0 % |  |  |  |  | not measured |",
    ]


def test_tables(card: str) -> None:
    assert "| truth \\ network | anger | fear | recall |\n| --- | --- | --- | --- |\n" in card
    assert "| anger | 3 | 1 | 75.0 % |\n| fear | 0 | 0 | - |" in card
    assert "| unit | LFW | UTKFace |" in card
    assert "| AU01 | 0.85 |  |\n| AU12_L | 0.94 | 0.95 |" in card
    assert "| expression | 0.0017 |\n| largest | 0 |" in card  # no minus before a zero
    assert "![Learning curve](curve.png)" in card
    assert "expression \\| people's" in card


def test_every_command_is_named(card: str) -> None:
    assert card.endswith(
        "## How the metrics were made\n\n"
        "- FER2013 public/: `python -m models.training.evaluate.behaviour FILE`\n"
        "- `the same, fp32`\n- `the teacher`\n"
    )
    headings = [line for line in card.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Intended use", "## License", "## Network", "## Data", "## Teachers", "## Recipe",
        "## What it must show", "## Metrics", "## Limits", "## How the metrics were made",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "better", "reached"),
    [
        (0.8, "higher", "aim"),
        (0.5, "higher", "at least"),
        (0.49, "higher", "no"),
        (0.8, "lower", "no"),
        (0.5, "lower", "at least"),
        (0.1, "lower", "aim"),
        (None, "lower", "not measured"),
    ],
)
def test_what_is_reached(measured: float | None, better: str, reached: str) -> None:
    bounds = {"at_least": 0.5, "aim": 0.8 if better == "higher" else 0.1}
    want = {"what": "it", "metric": "x", "better": better, **bounds}
    assert requirements([want], {"x": measured})[0]["reached"] == reached


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "fer.accuracy | percent }} of",
            "fer.acuracy | percent }} of",
            "'fer.acuracy': fer has accuracy, images",
        ),
        ('"fer.confusion"', '"fer.auc"', "labels and counts"),
        ('rows = "lfw.units"', 'rows = "lfw.unit"', "lfw has nme, units"),
        ('"utkface.units.{row}.pcc"', '"utkface.units.{row}.icc"', "icc"),
        ('limits = "It', 'limit = "It', "no limits"),
        ('title = "A network"', 'title = "A network"\nauthor = "x"', "no such key: author"),
        ('format = "0.00"', 'format = "parts"', "'parts'"),
        ('teacher = "teacher.auc.AU12"\n', "", "needs the teacher's metric"),
        ('gives = "points"', 'shows = "points"', "teachers"),
        ('image = "curve.png"', "", "columns, confusion or image"),
    ],
)  # fmt: skip
def test_mistakes_are_named_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    assert old in FACTS
    (folder / "facts.toml").write_text(FACTS.replace(old, new))
    with pytest.raises(SystemExit, match="2"):
        main(arguments(folder))
    assert says in capsys.readouterr().err
    assert not (folder / "card.md").exists()


def test_files_that_contradict_each_other_are_refused(folder: Path) -> None:
    with pytest.raises(MetricsError, match=r"fer\.accuracy: one file has"):
        read_sources([str(folder / "int8.json"), str(folder / "float.json")])


def test_a_table_of_nothing_is_refused() -> None:
    with pytest.raises(MetricsError, match="no rows"):
        metric_table({"heading": "x", "rows": [], "columns": [{"title": "y", "metric": "z"}]}, {})
    with pytest.raises(MetricsError, match="neither a nor b has a metric"):
        metric_table({"heading": "x", "rows": ["a"], "columns": ["b"]}, {})
