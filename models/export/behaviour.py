"""Writes the behaviour network of a checkpoint as an INT8 ONNX file with all its metadata.

    python -m models.export.behaviour --name second

The heads, 1x1 convolutions on one cell, stay in float: they cost nothing, and landmarks want
finer steps than 8 bits give. Activations (softmax, ...) are not in the graph, see `mien.head.*`.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from models.corpora.paths import REPOSITORY, require
from models.corpora.teacher_mesh import CORPORA
from models.export.metadata import write_metadata
from models.networks.behaviour import BORDER, HEADS, MEAN, SIZE, STD, TEMPLATE, BehaviourNet
from models.quantize.static import quantize
from models.train.behaviour import Crops, checkpoint_path, normalize

TARGET = REPOSITORY / "models" / "packs" / "default" / "behaviour.onnx"
NAME = "BehaviourNet"
VERSION = "1.0.0"
# The network's own licence; what its training data allow is told in the card.
LICENSE = "Apache-2.0 (weights learned from non-commercial research data, see the model card)"
CALIBRATION = 256


class _Ordered(nn.Module):
    """The network with its heads as a tuple, in the order of HEADS."""

    def __init__(self, network: BehaviourNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs = self.network(x)
        return tuple(outputs[head.name] for head in HEADS)


def metadata(name: str = NAME, version: str = VERSION) -> dict[str, object]:
    """Every key the engine needs to run the file, see `infer/`."""
    values: dict[str, object] = {
        "mien.format": 1,
        "mien.role": "behaviour",
        "mien.name": name,
        "mien.version": version,
        "mien.license": LICENSE,
        "mien.input.name": "input",
        "mien.input.color": "rgb",
        "mien.input.mean": MEAN,
        "mien.input.std": STD,
        "mien.input.size": SIZE,
        "mien.input.border": BORDER,
        "mien.input.template": ";".join(f"{x},{y}" for x, y in TEMPLATE),
        "mien.heads": [head.name for head in HEADS],
    }
    for head in HEADS:
        prefix = f"mien.head.{head.name}."
        values[prefix + "columns"] = head.columns
        values[prefix + "activation"] = head.activation
        values[prefix + "scale"] = head.scale
        values[prefix + "offset"] = head.offset
        values[prefix + "unit"] = head.unit
        values[prefix + "range"] = head.range
    return values


def load_network(checkpoint: Path) -> BehaviourNet:
    """The averaged weights of a checkpoint, ready to run."""
    state = torch.load(require(checkpoint, "checkpoint"), weights_only=True)
    network = BehaviourNet()
    network.load_state_dict(state["average"])
    return network.eval()


def export_float(network: BehaviourNet, path: Path) -> None:
    """fp32 ONNX file, batch axis dynamic, batch normalization folded."""
    names = [head.name for head in HEADS]
    with warnings.catch_warnings():
        # The newer exporter needs a package more and gives the quantizer nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            _Ordered(network).eval(),
            (torch.zeros(1, 3, SIZE, SIZE),),
            str(path),
            input_names=["input"],
            output_names=names,
            dynamic_axes={name: {0: "batch"} for name in ["input", *names]},
            opset_version=17,
            dynamo=False,
        )
    write_metadata(path, metadata())


def head_nodes(path: Path) -> list[str]:
    """Names of the head convolutions in an fp32 file."""
    graph = onnx.load(str(path)).graph
    weights = {f"network.heads.{head.name}.weight" for head in HEADS}
    nodes = [n.name for n in graph.node if n.op_type == "Conv" and n.input[1] in weights]
    if len(nodes) != len(HEADS):
        raise RuntimeError(f"{path}: wanted {len(HEADS)} head convolutions, found {nodes}")
    return nodes


def calibration_batches(count: int = CALIBRATION, batch: int = 16) -> Iterator[np.ndarray]:
    """Training crops, augmented as in training, as network input."""
    dataset = Crops(tuple(CORPORA), training=True)
    rows = np.random.default_rng(0).permutation(len(dataset))[:count]
    for start in range(0, count, batch):
        stack = np.stack([dataset[int(i)]["crop"] for i in rows[start : start + batch]])
        yield np.ascontiguousarray(normalize(torch.from_numpy(stack)).numpy())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="second", help="of the checkpoint")
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--float", type=Path, default=None, help="keep the fp32 file here")
    parser.add_argument("--method", default="percentile", help="minmax, percentile or entropy")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        source = args.float or Path(scratch) / "float.onnx"
        export_float(load_network(checkpoint_path(args.name)), source)
        args.output.parent.mkdir(parents=True, exist_ok=True)
        quantize(
            source,
            args.output,
            calibration_batches(),
            keep_float=head_nodes(source),
            method=args.method,
        )
    print(f"{args.output}: {args.output.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
