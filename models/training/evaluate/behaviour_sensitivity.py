"""Searches the behaviour network for layers to leave in fp32, and writes the record.

    python -m models.training.evaluate.behaviour_sensitivity runs/behaviour-fp32.onnx \\
        --output models/training/onnx/quantized_behaviour.json

It measures on training images, never on held-out ones. The record is what
`models.training.onnx.export_behaviour` quantizes by.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from models.training.evaluate.behaviour_data import sample
from models.training.evaluate.behaviour_precisions import LIMITS, changes, losses, scores
from models.training.evaluate.metrics import plain
from models.training.onnx.behaviour_runner import BehaviourRunner, Values
from models.training.onnx.export_behaviour import calibration_batches, head_nodes
from models.training.onnx.sensitivity import Sensitivity, search
from models.training.onnx.static_quantization import METHODS, node_names, quantize

COMMAND = "python -m models.training.evaluate.behaviour_sensitivity"


def measure(fp32: Path, images: int, method: str) -> Sensitivity:
    """Search the layers of an fp32 file by ``images`` training images of each dataset."""
    sets = sample(images)

    def values(path: Path) -> dict[str, Values]:
        network = BehaviourRunner(path)
        return {name: network(data["crop"]) for name, data in sets.items()}

    reference = values(fp32)
    judged = scores(reference, sets)
    with tempfile.TemporaryDirectory() as scratch:
        ranges = Path(scratch) / "ranges.json"

        def write(keep: Sequence[str], target: Path) -> None:
            batches = () if ranges.exists() else calibration_batches()
            quantize(fp32, target, batches, keep_float=keep, method=method, ranges=ranges)

        return search(
            node_names(fp32, "Conv"),
            write,
            change=lambda path: changes(reference, values(path)),
            loss=lambda path: losses(judged, scores(values(path), sets)),
            always=head_nodes(fp32),
        )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fp32", type=Path, help="ONNX file of the behaviour network")
    parser.add_argument("--output", type=Path, required=True, help="the record, JSON")
    parser.add_argument("--images", type=int, default=512, help="of each dataset")
    parser.add_argument("--method", default="percentile", choices=sorted(METHODS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(options.fp32, options.images, options.method)
    record: dict[str, Any] = {
        "command": f"{COMMAND} FP32 --images {options.images}",
        "data": "training images of each dataset, not augmented",
        "limits": LIMITS,
        **asdict(found),
    }
    options.output.write_text(json.dumps(plain(record), indent=1) + "\n")
    print(f"left in fp32: {', '.join(found.keep)}")


if __name__ == "__main__":
    main()
