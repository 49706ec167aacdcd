"""Knowledge distillation: a larger network's outputs as labels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from models.training.losses.classification import binary_divergence


def kl_distillation(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T^2 KL(teacher || student), (N,), of raw outputs (N, E) softened by a temperature T.

    T^2 keeps the gradient's size whatever the temperature (Hinton, Vinyals & Dean 2015).
    """
    if temperature <= 0:
        raise ValueError(f"temperature: wanted more than 0, got {temperature}")
    log_student = functional.log_softmax(student / temperature, 1)
    log_teacher = functional.log_softmax(teacher / temperature, 1)
    apart = (log_teacher.exp() * (log_teacher - log_student)).sum(1)
    return temperature**2 * apart


def distillation_losses(
    student: dict[str, Tensor], teacher: dict[str, Tensor], temperature: float
) -> dict[str, Tensor]:
    """Losses by head of raw outputs against the teacher's raw outputs on the same crops.

    Expressions: KL with a temperature. Units: binary cross entropy to the teacher's probabilities.
    Valence and arousal, landmarks, pose, gaze: mean squared error. The teacher answers for every
    sample, so no mask is needed, and no gradient goes to it.
    """
    teacher = {head: raw.detach() for head, raw in teacher.items()}
    units = torch.sigmoid(teacher["action_units"])
    losses = {
        "expression": kl_distillation(student["expression"], teacher["expression"], temperature),
        "action_units": binary_divergence(student["action_units"], units),
        "affect": (torch.tanh(student["affect"]) - torch.tanh(teacher["affect"])).square(),
    }
    for head in ("landmarks", "pose", "gaze"):
        losses[head] = (student[head] - teacher[head]).square()
    return {head: loss.mean() for head, loss in losses.items()}


def mix(labels: dict[str, Tensor], teacher: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Losses by head of which a share comes from the teacher; heads it lacks stay as they are."""
    return {
        head: (1 - share) * loss + share * teacher[head] if head in teacher else loss
        for head, loss in labels.items()
    }
