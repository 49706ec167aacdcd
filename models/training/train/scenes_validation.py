"""A network's metrics on the held-out tenth of ``detection/train.zip``, while it trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from models.training.datasets.detection_scenes import Scenes
from models.training.datasets.letterbox import letterbox
from models.training.datasets.scene_labels import faces_of, is_held_out
from models.training.datasets.teacher_faces import merged_looks, suppress
from models.training.datasets.teacher_scenes import load
from models.training.networks.face_localization_net import normalize
from models.training.networks.priors import decode
from models.training.train.detection_tally import Tally

SIZES = (320, 640)
FLOOR = 0.03
NMS_IOU = 0.4


def network_finder(network: nn.Module, image: np.ndarray, side: int) -> np.ndarray:
    """Faces (K, 15) that a network in evaluation mode finds in an RGB uint8 image."""
    shown, scale = letterbox(image, side)
    batch = torch.from_numpy(shown).permute(2, 0, 1)[None].to(next(network.parameters()).device)
    with torch.no_grad():
        scores, boxes, points = (out[0].float().cpu() for out in network(normalize(batch)))
    score = torch.sigmoid(scores)
    keep = score >= FLOOR
    box, point = decode(network.grid.priors(*shown.shape[:2])[keep], boxes[keep], points[keep])
    faces = suppress(torch.cat([score[keep, None], box, point], 1).numpy(), NMS_IOU)
    faces[:, 1:] /= scale
    return faces


class HeldOutScenes:
    """The held-out photographs with their faces as training would see them."""

    def __init__(self) -> None:
        scenes, seen = Scenes("train"), load("train")
        rows = [r for r, scene in enumerate(scenes.scenes) if is_held_out(scene.file)]
        self.images = [scenes.image(row) for row in rows]
        self.drawn = [scenes.scenes[row].boxes for row in rows]
        self.faces = [faces_of(scenes.scenes[row], seen[scenes.scenes[row].file]) for row in rows]

    def tally(self, network: nn.Module, sides: Sequence[int]) -> Tally:
        """What a network finds in looks at these input sizes, merged, doubtful faces left out."""
        found = Tally()
        for image, faces in zip(self.images, self.faces, strict=True):
            sure, doubtful = faces[faces[:, 0] == 1, 1:5], faces[faces[:, 0] == 0, 1:5]
            looks = [network_finder(network, image, side) for side in sides]
            found.add(merged_looks(looks, NMS_IOU), sure, doubtful)
        return found

    def __call__(self, network: nn.Module) -> dict[str, float]:
        """Average precision, and recall at half a false box an image, at each size."""
        metrics: dict[str, float] = {}
        for side in SIZES:
            found = self.tally(network, [side])
            threshold = found.threshold_at(0.5)
            metrics[f"ap_{side}"] = round(found.average_precision(), 4)
            metrics[f"recall_{side}"] = round(found.recall(threshold), 4)
            metrics[f"threshold_{side}"] = round(threshold, 4)
        return metrics
