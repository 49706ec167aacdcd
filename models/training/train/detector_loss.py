"""The loss that a detector's configuration names, of a batch of composites."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.training.datasets.paths import model_dir, require
from models.training.datasets.teacher_faces import RETINAFACE
from models.training.losses.multibox import assign, multibox_loss
from models.training.losses.retinaface import match_priors, retinaface_loss
from models.training.networks.priors import THREE_LEVELS, Grid
from models.training.networks.retinaface_teacher import MEAN_BGR, load_teacher
from models.training.train.detector_config import Loss


class Criterion:
    """Loss of outputs against faces.

    Parameters
    ----------
    options : Loss
    grid : Grid
        Where the network's priors lie.
    device : torch.device
    """

    def __init__(self, options: Loss, grid: Grid, device: torch.device) -> None:
        self._options, self._grid = options, grid
        self._teacher: nn.Module | None = None
        if options.teacher > 0:
            if options.name != "soft" or grid != THREE_LEVELS:
                raise ValueError("loss.teacher: only with loss soft and the teacher's three levels")
            path = require(model_dir() / RETINAFACE, "teacher")
            teacher = load_teacher(path).to(device, memory_format=torch.channels_last)
            self._teacher = teacher

    def __call__(
        self, outputs: tuple[Tensor, Tensor, Tensor], faces: Tensor, images: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss, and its parts as numbers.

        Parameters
        ----------
        outputs : tuple of Tensor
            The network's scores (B, P), boxes (B, P, 4), points (B, P, 10)
        faces : Tensor (B, K, 16)
        images : Tensor (B, 3, H, W) uint8
            For the teacher to look at.
        """
        own, priors = self._options, self._grid.priors(*images.shape[2:]).to(faces.device)
        if own.name == "retinaface":
            matches = match_priors(priors, faces)
            return retinaface_loss(
                outputs, matches, box=own.box, points=own.points, ratio=own.negatives
            )
        opinion = None if self._teacher is None else _opinion(self._teacher, images)
        return multibox_loss(outputs, assign(priors, faces, opinion, own.teacher), priors)


def _opinion(teacher: nn.Module, images: Tensor) -> Tensor:
    """The teacher's face probabilities (B, P) of RGB uint8 images (B, 3, H, W)."""
    mean = torch.tensor(MEAN_BGR, device=images.device).view(1, 3, 1, 1)
    bgr = (images.flip(1).float() - mean).contiguous(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast(images.device.type, torch.bfloat16):
        return torch.sigmoid(teacher(bgr)[0].float())
