"""Metrics of the behaviour network on images it does not learn from, while it trains."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from models.training.datasets import unit_signals
from models.training.datasets.sampling import loader
from models.training.losses.behaviour import behaviour_losses, total
from models.training.networks.behaviour import HEADS, activate, normalize

EQUAL_SHARES = torch.ones(3)


def masks_of(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Per-head weights of a batch of `Crops`."""
    masks = {head.name: batch["mask_found"] for head in HEADS}
    own = ("expression", "affect", "gaze", "action_units")
    return masks | {head: batch["mask_" + head] for head in own}


@torch.no_grad()
def predict(
    network: nn.Module, dataset: Dataset, batch: int = 128, workers: int = 1
) -> dict[str, np.ndarray]:
    """Raw outputs (`raw_`), values (`out_`) of every head and all of the set's arrays, stacked."""
    network.eval()
    device = next(network.parameters()).device
    values: dict[str, list[np.ndarray]] = {}
    for data in loader(dataset, batch, workers=workers):
        crop = normalize(data.pop("crop").to(device)).to(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            outputs = network(crop)
        raw = {k: v.float().cpu() for k, v in outputs.items()}
        named = {"raw_" + k: v for k, v in raw.items()}
        named |= {"out_" + k: v for k, v in activate(raw).items()}
        for key, value in (named | data).items():
            values.setdefault(key, []).append(value.numpy())
    return {key: np.concatenate(value) for key, value in values.items()}


def loss_of(
    results: dict[str, np.ndarray], weights: dict[str, float], matched: torch.Tensor, error: str
) -> float:
    """The training loss of `predict`'s answer, the affect loss's parts sharing equally."""
    tensors = {k: torch.from_numpy(v) for k, v in results.items()}
    raw = {head.name: tensors["raw_" + head.name] for head in HEADS}
    losses = behaviour_losses(raw, tensors, masks_of(tensors), matched, EQUAL_SHARES, error)
    return float(total(losses, weights))


def summary(results: dict[str, np.ndarray]) -> dict[str, float]:
    """Accuracy, landmark error (NME), angles (degrees) and mean r of the units."""
    human, found = results["human"], results["mask_found"] > 0
    known = human >= 0
    out = {}
    if known.any():
        out["accuracy"] = float((results["out_expression"].argmax(1) == human)[known].mean())
    xy = [results[k][found].reshape(-1, 2, 68) for k in ("out_landmarks", "landmarks")]
    apart = np.linalg.norm(xy[1][:, :, 36:42].mean(2) - xy[1][:, :, 42:48].mean(2), axis=1)
    error = np.linalg.norm(xy[0] - xy[1], axis=1).mean(1)
    out["nme"] = float((error / apart).mean())
    for head in ("pose", "gaze"):
        miss = np.abs(results["out_" + head] - results[head])[found]
        out[head + "_deg"] = float(np.degrees(miss.mean()))
    # Units that are partly made of expressions would measure the expressions again.
    seen = unit_signals.reliably_supervised()
    pairs = [results[k][found][:, seen].T for k in ("out_action_units", "action_units")]
    out["au_r"] = float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(*pairs, strict=True)]))
    return {k: round(v, 4) for k, v in out.items()}
