"""fp32, fp16 and INT8 forms of a behaviour network, head by head; writes metrics.

    python -m models.training.evaluate.behaviour_precisions FP32 FP16 INT8 --output precisions.json

The first file is what the others are held against. Scores are those of the heads' own truths on
images that training never saw: human expressions, the teacher's units, points and angles.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from models.training.evaluate.behaviour_data import Labels, held_out
from models.training.evaluate.behaviour_heads import (
    affect_metrics,
    angle_metrics,
    expression_metrics,
    landmark_metrics,
    unit_metrics,
)
from models.training.evaluate.metrics import write_metrics
from models.training.evaluate.timing import crop_milliseconds
from models.training.onnx.behaviour_runner import BehaviourRunner, Values, batch_independent

# The most that a head may lose by fewer bits: half a point of a share, 0.01 of a coefficient or an
# intensity, half a degree.
LIMITS = {
    "expression": {"accuracy": 0.005},
    "action_units": {"pcc": 0.01, "mae": 0.01},
    "affect": {"ccc": 0.01},
    "landmarks": {"nme_pupils": 0.005},
    "pose": {"mae_degrees": 0.5, "pcc": 0.01},
    "gaze": {"mae_degrees": 0.5, "pcc": 0.01},
}
ERRORS = ("mae", "nme_pupils", "mae_degrees")  # of the others, more is better
Scores = dict[str, dict[str, float]]


def scores(values: dict[str, Values], sets: dict[str, Labels]) -> Scores:
    """Head to score name to score, over all sets together.

    Parameters
    ----------
    values, sets : dict
        Set's name to a network's values, and to labels as `behaviour_data.labelled` makes them.
    """

    def joined(key: str, mask: str) -> tuple[np.ndarray, np.ndarray]:
        target = "teacher_units" if key == "action_units" else key
        pairs = [
            (values[s][key][labels[mask] > 0], labels[target][labels[mask] > 0])
            for s, labels in sets.items()
        ]
        ours, theirs = zip(*pairs, strict=True)
        return np.concatenate(ours), np.concatenate(theirs)

    known = {s: labels["human"] >= 0 for s, labels in sets.items()}
    human = np.concatenate([labels["human"][known[s]] for s, labels in sets.items()])
    probability = np.concatenate([values[s]["expression"][known[s]] for s in sets])
    metrics = {
        "expression": expression_metrics(probability, human),
        "action_units": unit_metrics(*joined("action_units", "found"))["seen"],
        "affect": affect_metrics(*joined("affect", "mask_affect")),
        "landmarks": landmark_metrics(*joined("landmarks", "found")),
        "pose": angle_metrics(*joined("pose", "found"), ("Pitch", "Roll", "Yaw")),
        "gaze": angle_metrics(*joined("gaze", "found"), ("gaze_pitch", "gaze_yaw")),
    }
    return {head: {name: metrics[head][name] for name in names} for head, names in LIMITS.items()}


def lost(reference: Scores, other: Scores) -> Scores:
    """What ``other`` loses against ``reference``, positive where it is worse."""
    return {
        head: {
            name: (other[head][name] - score) * (1 if name in ERRORS else -1)
            for name, score in names.items()
        }
        for head, names in reference.items()
    }


def losses(reference: Scores, other: Scores) -> dict[str, float]:
    """Each head's largest loss as a share of its limit; one that gains has 0."""
    return {
        head: max(0.0, *(amount / LIMITS[head][name] for name, amount in names.items()))
        for head, names in lost(reference, other).items()
    }


def changes(reference: dict[str, Values], other: dict[str, Values]) -> dict[str, float]:
    """Each head's mean absolute change over the spread (standard deviation) of its columns."""
    metrics = {}
    for head in LIMITS:
        before, after = (
            np.concatenate([values[head] for values in sets.values()])
            for sets in (reference, other)
        )
        metrics[head] = float(np.abs(after - before).mean() / before.std(0).mean())
    return metrics


def difference(reference: dict[str, Values], other: dict[str, Values]) -> dict[str, Any]:
    """How far the outputs themselves move: mean and largest absolute change in each head's unit."""
    metrics: dict[str, Any] = {}
    for head in LIMITS:
        moved = np.concatenate([np.abs(other[s][head] - reference[s][head]) for s in reference])
        metrics[head] = {"mean": float(moved.mean()), "largest": float(moved.max())}
    same = [
        other[s]["expression"].argmax(1) == reference[s]["expression"].argmax(1) for s in reference
    ]
    metrics["expression"]["same_class"] = float(np.concatenate(same).mean())
    return metrics


def compare(files: dict[str, Path], sets: dict[str, Labels]) -> dict[str, Any]:
    """Metrics of every file, and what each but the first loses against the first."""
    networks = {name: BehaviourRunner(path) for name, path in files.items()}
    values = {
        name: {s: network(labels["crop"]) for s, labels in sets.items()}
        for name, network in networks.items()
    }
    times = crop_milliseconds(networks)
    first = next(iter(files))
    some = next(iter(sets.values()))["crop"]
    out: dict[str, Any] = {}
    for name, network in networks.items():
        out[name] = {
            "bytes": files[name].stat().st_size,
            "milliseconds_one_thread": times[name],
            "batch_independent": batch_independent(network, some),
            "scores": scores(values[name], sets),
        }
        if name != first:
            before, after = out[first]["scores"], out[name]["scores"]
            out[name] |= {
                "lost": lost(before, after),
                "within_limits": max(losses(before, after).values()) <= 1,
                "change": difference(values[first], values[name]),
            }
    return {"precision": out, "limits": LIMITS}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", help="ONNX files, fp32 first")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--detected", action="store_true", help="crops by the pack's own detector's points"
    )
    options = parser.parse_args()
    files = {BehaviourRunner(path).metadata["mien.precision"]: path for path in options.files}
    if len(files) != len(options.files):
        parser.error(f"wanted files of different precision, got {', '.join(files)}")
    metrics = compare(files, held_out(options.detected))
    write_metrics(
        options.output,
        metrics,
        command="python -m models.training.evaluate.behaviour_precisions FP32 FP16 INT8"
        + " --detected" * options.detected,
        data="FER2013 public/; a held-out tenth of LFW and UTKFace",
    )
    for name, entry in metrics["precision"].items():
        worst = {h: max(v.values(), key=abs) for h, v in entry.get("lost", {}).items()}
        text = " ".join(f"{head} {amount:+.4f}" for head, amount in worst.items())
        print(f"{name}: {entry['milliseconds_one_thread']['best']:.2f} ms {text}")


if __name__ == "__main__":
    main()
