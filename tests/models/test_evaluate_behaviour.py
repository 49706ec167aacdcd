"""Evaluation of the behaviour network on synthetic predictions whose metrics are known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch", reason="evaluation needs torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")
pytest.importorskip("onnxruntime", reason="evaluation needs onnxruntime")
pytest.importorskip("mien.metrics", reason="mien is not installed")

from models.training.datasets.unit_signals import EVIDENCE, SEEN
from models.training.evaluate import behaviour, behaviour_precisions
from models.training.evaluate.behaviour_data import labelled
from models.training.evaluate.behaviour_heads import (
    affect_metrics,
    angle_metrics,
    expression_metrics,
    landmark_metrics,
    unit_metrics,
    unit_table,
)
from models.training.evaluate.expression_signs import SIGNS, sign_metrics
from models.training.networks.behaviour import (
    ACTION_UNITS,
    EXPRESSIONS,
    SIZE,
    WIDTHS,
    mirror_values,
)
from tests.models.synthetic import write_datasets

AU12 = [ACTION_UNITS.index(f"AU12_{side}") for side in "LR"]


def probabilities(labels: np.ndarray) -> np.ndarray:
    return np.eye(7)[labels] * 0.8 + 0.2 / 7


def labels_and_values(count: int = 60, seed: int = 0) -> tuple[dict, dict]:
    """Labels of a set, and values that agree with them entirely."""
    random = np.random.default_rng(seed)
    human = np.arange(count) % 7
    values = {
        "expression": probabilities(human),
        "action_units": random.random((count, WIDTHS["action_units"])),
        "affect": random.uniform(-1, 1, (count, 2)),
        "landmarks": random.uniform(20, 90, (count, 136)),
        "pose": random.normal(0, 0.3, (count, 3)),
        "gaze": random.normal(0, 0.3, (count, 2)),
    }
    labels = {key: value.copy() for key, value in values.items()}
    labels |= {
        "human": human,
        "found": np.ones(count, bool),
        "mask_affect": np.ones(count),
        "teacher_units": values["action_units"].copy(),
        "crop": random.integers(0, 256, (count, SIZE, SIZE, 3)).astype(np.uint8),
    }
    return labels, values


def test_expressions_right_half_of_the_time():
    human = np.array([3, 3, 3, 3, 6, 6])
    said = np.array([3, 3, 3, 6, 6, 3])
    metrics = expression_metrics(probabilities(said), human)
    assert metrics["accuracy"] == pytest.approx(4 / 6)
    assert metrics["uar"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert metrics["f1"] == pytest.approx((6 / 8 + 2 / 4) / 2)
    assert metrics["classes"]["happiness"]["recall"] == pytest.approx(3 / 4)
    # Of eight pairs happy and not, three score higher, four tie, one scores lower.
    assert metrics["classes"]["happiness"]["roc_auc"] == pytest.approx((3 + 4 / 2) / 8)
    counts = np.array(metrics["confusion"]["counts"])
    assert metrics["confusion"]["labels"] == list(EXPRESSIONS)
    assert counts[3, 3] == 3
    assert counts[3, 6] == counts[6, 3] == counts[6, 6] == 1
    assert counts.sum() == 6


def test_units_are_averaged_over_those_the_teacher_sees():
    random = np.random.default_rng(1)
    teacher = random.random((50, len(ACTION_UNITS)))
    still = ACTION_UNITS.index("AU28")
    teacher[:, still] = 0.3
    values = 0.5 * teacher + 0.1
    values[:, AU12[0]] = 1 - teacher[:, AU12[0]]
    metrics = unit_metrics(values, teacher)
    seen = metrics["seen"]["units"]
    assert all(EVIDENCE.get(unit.partition("_")[0], 0) < SEEN for unit in seen)
    assert not {"AU04_L", "AU09", "AU28"} & set(seen)
    assert {"AU02_L", "AU12_L", "AU12_R", "AU26"} <= set(seen)
    assert metrics["each"]["AU12_L"]["pcc"] == pytest.approx(-1)
    assert metrics["seen"]["pcc"] == pytest.approx((len(seen) - 2) / len(seen))
    assert math.isnan(metrics["each"]["AU28"]["pcc"])
    wrong = np.abs(values - teacher)[:, AU12[1]].mean()
    assert metrics["each"]["AU12_R"]["mae"] == pytest.approx(wrong)


def test_units_with_sides_show_the_stronger_one():
    values = np.zeros((2, len(ACTION_UNITS)))
    values[0, AU12[0]], values[1, AU12[1]] = 0.4, 0.9
    values[:, ACTION_UNITS.index("AU26")] = 0.7
    table = unit_table(values)
    assert table["AU12"].tolist() == [0.4, 0.9]
    assert table["AU26"].tolist() == [0.7, 0.7]


def test_affect_off_by_a_constant():
    target = np.array([[0.5, 0.2], [-0.5, -0.2], [0.1, -0.6]])
    metrics = affect_metrics(target + np.array([0.0, 0.1]), target)
    assert metrics["valence"] == pytest.approx({"ccc": 1, "pcc": 1, "rmse": 0, "sagr": 1})
    assert metrics["arousal"]["rmse"] == pytest.approx(0.1)
    spread = 2 * target[:, 1].var()
    assert metrics["arousal"]["ccc"] == pytest.approx(spread / (spread + 0.1**2))
    assert metrics["ccc"] == pytest.approx((1 + metrics["arousal"]["ccc"]) / 2)


def test_landmarks_two_pixels_off():
    points = np.random.default_rng(2).uniform(0, 100, (3, 68, 2))
    points[:, 36:42] = (30, 40)
    points[:, 42:48] = (70, 40)
    flat = points.transpose(0, 2, 1).reshape(3, 136)
    metrics = landmark_metrics(flat + np.repeat([0.0, 2.0], 68), flat)
    assert metrics == pytest.approx(dict.fromkeys(metrics, 0.05))


def test_angles_in_degrees():
    teacher = np.array([[0.1, 0.0], [0.2, -0.1], [0.3, 0.1]])
    metrics = angle_metrics(teacher + np.array([math.radians(2), 0]), teacher, ("Pitch", "Yaw"))
    assert metrics["Pitch"]["mae_degrees"] == pytest.approx(2)
    assert metrics["mae_degrees"] == pytest.approx(1)
    assert metrics["pcc"] == pytest.approx(1)


def test_signs_part_an_expression_from_neutral_alone():
    human = np.array(["happiness", "happiness", "neutral", "neutral", "anger"])
    units = pd.DataFrame({"AU12": [0.9, 0.2, 0.1, 0.3, 1.0], "AU04": [0, 0, 0.5, math.nan, 0.4]})
    metrics = sign_metrics(units, human)
    assert metrics["AU12_happiness"] == pytest.approx(3 / 4)
    assert metrics["AU04_anger"] == 0
    assert math.isnan(metrics["AU26_surprise"])
    assert "AU01_fear_or_surprise" in metrics
    assert len(metrics) == len(SIGNS)


def test_equal_networks_lose_nothing():
    labels, values = labels_and_values()
    reference = behaviour_precisions.scores({"a": values}, {"a": labels})
    assert reference["expression"]["accuracy"] == 1
    assert reference["landmarks"]["nme_pupils"] == 0
    assert reference["affect"]["ccc"] == pytest.approx(1)
    assert behaviour_precisions.losses(reference, reference) == dict.fromkeys(
        behaviour_precisions.LIMITS, 0.0
    )
    assert set(behaviour_precisions.changes({"a": values}, {"a": values}).values()) == {0.0}


def test_losses_are_shares_of_what_a_head_may_lose():
    labels, values = labels_and_values(count=200)
    worse = {key: value.copy() for key, value in values.items()}
    worse["expression"][:2] = probabilities(np.array([1, 2]))  # 2 of 200: one point
    worse["pose"] = worse["pose"] + math.radians(1)
    before, after = (behaviour_precisions.scores({"a": v}, {"a": labels}) for v in (values, worse))
    shares = behaviour_precisions.losses(before, after)
    assert shares["expression"] == pytest.approx(2)
    assert shares["pose"] == pytest.approx(2)
    assert shares["gaze"] == shares["landmarks"] == 0
    lost = behaviour_precisions.lost(before, after)
    assert lost["expression"]["accuracy"] == pytest.approx(0.01)
    assert lost["pose"]["mae_degrees"] == pytest.approx(1)
    gained = behaviour_precisions.losses(after, before)
    assert gained["expression"] == gained["pose"] == 0
    changes = behaviour_precisions.changes({"a": values}, {"a": worse})
    assert changes["pose"] == pytest.approx(math.radians(1) / values["pose"].std(0).mean())
    moved = behaviour_precisions.difference({"a": values}, {"a": worse})
    assert moved["expression"]["same_class"] == pytest.approx(198 / 200)
    assert moved["pose"]["largest"] == pytest.approx(math.radians(1))


def test_faces_the_teacher_missed_do_not_count():
    labels, values = labels_and_values()
    labels["found"][:30] = False
    for head in ("action_units", "landmarks", "pose", "gaze"):
        values[head][:30] = 99.0
    metrics = behaviour_precisions.scores({"a": values}, {"a": labels})
    assert metrics["action_units"]["mae"] == 0
    assert metrics["pose"]["mae_degrees"] == 0
    assert behaviour.teacher_metrics(values, labels)["landmarks"]["nme_pupils"] == 0


class Mirrored:
    """A network that answers mirrored images as it should."""

    def __init__(self, values: dict) -> None:
        self.values = values

    def __call__(self, _: np.ndarray) -> dict:
        return mirror_values(self.values)


def test_mirrored_images_with_mirrored_answers():
    labels, values = labels_and_values(8)
    metrics = behaviour.mirror_metrics(Mirrored(values), values, labels["crop"])
    assert {metrics[head]["mae"] for head in values} == {0.0}
    assert metrics["pose"]["Yaw"]["pcc"] == pytest.approx(1)
    stubborn = Mirrored(mirror_values(values))
    turned = behaviour.mirror_metrics(stubborn, values, labels["crop"])
    assert turned["pose"]["Yaw"]["pcc"] == pytest.approx(-1)


def test_labels_of_the_held_out_part(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    write_datasets(tmp_path)
    data = labelled("fer2013")
    assert data["crop"].shape == (8, SIZE, SIZE, 3)
    assert [int(str(name).rsplit("/")[-1][:-4]) % 5 for name in data["name"]] == [4] * 8
    assert (data["human"] >= 0).all()
    assert not np.array_equal(data["teacher_units"], data["action_units"])
    fewer = labelled("fer2013", "train", most=5)
    assert len(fewer["crop"]) == len(fewer["teacher_units"]) == 5
    assert not set(fewer["name"]) & set(data["name"])
