"""The behaviour network's dataset: aligned crops with targets and masks.

Which images belong to which part is decided by person where the dataset names persons (LFW's
folders), so that nobody is on both sides of a split. UTKFace and FER2013 name no persons: there
each image stands for itself, and a person may be on both sides. Pixel-equal images of
FER2013's training and public parts are left out of training altogether.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import cv2
import numpy as np
from torch.utils.data import Dataset

from models.training.datasets import alignment, crops, detector_points, head_angles
from models.training.datasets.augment_behaviour import jitter, photometric, warp_varied
from models.training.datasets.behaviour_targets import LabelOptions, targets
from models.training.networks.behaviour import BORDER, SIZE, TEMPLATE, mirror_values

MASKS = ("expression", "affect", "gaze", "action_units", "found")


@dataclass(frozen=True)
class Fold:
    """One of `count` equal parts of the training images, left out to validate on."""

    index: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        if self.count and not 0 <= self.index < self.count:
            raise ValueError(f"fold: wanted 0 to {self.count - 1}, got {self.index}")


def person(dataset: str, name: str) -> str:
    """The person an image shows, or the image's name where the dataset names nobody."""
    return PurePosixPath(name).parent.name if dataset == "lfw" else name


def in_fold(dataset: str, names: Sequence[str], fold: Fold) -> np.ndarray:
    """(N,) bool: images of the fold, by a hash of the person.

    An image's fold never depends on the others, so it stays when images are added, and tens of
    thousands are sorted at once. For a table of few people with rare classes
    `splits.person_folds` spreads the classes evenly.
    """
    if not fold.count:
        return np.zeros(len(names), bool)
    hashes = [zlib.crc32(f"fold {person(dataset, str(n))}".encode()) for n in names]
    return np.array(hashes) % fold.count == fold.index


def rows_of(dataset: str, labels: dict[str, np.ndarray], part: str, fold: Fold) -> np.ndarray:
    """Rows of a part of a dataset.

    Parts are `train`, `validation` (the fold), `held_out` (never trained on) and `everything`.
    """
    trainable = ~labels["held_out"] & ~labels["drop"]
    folded = in_fold(dataset, labels["names"], fold)
    parts = {
        "train": trainable & ~folded,
        "validation": trainable & folded,
        "held_out": labels["held_out"] & ~labels["drop"],
        "everything": np.ones(len(trainable), bool),
    }
    if part not in parts:
        raise ValueError(f"part: wanted one of {sorted(parts)}, got {part!r}")
    return np.flatnonzero(parts[part])


class Crops(Dataset):
    """Aligned crops with targets and masks, augmented when training.

    Parameters
    ----------
    datasets : sequence of str
    training : bool
        True: the training part, augmented. False: the held-out part, as the engine sees it.
    options : LabelOptions
    part : str, optional
        Another part than `training` says, see `rows_of`.
    fold : Fold
        Left out of the training part, or, as part `validation`, all there is.
    seed : int
        With `epoch` and the sample's index it decides every change made to a crop: the same
        epoch of the same seed is the same again, whatever was drawn before.
    detected : float
        Share of training crops that are aligned by the five points of the pack's own detector
        (`models.training.datasets.detector_points`), as the engine aligns them, and not by the
        teacher's. Other parts use the detector's wherever it found the face, if this is not 0.
    """

    def __init__(
        self,
        datasets: Sequence[str],
        training: bool,
        options: LabelOptions | None = None,
        part: str | None = None,
        fold: Fold | None = None,
        seed: int = 0,
        detected: float = 0.0,
    ) -> None:
        # Warping a crop gains nothing by threads, and a worker forked while OpenCV has some hangs.
        cv2.setNumThreads(1)
        options, fold = options or LabelOptions(), fold or Fold()
        part = part or ("train" if training else "held_out")
        self.training, self.seed, self.epoch, self.detected = training, seed, 0, detected
        self.images: list[np.ndarray] = []
        tables: dict[str, list[np.ndarray]] = {}
        for index, dataset in enumerate(datasets):
            images, labels = crops.load(dataset)
            self.images.append(images)
            rows = rows_of(dataset, labels, part, fold)
            table = targets(dataset, labels, rows, options, training)
            table["dataset"] = np.full(len(rows), index)
            if detected:
                table["detected"] = detector_points.load(dataset)[rows]
            for key, value in table.items():
                tables.setdefault(key, []).append(value)
        self.table = {key: np.concatenate(value) for key, value in tables.items()}

    def __len__(self) -> int:
        return len(self.table["row"])

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        t = {key: value[index] for key, value in self.table.items()}
        image = self.images[t["dataset"]][t["row"]]
        if image.ndim == 2:
            image = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_GRAY2RGB)
        random = np.random.default_rng((self.seed, self.epoch, index))
        five = self._five(t, random)
        if self.training:
            matrix = jitter(five, random)
            rgb = warp_varied(np.ascontiguousarray(image), matrix, random)
        else:
            matrix = alignment.similarity(five, np.array(TEMPLATE))
            rgb = cv2.warpAffine(image, matrix, (SIZE, SIZE), borderValue=(BORDER,) * 3)
        values = values_in_crop(t, matrix)
        if self.training and random.random() < 0.5:
            rgb, values = rgb[:, ::-1], mirror(values)
            t["mask_action_units"] = mirror({"action_units": t["mask_action_units"]})[
                "action_units"
            ]
        if self.training:
            rgb = photometric(np.ascontiguousarray(rgb), random)
        out = {k: np.asarray(v, np.float32) for k, v in values.items()}
        out |= {"mask_" + m: np.asarray(t["mask_" + m], np.float32)[()] for m in MASKS}
        out["crop"] = np.ascontiguousarray(rgb)
        out["human"] = np.int64(t["human"])
        return out

    def _five(self, t: dict[str, np.ndarray], random: np.random.Generator) -> np.ndarray:
        """The five points (5, 2) to align an image by."""
        detected = t.get("detected")
        if detected is None or np.isnan(detected).any():
            return t["five"].astype(np.float64)
        if self.training and random.random() >= self.detected:
            return t["five"].astype(np.float64)
        return detected.astype(np.float64)


def mirror(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values (K,) by head of one crop mirrored left to right."""
    mirrored = mirror_values({head: value[None] for head, value in values.items()})
    return {head: value[0] for head, value in mirrored.items()}


def values_in_crop(t: dict[str, np.ndarray], matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Head values of one image's labels as they are in the crop that ``matrix`` (2, 3) makes."""
    points = t["points"] @ matrix[:, :2].T + matrix[:, 2]
    angle = np.arctan2(matrix[1, 0], matrix[0, 0])
    pose = head_angles.pose_angles(t["rotation"][None])[0]
    pose[1] -= angle
    gaze = head_angles.gaze_angles(head_angles.turn_in_plane(t["direction"][None], -angle))[0]
    return {
        "expression": t["expression"],
        "action_units": t["action_units"],
        "affect": t["affect"],
        "landmarks": points.T.reshape(-1),
        "pose": pose,
        "gaze": gaze,
    }
