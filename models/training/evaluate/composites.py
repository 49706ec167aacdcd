"""Recall, false detections and errors of detectors on composites of held-out photographs."""

from __future__ import annotations

import numpy as np

from models.training.datasets.composer import Composer
from models.training.datasets.faces import Dataset
from models.training.datasets.teacher_faces import overlap
from models.training.onnx.detector_runner import Detections

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
FLOOR = 0.1
SHAPES = ((192, 320), (256, 320), (320, 320))


def composed(
    dataset: Dataset, calls: dict[str, Detections], count: int, thresholds: dict[str, float]
) -> dict[str, object]:
    """Metrics of detectors on ``count`` composites, at their own thresholds and at `THRESHOLDS`."""
    composer = Composer([dataset], [1.0])
    rng = np.random.default_rng(99)
    tallies = {name: Tally() for name in calls}
    for row in range(count):
        height, width = SHAPES[row % 3]
        image, faces = composer.compose(rng, height, width)
        for name, detect in calls.items():
            tallies[name].add(detect(image, FLOOR), faces)
    return {name: tally.report(thresholds[name]) for name, tally in tallies.items()}


class Tally:
    """Matches of detections with labelled faces at IoU 0.5, over many composites."""

    def __init__(self) -> None:
        self._hits: list[
            tuple[float, float, float, float]
        ] = []  # score, IoU, point error, face size
        self._sizes: list[float] = []
        self._false: list[tuple[float, bool]] = []  # score, on a composite without any face
        self._composites = self._empty = 0

    def add(self, found: np.ndarray, faces: np.ndarray) -> None:
        """Count the detections (K, 15) of one composite with faces (M, 16)."""
        self._composites += 1
        self._empty += len(faces) == 0
        real, doubtful = faces[faces[:, 0] == 1], faces[faces[:, 0] == 0]
        sizes = (real[:, 3:5] - real[:, 1:3]).max(1) if len(real) else np.zeros(0)
        self._sizes += sizes.tolist()
        shared = overlap(found[:, 1:5], real[:, 1:5])
        free = np.ones(len(real), bool)
        for row, face in enumerate(found):
            other = int(np.argmax(np.where(free, shared[row], -1))) if free.any() else -1
            if other >= 0 and shared[row, other] >= 0.5:
                free[other] = False
                eyes = np.linalg.norm(real[other, 5:7] - real[other, 7:9])
                off = np.linalg.norm((face[5:15] - real[other, 5:15]).reshape(5, 2), axis=1).mean()
                self._hits.append((face[0], shared[row, other], off / max(eyes, 1.0), sizes[other]))
            elif not inside(face, doubtful):
                self._false.append((face[0], len(faces) == 0))

    def report(self, own: float) -> dict[str, object]:
        """Metrics at the detector's own threshold and at several."""
        out: dict[str, object] = {
            "composites": self._composites,
            "without_face": self._empty,
            "faces": len(self._sizes),
            "own": {"threshold": own} | self.at(own),
        }
        return out | {f"at_{threshold}": self.at(threshold) for threshold in THRESHOLDS}

    def at(self, threshold: float) -> dict[str, float]:
        """Metrics at one score threshold; errors are those of faces found."""
        hits = np.array(self._hits).reshape(-1, 4)
        false = np.array(self._false).reshape(-1, 2)
        sizes = np.array(self._sizes)
        kept, wrong = hits[hits[:, 0] >= threshold], false[false[:, 0] >= threshold]
        line = {
            "recall": len(kept) / max(len(sizes), 1),
            "false_per_composite": len(wrong) / max(self._composites, 1),
            "false_on_negatives": float(wrong[:, 1].sum()),
        }
        if len(kept):
            line |= {"mean_iou": kept[:, 1].mean(), "mean_point_error": kept[:, 2].mean()}
        for low, high in ((9, 20), (20, 40), (40, 100), (100, 400)):
            there = (sizes >= low) & (sizes < high)
            hit = (kept[:, 3] >= low) & (kept[:, 3] < high)
            if there.any():
                line[f"recall_{low}_{high}_px"] = hit.sum() / there.sum()
        return {name: round(float(value), 4) for name, value in line.items()}


def inside(face: np.ndarray, doubtful: np.ndarray) -> bool:
    """Whether more than three tenths of a detection (15,) lie in a doubtful face's box."""
    if not len(doubtful):
        return False
    low = np.maximum(face[1:3], doubtful[:, 1:3])
    high = np.minimum(face[3:5], doubtful[:, 3:5])
    area = max(float(np.prod(face[3:5] - face[1:3])), 1e-6)
    return bool((np.prod(np.clip(high - low, 0, None), 1) / area > 0.3).any())
