"""Images and labels of the behaviour network, made from the datasets and the teacher's answers.

    python -m models.training.datasets.crops

It writes `<cache>/behaviour/images-<dataset>.npy` and `labels-<dataset>.npz`. What a label is made
of is in `mesh_geometry` (points, rotation, gaze), `unit_signals` and `circumplex`. Images stay as
they are; a crop is warped from its image when it is used, so that training sees the same single
bilinear resampling as the engine.
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path

import numpy as np

from models.training.datasets import fer2013
from models.training.datasets.mesh_geometry import (
    eye_in_head,
    five_points,
    gaze_direction,
    head_frame,
    landmarks_68,
    rotations,
)
from models.training.datasets.paths import cache_dir, require
from models.training.datasets.teacher_mesh import (
    DATASETS,
    decode,
    label_path,
    read_members,
)
from models.training.datasets.unit_signals import raw_units
from models.training.networks.behaviour import (
    ACTION_UNITS,
    EXPRESSIONS,
    MIRROR_UNITS,
)

# Intensity 0 and 1 of a unit are these percentiles of its raw signal over the datasets.
RESTING, STRONGEST = 5, 99
# A person's 48-pixel image says little about where the iris is.
GAZE_TRUST = {"fer2013": 0.2}


def held_out(dataset: str, name: str) -> bool:
    """Never trained on: FER2013's public/, a tenth of the others by hash of the name."""
    if dataset == "fer2013":
        return name.startswith(fer2013.HELD_OUT + "/")
    return zlib.crc32(name.encode()) % 10 == 0


def _paths(dataset: str) -> tuple[Path, Path]:
    folder = cache_dir() / "behaviour"
    return folder / f"images-{dataset}.npy", folder / f"labels-{dataset}.npz"


def build() -> None:
    """Write images and labels of all datasets to the cache."""
    answers = {c: dict(np.load(require(label_path(c), "teacher labels"))) for c in DATASETS}
    heads, raws = {}, {}
    for dataset, answer in answers.items():
        # Where no face was found any face stands in; `found` keeps it out of every loss.
        missing = ~answer["found"]
        some = int(np.argmax(answer["found"]))
        for key in ("points", "shapes", "matrices"):
            answer[key][missing] = answer[key][some]
        heads[dataset] = head_frame(answer["points"], rotations(answer["matrices"]))
        raws[dataset] = raw_units(answer["shapes"], heads[dataset])
    found = {c: answer["found"] for c, answer in answers.items()}
    scales, rest_height = _unit_scales(raws, found), _rest_height(heads, found)
    for dataset, answer in answers.items():
        labels = _teacher_labels(answer, heads[dataset], raws[dataset], scales, rest_height)
        _write(dataset, answer["names"], labels)
    record = {
        "rest_height": rest_height,
        "units": {u: [float(a), float(b)] for u, a, b in zip(ACTION_UNITS, *scales, strict=True)},
    }
    (cache_dir() / "behaviour" / "calibration.json").write_text(json.dumps(record, indent=1))


def _unit_scales(raws: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> np.ndarray:
    """Raw signals (2, U) that become 0 and 1, both sides of a unit on one scale.

    Each dataset counts the same, whatever its size; held-out images count too (scale only).
    """
    levels = [np.percentile(raws[c][found[c]], (RESTING, STRONGEST), axis=0) for c in DATASETS]
    scales = np.mean(levels, 0)
    return (scales + scales[:, MIRROR_UNITS]) / 2


def _rest_height(heads: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> float:
    """Median height of the eyes' turn, which is taken for straight ahead."""
    colour = [eye_in_head(heads[c])[found[c]] for c in DATASETS if c != "fer2013"]
    return float(np.median(np.concatenate(colour)[:, 1]))


def _teacher_labels(
    answer: dict[str, np.ndarray],
    head: np.ndarray,
    raw: np.ndarray,
    scales: np.ndarray,
    rest_height: float,
) -> dict[str, np.ndarray]:
    """Labels (N, ...) that the teacher alone gives."""
    found, mesh, rotation = answer["found"], answer["points"], rotations(answer["matrices"])
    five = five_points(mesh)
    five[~found] = np.median(five[found], 0)
    low, high = scales
    return {
        "found": found,
        "five": five,
        "landmarks": landmarks_68(mesh),
        "rotation": rotation,
        "gaze": gaze_direction(eye_in_head(head) - (0, rest_height), rotation),
        "units": np.clip((raw - low) / np.maximum(high - low, 1e-9), 0, 1).astype("f4"),
    }


def _write(dataset: str, members: np.ndarray, labels: dict[str, np.ndarray]) -> None:
    """Write a dataset's images and its labels, with the human ones that it has."""
    names = members.tolist()
    archive, _ = read_members(dataset)
    images = [decode(archive.read(n)) for n in names]
    if dataset == "fer2013":
        images = [p[:, :, 0] for p in images]
    stack = np.stack(images)
    expression = np.full(len(names), fer2013.UNLABELLED)
    drop = np.zeros(len(names), bool)
    if dataset == "fer2013":
        expression = np.array([fer2013.expression_of(n, EXPRESSIONS) for n in names])
        drop = fer2013.leaked(names, stack)
    image_path, labels_path = _paths(dataset)
    np.save(image_path, stack)
    np.savez(
        labels_path,
        names=members,
        held_out=np.array([held_out(dataset, n) for n in names]),
        drop=drop,
        expression=expression.astype(np.int64),
        **labels,
    )
    print(
        f"{dataset}: {len(names)} images, {labels['found'].sum()} with a face, {drop.sum()} leaked"
    )


def load(dataset: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Images (memory-mapped) and labels that `build` wrote."""
    images, labels = _paths(dataset)
    with np.load(
        require(labels, "labels; run python -m models.training.datasets.crops")
    ) as archive:
        return np.load(images, mmap_mode="r"), dict(archive)


def main() -> None:
    """Run the command line."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    build()


if __name__ == "__main__":
    main()
