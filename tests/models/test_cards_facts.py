"""The cards' TOML files: all metrics they name are made by evaluation, and cards are never older
than them.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch", reason="evaluation needs torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")
pytest.importorskip("onnxruntime", reason="evaluation needs onnxruntime")
pytest.importorskip("mien.metrics", reason="mien is not installed")

from models.training.datasets.faces import Dataset
from models.training.datasets.unit_signals import EVIDENCE, reliably_supervised
from models.training.evaluate import (
    behaviour,
    behaviour_precisions,
    composites,
    detector,
    detector_precisions,
    detector_targets,
    engine_fer,
)
from models.training.evaluate.card import card_json, read_facts, write_card
from models.training.evaluate.expression_signs import SIGNS
from models.training.evaluate.metrics import plain
from models.training.evaluate.timing import call_milliseconds
from models.training.networks.behaviour import ACTION_UNITS, EXPRESSIONS

CARDS = Path(__file__).resolve().parents[2] / "models" / "cards"
NAMES = ("behaviour", "detector")
SIGNED = sorted({unit for unit, *_ in SIGNS})
COUNT = 42
TIMES = {"best": 1.0, "median": 1.0}
# Four faces of different sizes, none over another: state, box, five points, visible part.
FACES = np.array(
    [
        [1, x, y, x + side, y + side]
        + [v for i, j in ((3, 3), (7, 3), (5, 5), (3, 7), (7, 7)) for v in (x + i, y + j)]
        + [1]
        for x, y, side in ((5, 5, 12), (30, 5, 30), (70, 5, 60), (140, 100, 150))
    ],
    np.float32,
)
FOUND = np.concatenate([np.full((4, 1), 0.9, np.float32), FACES[:, 1:15]], 1)


def answers(count: int, seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "expression": random.dirichlet(np.ones(7), count),
        "action_units": random.random((count, len(ACTION_UNITS))),
        "affect": random.uniform(-1, 1, (count, 2)),
        "landmarks": random.uniform(20, 90, (count, 136)),
        "pose": random.normal(0, 0.3, (count, 3)),
        "gaze": random.normal(0, 0.3, (count, 2)),
    }


class Network:
    """A behaviour network that answers at random."""

    def __init__(self, path: Path) -> None:
        self.metadata = {"mien.precision": path.stem.partition("-")[2]}

    def __call__(self, crops: np.ndarray) -> dict[str, np.ndarray]:
        return answers(len(crops), 1)


class Engine:
    """An engine that finds a face in every image."""

    def __init__(self, *_: object, **__: object) -> None:
        self.options = {"score_threshold": 0.6}

    def analyze(self, images: list[np.ndarray]) -> pd.DataFrame:
        said = answers(len(images), 2)
        table = pd.DataFrame(said["expression"], columns=EXPRESSIONS)
        units = pd.DataFrame(said["action_units"][:, : len(SIGNED)], columns=SIGNED)
        box = {"FaceRectWidth": 50.0, "FaceRectHeight": 50.0, "FaceScore": 0.9}
        return table.join(units).assign(input=[str(i) for i in range(len(images))], **box)


class Detector:
    """A detector, or a teacher of detectors, that always finds the same faces."""

    threshold, side = 0.6, 320

    def __init__(self, *_: object) -> None:
        pass

    def __call__(self, images: np.ndarray, *_: object) -> Any:
        return FOUND.copy() if images.ndim == 3 else [FOUND.copy() for _ in images]

    letterboxed = __call__


class Composer:
    """What makes the same canvas again and again."""

    def __init__(self, *_: object) -> None:
        pass

    def compose(self, _: object, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((height, width, 3), np.uint8), FACES.copy()


def labels(dataset: str) -> dict[str, np.ndarray]:
    ages = range(1, 1 + COUNT)
    return answers(COUNT, 3) | {
        "human": np.arange(COUNT) % 7,
        "name": np.array([f"{dataset}/{2 * age}_{age % 2}_{age % 5}_2017.jpg" for age in ages]),
        "found": np.ones(COUNT, bool),
        "mask_affect": np.ones(COUNT),
        "teacher_units": answers(COUNT, 4)["action_units"],
        "crop": np.zeros((COUNT, 8, 8, 3), np.uint8),
    }


def teacher_units(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(5).random((len(names), len(SIGNED))), columns=SIGNED)


def behaviour_tree(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Metrics of the behaviour network as its evaluation commands write them."""
    human = np.array(EXPRESSIONS)[np.arange(COUNT) % 7]
    images = [np.zeros((48, 48, 3), np.uint8)] * COUNT
    for module in (behaviour, behaviour_precisions):
        patch.setattr(module, "BehaviourRunner", Network)
        patch.setattr(module, "batch_independent", lambda *_: True)
        patch.setattr(module, "crop_milliseconds", lambda nets: {n: dict(TIMES) for n in nets})
    patch.setattr(behaviour, "teacher_units", teacher_units)
    patch.setattr(engine_fer, "teacher_units", teacher_units)
    patch.setattr(engine_fer, "mien", SimpleNamespace(Engine=Engine))
    patch.setattr(engine_fer, "held_out", lambda: ([str(i) for i in range(COUNT)], images, human))
    files = {p: folder / f"behaviour-{p}.onnx" for p in ("fp32", "fp16", "int8")}
    for path in files.values():
        path.write_bytes(b"network")
    sets = {dataset: labels(dataset) for dataset in ("fer2013", "lfw", "utkface")}
    return {
        **behaviour.report(files["int8"], sets, resamples=0),
        "float": behaviour.report(files["fp32"], sets, resamples=0),
        "fp16": behaviour.report(files["fp16"], sets, resamples=0),
        "precisions": behaviour_precisions.compare(files, sets),
        "engine": engine_fer.report("pack", ["x4"]),
    }


def detector_tree(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Metrics of the detector as its evaluation command writes them."""
    image = np.zeros((320, 320, 3), np.uint8)
    names = ("network", "yunet", "retinaface")
    calls = dict.fromkeys(names, lambda *_: FOUND.copy())
    held_out = Dataset("lfw", image[None], [FACES.copy()])
    for name in ("training_like", "unlike_training", "photographs", "videos", "painted_out"):
        patch.setattr(detector_targets.negatives, name, lambda *_: iter([image]))
    patch.setattr(detector_targets, "mosaics", lambda *_: iter([(image, FACES.copy())]))
    patch.setattr(composites, "Composer", Composer)
    patch.setattr(detector_targets, "YuNet", Detector)
    for name, value in {
        "YuNet": Detector,
        "DetectorRunner": Detector,
        "load": lambda *_, **__: held_out,
        "competitors": lambda *_: (calls, dict.fromkeys(names, 0.6)),
        "data_dir": lambda: folder,
        "frames": lambda _: iter([image]),
        "batch_independence": lambda *_: True,
        "times": lambda _: call_milliseconds(dict.fromkeys(("network", "yunet"), int), runs=2),
    }.items():
        patch.setattr(detector, name, value)
    patch.setattr(detector_precisions, "DetectorRunner", Detector)
    patch.setattr(detector_precisions, "peak", lambda *_: 1.0)
    path = folder / "localization.onnx"
    path.write_bytes(b"network")
    metrics = detector.measure(path, list(detector.PARTS), composites=3)
    files = dict.fromkeys(("fp32", "fp16", "int8"), path)
    precisions = detector_precisions.compare(files, [image])
    return metrics | {"fp16": metrics, "precisions": precisions}


TREES = {"behaviour": behaviour_tree, "detector": detector_tree}


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_is_one_that_evaluation_makes(name, tmp_path, monkeypatch):
    facts = read_facts(CARDS / f"{name}.toml")
    metrics = plain(TREES[name](tmp_path, monkeypatch))
    card = write_card(facts, metrics, [{"under": "", "command": "it"}])
    assert "{{" not in card
    rows = json.loads(card_json(facts, metrics, []))["requirements"]
    assert [r["what"] for r in rows if r["reached"] == "not measured"] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_its_facts_and_metrics_say(name):
    beside = CARDS / f"{name}.json"
    if not beside.exists():
        pytest.skip(
            f"models/cards/{name}.json is not made yet: python -m models.training.evaluate.card"
        )
    facts, said = read_facts(CARDS / f"{name}.toml"), json.loads(beside.read_text())
    assert card_json(facts, said["metrics"], said["sources"]) == beside.read_text()
    # Rows of some tables come in the order of the metrics' files, which JSON does not keep.
    card = write_card(facts, said["metrics"], said["sources"])
    assert sorted(card.split("\n")) == sorted((CARDS / f"{name}.md").read_text().split("\n"))


def test_shares_of_expressions_are_those_of_training():
    facts = read_facts(CARDS / "behaviour.toml")
    made = next(s["text"] for s in facts["sections"] if s["heading"].startswith("What each"))
    text = " ".join(made.split())
    shares = [f"{unit} {share:.0%}".replace("%", " %") for unit, share in EVIDENCE.items()]
    assert ", ".join(shares) + "." in text
    own = [unit for unit, seen in zip(ACTION_UNITS, reliably_supervised(), strict=True) if seen]
    units = list(dict.fromkeys(unit.partition("_")[0] for unit in own))
    assert f"They are {', '.join(units[:-1])} and {units[-1]}." in text
