"""Whether a face's numbers depend on who found it: the same face by several detectors' points.

    python -m models.training.evaluate.context models/packs/default --metrics FILE

Held-out photographs are aligned by the pack's own detector's five points, by YuNet's and by the
teacher's mesh, and read by the pack's behaviour network. For each action unit: the mean absolute
change against the pack's own points, and the largest in a hundred, in standard deviations of the
unit over the photographs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from models.training.datasets import alignment
from models.training.datasets.letterbox import letterbox
from models.training.datasets.mesh_geometry import five_points
from models.training.datasets.paths import model_dir
from models.training.datasets.teacher_faces import YuNet
from models.training.datasets.teacher_mesh import Teacher
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.trust_data import photographs
from models.training.networks.behaviour import ACTION_UNITS
from models.training.onnx.behaviour_runner import BehaviourRunner
from models.training.onnx.detector_runner import DetectorRunner

DATA = "held-out tenth of LFW and UTKFace; faces that all three find"
YUNET_SIDE, FLOOR = 320, 0.5
NEAR = 0.5  # of the eyes' distance: farther off it is another face
OTHERS = ("yunet", "mesh")


class Finders:
    """Five points (5, 2) of the same face, in pixels, by each of three."""

    def __init__(self, pack: Path, teacher: Teacher) -> None:
        self._own = DetectorRunner(pack / "localization.onnx")
        self._yunet, self._teacher = YuNet(FLOOR), teacher

    def __call__(self, image: np.ndarray) -> list[np.ndarray] | None:
        """Points of the pack, YuNet and the mesh; None where one of them finds another face."""
        own = self._own(image)
        shown, scale = letterbox(image, YUNET_SIDE)
        yunet = self._yunet(shown[None])[0]
        answer = self._teacher(image)
        if not len(own) or not len(yunet) or answer is None:
            return None
        mesh = five_points(answer[0][None])[0].astype(np.float64)
        # Detectors count from the image's edge, crops from pixel centres.
        found = [own[:, 5:15].reshape(-1, 5, 2) - 0.5, yunet[:, 5:15].reshape(-1, 5, 2) / scale - 0.5]
        near = [nearest(points, mesh) for points in found]
        return None if any(points is None for points in near) else [*near, mesh]


def nearest(points: np.ndarray, mesh: np.ndarray) -> np.ndarray | None:
    """Of the faces (K, 5, 2) the one at ``mesh`` (5, 2), if one is."""
    apart = np.linalg.norm(mesh[1] - mesh[0])
    off = np.linalg.norm(points - mesh, axis=2).mean(1) / apart
    return points[off.argmin()] if off.min() < NEAR else None


def changes(values: np.ndarray) -> dict[str, dict[str, dict[str, float]]]:
    """Metrics of units (3, N, U) by who aligned the face, the pack's own detector first."""
    spread = np.maximum(values[0].std(0), 1e-6)
    out: dict[str, dict[str, dict[str, float]]] = {}
    for index, name in enumerate(OTHERS, 1):
        off = np.abs(values[index] - values[0]) / spread
        by_unit = {
            unit: {"mean_sd": off[:, u].mean(), "p99_sd": np.percentile(off[:, u], 99)}
            for u, unit in enumerate(ACTION_UNITS)
        }
        worst = {"mean_sd": off.mean(0).max(), "p99_sd": np.percentile(off, 99, axis=0).max()}
        mean = {"mean_sd": off.mean(), "p99_sd": np.percentile(off, 99, axis=0).mean()}
        out[name] = {"mean": mean, "worst": worst} | by_unit
    return out


def context(pack: Path, images: Iterable[np.ndarray]) -> dict[str, object]:
    """Metrics of one pack."""
    network, shown = BehaviourRunner(pack / "behaviour.onnx"), 0
    units: list[np.ndarray] = []
    with Teacher(model_dir() / "face_landmarker.task") as teacher:
        finders = Finders(pack, teacher)
        for image in images:
            shown += 1
            points = finders(image)
            if points is not None:
                crops = np.stack([alignment.crop(image, five)[0] for five in points])
                units.append(network(crops)["action_units"])
    return {"photographs": shown, "faces": len(units), **changes(np.stack(units, 1))}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packs", nargs="+", type=Path, help="folders of packs")
    parser.add_argument("--count", type=int, help="photographs of each dataset; by default all")
    parser.add_argument("--metrics", type=Path, help="write the metrics here")
    options = parser.parse_args()
    metrics = {p.name: context(p, photographs(count=options.count)) for p in options.packs}
    print(json.dumps(plain(metrics), indent=1))
    if options.metrics:
        command = "python -m models.training.evaluate.context PACKS"
        command += f" --count {options.count}" if options.count else ""
        write_metrics(options.metrics, metrics, command=command, data=DATA)


if __name__ == "__main__":
    main()
