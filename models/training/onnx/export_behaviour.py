"""Writes the behaviour network of a checkpoint as ONNX files with all their metadata.

    python -m models.training.onnx.export_behaviour fast-finetune --output runs

Three forms: ``behaviour-fp32.onnx``, the reference; ``behaviour-fp16.onnx`` for GPUs; and
``behaviour-int8.onnx`` (QDQ, per-channel weights, calibrated on augmented training crops), whose
layers in fp32 are those of the record of `models.training.evaluate.behaviour_sensitivity`, and
which takes bytes (`models.training.onnx.quantized_input`).

The heads become one matrix product, which always stays in float: it costs next to nothing, where
six small convolutions with their changes of layout took a tenth of the network's time, and
landmarks want finer steps than 8 bits give. Activations (softmax, ...) are not in the graph, see
`mien.head.*`.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from models.training.datasets.behaviour_set import Crops
from models.training.datasets.paths import REPOSITORY
from models.training.datasets.teacher_mesh import DATASETS
from models.training.networks.behaviour import (
    BORDER,
    HEADS,
    MEAN,
    SIZE,
    STD,
    TEMPLATE,
    BehaviourNet,
    normalize,
)
from models.training.onnx.fp16 import convert_to_fp16
from models.training.onnx.metadata import write_metadata
from models.training.onnx.quantized_input import take_bytes
from models.training.onnx.sensitivity import read_keep
from models.training.onnx.static_quantization import METHODS, quantize
from models.training.train.behaviour_config import read
from models.training.train.checkpoint import checkpoint_path
from models.training.train.checkpoint_formats import read_checkpoint

NAME = "BehaviourNet"
VERSION = "1.2.0"
# The network's own licence; the card says what its training data allow.
LICENSE = "Apache-2.0 (weights learned from non-commercial research data, see the model card)"
CONFIG = REPOSITORY / "models" / "training" / "configs" / "behaviour-fast.toml"
RECORD = REPOSITORY / "models" / "training" / "onnx" / "quantized_behaviour.json"
PRECISIONS = ("fp32", "fp16", "int8")


class _Joined(nn.Module):
    """The network with all heads in one matrix product, split in the order of HEADS."""

    def __init__(self, network: BehaviourNet) -> None:
        super().__init__()
        self.network = network
        heads = [network.heads[head.name] for head in HEADS]
        self.widths = [head.out_channels for head in heads]
        self.heads = nn.Linear(heads[0].in_channels, sum(self.widths))
        with torch.no_grad():
            self.heads.weight.copy_(torch.cat([head.weight.flatten(1) for head in heads]))
            self.heads.bias.copy_(torch.cat([head.bias for head in heads]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.heads(self.network.features(x).flatten(1)).split(self.widths, 1)


def metadata(name: str = NAME, version: str = VERSION) -> dict[str, object]:
    """Every key the engine needs to run the file, see `infer/`."""
    values: dict[str, object] = {
        "mien.format": 1,
        "mien.role": "behaviour",
        "mien.name": name,
        "mien.version": version,
        "mien.license": LICENSE,
        "mien.precision": "fp32",
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


def load_network(checkpoint: Path, config: Path = CONFIG) -> BehaviourNet:
    """The averaged weights of a checkpoint in its configuration's network, ready to run."""
    network = read(config).build()
    network.load_state_dict(read_checkpoint(checkpoint)["ema"])
    return network.eval()


def export_float(
    network: BehaviourNet, path: Path, name: str = NAME, version: str = VERSION
) -> None:
    """fp32 ONNX file, batch axis dynamic, batch normalization folded."""
    names = [head.name for head in HEADS]
    with warnings.catch_warnings():
        # The newer exporter needs a package more and gives the quantizer nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            _Joined(network).eval(),
            (torch.zeros(1, 3, SIZE, SIZE),),
            str(path),
            input_names=["input"],
            output_names=names,
            dynamic_axes={name: {0: "batch"} for name in ["input", *names]},
            opset_version=17,
            dynamo=False,
        )
    write_metadata(path, metadata(name, version))


def head_nodes(path: Path) -> list[str]:
    """Names of the heads' matrix product and of what splits it, in an fp32 file."""
    graph = onnx.load(str(path)).graph
    nodes = [node for node in graph.node if node.op_type in ("Gemm", "Split")]
    if [node.op_type for node in nodes] != ["Gemm", "Split"]:
        found = [node.name for node in nodes]
        raise RuntimeError(f"{path}: wanted one matrix product of the heads, split; found {found}")
    return [node.name for node in nodes]


def calibration_batches(count: int = 256, batch: int = 16) -> Iterator[np.ndarray]:
    """Training crops, augmented as in training, as network input."""
    dataset = Crops(tuple(DATASETS), training=True)
    rows = np.random.default_rng(0).permutation(len(dataset))[:count]
    for start in range(0, len(rows), batch):
        stack = np.stack([dataset[int(i)]["crop"] for i in rows[start : start + batch]])
        yield np.ascontiguousarray(normalize(torch.from_numpy(stack)).numpy())


def export(network: BehaviourNet, folder: Path, keep: list[str], **options: str) -> dict[str, Path]:
    """Write all precisions into ``folder``.

    Parameters
    ----------
    keep : list of str
        Nodes that the INT8 form leaves in fp32.
    **options
        ``name`` and ``version`` of the metadata, ``method`` of calibration.

    Returns
    -------
    dict
        Precision to file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {precision: folder / f"behaviour-{precision}.onnx" for precision in PRECISIONS}
    method = options.pop("method", "percentile")
    export_float(network, files["fp32"], **options)
    heads = head_nodes(files["fp32"])
    convert_to_fp16(files["fp32"], files["fp16"], keep_float=heads, batches=calibration_batches())
    quantize(files["fp32"], files["int8"], calibration_batches(), keep_float=keep, method=method)
    take_bytes(files["int8"], files["int8"])
    return files


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", help="its name in the cache, or a file")
    parser.add_argument("--config", type=Path, default=CONFIG, help="that it was trained by")
    parser.add_argument("--output", type=Path, required=True, help="folder")
    parser.add_argument("--version", default=VERSION)
    parser.add_argument("--record", type=Path, default=RECORD, help="layers left in fp32")
    parser.add_argument("--method", default="percentile", choices=sorted(METHODS))
    args = parser.parse_args()
    torch.set_num_threads(1)
    named = Path(args.checkpoint)
    checkpoint = named if named.suffix == ".pt" else checkpoint_path(args.checkpoint)
    network = load_network(checkpoint, args.config)
    keep = read_keep(args.record)
    files = export(network, args.output, keep, version=args.version, method=args.method)
    for precision, path in files.items():
        print(f"{precision}: {path}: {path.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
