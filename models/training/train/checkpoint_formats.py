"""Reading checkpoints, those of earlier versions too.

A checkpoint of format 2 holds ``network``, ``ema``, ``ema_steps``, ``optimizer``, ``progress``,
``patience``, ``rounds`` and ``config`` (JSON). Earlier ones differed from network to network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from models.training.datasets.paths import require

FORMAT = 2
RENAMED = {"average": "ema", "epoch": "rounds", "arguments": "config"}


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint as one of format 2.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    """
    state = torch.load(require(path, "checkpoint"), weights_only=True, map_location="cpu")
    return state if "format" in state else _upgraded(state)


def _upgraded(state: dict[str, Any]) -> dict[str, Any]:
    new = {RENAMED.get(key, key): value for key, value in state.items()}
    if "clock" in state:  # of a behaviour network
        new |= {"progress": state["clock"], "ema_steps": state["steps"]}
    elif "step" in state:  # of a detector
        new["progress"] = {"steps": state["step"], "value": state["progress"]}
        new["ema_steps"] = state.get("averaged", state["step"])
    if "width" in state:  # of a detector, before there were configuration files
        network = {"backbone": "tiny", "width": state["width"], "pyramid": state["pyramid"]}
        new["config"] = json.dumps({"network": network})
    return new
