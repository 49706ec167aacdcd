"""Measures a behaviour network's ONNX file on held-out images; writes metrics.

    python -m models.training.evaluate.behaviour behaviour.onnx --output metrics.json

Human labels exist for expressions alone (FER2013 public/). Every other metric is agreement with
the teacher, on FER2013 public/ and on the held-out tenth of LFW and UTKFace. Crops are cut by the
teacher's five points, or by the detector's (`models.training.datasets.detector_points`);
`models.training.evaluate.engine_fer` judges the whole engine.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.training.evaluate.behaviour_data import Labels, held_out
from models.training.evaluate.behaviour_heads import (
    affect_metrics,
    angle_metrics,
    expression_metrics,
    landmark_metrics,
    seen_units,
    unit_metrics,
    unit_table,
)
from models.training.evaluate.expression_signs import sign_metrics, teacher_units
from models.training.evaluate.fairness import fairness_metrics, utkface_people
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.timing import crop_milliseconds
from models.training.networks.behaviour import ACTION_UNITS, EXPRESSIONS, HEADS, mirror_values
from models.training.onnx.behaviour_runner import BehaviourRunner, Values, batch_independent

DATA = "FER2013 public/ (human labels); a held-out tenth of LFW and UTKFace (teacher)"
POINTS = next(head.columns for head in HEADS if head.name == "landmarks")


def human_metrics(values: Values, data: Labels) -> dict[str, Any]:
    """FER2013: expressions, units and affect against human labels, the teacher's units beside."""
    human = np.array(EXPRESSIONS)[data["human"]]
    own = sign_metrics(unit_table(values["action_units"]), human)
    theirs = sign_metrics(teacher_units(data["name"].tolist()), human)
    known = data["mask_affect"] > 0
    return {
        "expression": expression_metrics(values["expression"], data["human"]),
        "units_over_neutral": {
            sign: {
                "roc_auc": own[sign],
                "teacher": theirs[sign],
                "over_teacher": own[sign] - theirs[sign],
            }
            for sign in own
        },
        "affect": affect_metrics(values["affect"][known], data["affect"][known]),
        "affect_mean": {
            name: dict(
                zip(("valence", "arousal"), values["affect"][human == name].mean(0), strict=True)
            )
            for name in EXPRESSIONS
        },
    }


def teacher_metrics(values: Values, data: Labels) -> dict[str, Any]:
    """Agreement with the teacher where it found a face."""
    found = data["found"]

    def both(head: str, target: str = "") -> tuple[np.ndarray, np.ndarray]:
        return values[head][found], data[target or head][found]

    return {
        "images": int(found.sum()),
        "landmarks": landmark_metrics(*both("landmarks")),
        "pose": angle_metrics(*both("pose"), ("Pitch", "Roll", "Yaw")),
        "gaze": angle_metrics(*both("gaze"), ("gaze_pitch", "gaze_yaw")),
        "units": unit_metrics(*both("action_units", "teacher_units")),
    }


def mirror_metrics(network: BehaviourRunner, values: Values, images: np.ndarray) -> dict[str, Any]:
    """What mirrored images say, against what the images said, mirrored."""
    wanted = mirror_values(values)
    got = network(np.ascontiguousarray(images[:, :, ::-1]))
    metrics: dict[str, Any] = {h: {"mae": float(np.abs(wanted[h] - got[h]).mean())} for h in wanted}
    for head, column, name in (("pose", 1, "Roll"), ("pose", 2, "Yaw"), ("gaze", 1, "gaze_yaw")):
        pair = wanted[head][:, column], got[head][:, column]
        metrics[head][name] = {"pcc": float(np.corrcoef(*pair)[0, 1])}
    return metrics


def group_metrics(values: Values, data: Labels, resamples: int) -> dict[str, Any]:
    """UTKFace: units the teacher sees well and landmarks, by its own age, gender and race."""
    found = data["found"]
    seen = seen_units(data["teacher_units"][found])

    def table(units: np.ndarray, points: np.ndarray) -> pd.DataFrame:
        named = pd.DataFrame(units[found][:, seen], columns=[ACTION_UNITS[i] for i in seen])
        return named.join(pd.DataFrame(points[found], columns=POINTS))

    truth = table(data["teacher_units"], data["landmarks"])
    estimate = table(values["action_units"], values["landmarks"])
    people = utkface_people(data["name"][found])
    return fairness_metrics(truth, estimate, people, resamples=resamples)


def report(path: Path, sets: dict[str, Labels], resamples: int) -> dict[str, Any]:
    """All metrics of a file."""
    network = BehaviourRunner(path)
    times = crop_milliseconds({"it": network})["it"]
    out: dict[str, Any] = {
        "file": {
            "precision": network.metadata.get("mien.precision", ""),
            "bytes": path.stat().st_size,
            "milliseconds_one_thread": times,
        }
    }
    for dataset, data in sets.items():
        values = network(data["crop"])
        out[dataset] = teacher_metrics(values, data)
        if dataset == "fer2013":
            out[dataset] |= human_metrics(values, data)
        if dataset == "lfw":
            out["mirror"] = mirror_metrics(network, values, data["crop"])
            out["file"]["batch_independent"] = batch_independent(network, data["crop"])
        if dataset == "utkface":
            out["fairness"] = group_metrics(values, data, resamples)
    return out


def headline(full: dict[str, Any]) -> dict[str, float]:
    """The few metrics that go into `pack.toml`."""
    expression = full["fer2013"]["expression"]
    metrics = {
        "fer2013_public_accuracy": expression["accuracy"],
        "fer2013_public_unweighted_average_recall": expression["uar"],
    }
    for dataset in ("lfw", "utkface"):
        metrics |= {
            f"landmark_nme_{dataset}": full[dataset]["landmarks"]["nme_pupils"],
            f"units_mean_r_{dataset}": full[dataset]["units"]["seen"]["pcc"],
            f"pose_mae_degrees_{dataset}": full[dataset]["pose"]["mae_degrees"],
            f"gaze_mae_degrees_{dataset}": full[dataset]["gaze"]["mae_degrees"],
        }
    if full["file"]["precision"] == "fp16":  # for GPUs: its time on a processor says nothing
        return metrics
    return metrics | {"milliseconds_one_thread": full["file"]["milliseconds_one_thread"]["best"]}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="metrics for a card, JSON")
    parser.add_argument("--quality", type=Path, help="also the headline metrics, for a pack")
    parser.add_argument("--resamples", type=int, default=500, help="of each group's interval")
    parser.add_argument(
        "--detected", action="store_true", help="crops by the pack's own detector's points"
    )
    options = parser.parse_args()
    command = "python -m models.training.evaluate.behaviour FILE" + " --detected" * options.detected
    full = report(options.onnx, held_out(options.detected), options.resamples)
    write_metrics(options.output, full, command=command, data=DATA)
    short = plain(headline(full))
    print(json.dumps(short, indent=1))
    if options.quality:
        text = {"command": command, "metrics": {"data": DATA, **short}}
        options.quality.write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    main()
