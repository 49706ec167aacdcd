"""Search for the layers that INT8 quantization harms, to be left in fp32.

Each layer is quantized alone, and what that changes in each head is measured. Then all are
quantized; while some head loses more than it may, the layer that alone changed that head most
goes back to fp32. `models.training.evaluate.behaviour_sensitivity` does so with the behaviour
network.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Write = Callable[[Sequence[str], Path], None]
"""Writes an INT8 file that leaves the named layers in fp32."""
Measure = Callable[[Path], dict[str, float]]
"""A metric for each head, of a file."""


@dataclass(frozen=True)
class Sensitivity:
    """What was found.

    Attributes
    ----------
    alone : dict
        Layer to head to change, when that layer alone is quantized.
    steps : list of dict
        How the search went: ``kept`` in fp32 so far, and each head's loss as a share of its limit.
    keep : list of str
        Layers to leave in fp32.
    """

    alone: dict[str, dict[str, float]]
    steps: list[dict[str, object]]
    keep: list[str]


def search(
    layers: Sequence[str],
    write: Write,
    change: Measure,
    loss: Measure,
    always: Sequence[str] = (),
) -> Sensitivity:
    """Find the layers to leave in fp32.

    Parameters
    ----------
    layers : sequence of str
        All layers that can be quantized.
    write : callable
        Writes an INT8 file with some layers in fp32.
    change : callable
        How much each head's outputs differ from fp32's, in any unit.
    loss : callable
        What each head loses against fp32 over what it may lose: at most 1 is good.
    always : sequence of str
        Layers in fp32 from the start, whatever they would change.
    """
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "trial.onnx"
        alone = {}
        for layer in layers:
            write([other for other in layers if other != layer], trial)
            alone[layer] = change(trial)
        keep, steps = list(always), []
        while True:
            write(keep, trial)
            losses = loss(trial)
            steps.append({"kept": list(keep), "losses": losses})
            head = max(losses, key=lambda name: losses[name])
            rest = [layer for layer in layers if layer not in keep]
            if losses[head] <= 1 or not rest:
                return Sensitivity(alone, steps, keep)
            keep.append(max(rest, key=lambda layer: alone[layer].get(head, 0.0)))


def read_keep(path: Path) -> list[str]:
    """Layers that a record leaves in fp32."""
    return [str(layer) for layer in json.loads(path.read_text())["keep"]]
