"""Writes the detector of a checkpoint as ONNX files with all their metadata.

    python -m models.training.onnx.export_detector RUN/last.pt localization.onnx

Writes the INT8 form of the network, calibrated on composites of the training images, and its fp32
(``--fp32``) and fp16 forms (``--fp16``); all carry the metadata that the engine reads.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from models.training.datasets.composer import Composer
from models.training.datasets.faces import load
from models.training.networks.face_localization_net import (
    MEAN,
    STD,
    FaceLocalizationNet,
    build_network,
)
from models.training.networks.priors import VARIANCES, Grid
from models.training.networks.retinaface import RetinaFace
from models.training.onnx.fp16 import convert_to_fp16
from models.training.onnx.metadata import write_metadata
from models.training.onnx.static_quantization import quantize
from models.training.train.checkpoint_formats import read_checkpoint

MAX_SIDE = 320
NMS_IOU = 0.4


def metadata(grid: Grid, version: str, threshold: float) -> dict[str, object]:
    """Metadata of the `localization` role, for a network whose priors lie on ``grid``."""
    return {
        "mien.format": 1,
        "mien.role": "localization",
        "mien.name": "FaceLocalizationNet",
        "mien.version": version,
        "mien.license": "Apache-2.0",
        "mien.precision": "fp32",
        "mien.input.name": "input",
        "mien.input.color": "rgb",
        "mien.input.mean": MEAN,
        "mien.input.std": STD,
        "mien.input.multiple": grid.multiple,
        "mien.input.max_side": MAX_SIDE,
        "mien.input.border": 114,
        "mien.localization.strides": grid.strides,
        "mien.localization.min_sizes": ";".join(
            ",".join(map(str, sizes)) for sizes in grid.min_sizes
        ),
        "mien.localization.variances": VARIANCES,
        "mien.localization.score_threshold": threshold,
        "mien.localization.nms_iou": NMS_IOU,
    }


def load_checkpoint(path: str | Path) -> FaceLocalizationNet | RetinaFace:
    """The averaged network of a training checkpoint, in evaluation mode."""
    state = read_checkpoint(Path(path))
    network = build_network(**json.loads(state["config"])["network"])
    network.load_state_dict(state["ema"])
    return network.eval()


def export_fp32(network: nn.Module, path: str | Path) -> None:
    """Write the network as ONNX, opset 17, with free batch, height and width."""
    outputs = ("scores", "boxes", "points")
    axes = {"input": {0: "batch", 2: "height", 3: "width"}} | {
        o: {0: "batch", 1: "priors"} for o in outputs
    }
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, 192, 320),),
        str(path),
        input_names=["input"],
        output_names=list(outputs),
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


def float_nodes(path: str | Path, heads: bool = True) -> list[str]:
    """Nodes that stay in fp32: the first convolution with its ReLU, the last ones and what follows.

    Three input channels have no fast 8-bit kernel, and the input need not be rounded. Scores, boxes
    and points leave the last convolutions through one tensor: rounded to 8 bits there they would
    share one scale, coarse enough to move a large face's points by pixels. ``heads`` False gives
    the last convolutions up, not what follows them.
    """
    nodes = onnx.load(str(path), load_external_data=False).graph.node
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    first = readers["input"][0]
    kept = [first.name, *(n.name for n in readers[first.output[0]] if n.op_type == "Relu")]
    ends: dict[str, bool] = {}  # tensor: no convolution reads what is made of it
    for node in reversed(nodes):
        last = all(ends.get(name, True) for name in node.output)
        if last and (heads or node.op_type != "Conv"):
            kept.append(node.name)
        for name in node.input:
            ends[name] = ends.get(name, True) and last and node.op_type != "Conv"
    return kept


def calibration(count: int, seed: int = 7) -> Iterator[np.ndarray]:
    """Preprocessed composites (4, 3, 320, 320) of the training images."""
    rng = np.random.default_rng(seed)
    composer = Composer([load("lfw", held_out=False), load("utkface", held_out=False)], [0.7, 0.3])
    mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)
    for _ in range(count):
        images = np.stack([composer.compose(rng, 320, 320)[0] for _ in range(4)])
        yield np.ascontiguousarray(((images - mean) / std).transpose(0, 3, 1, 2), dtype=np.float32)


@dataclass(frozen=True)
class Targets:
    """Files to write: the INT8 form, and on request the fp32 and fp16 forms."""

    int8: Path
    fp32: Path | None = None
    fp16: Path | None = None


def write_files(
    network: nn.Module,
    keys: Mapping[str, object],
    targets: Targets,
    calibrate: Callable[[], Iterable[np.ndarray]],
    *,
    float_heads: bool = True,
    method: str = "minmax",
) -> None:
    """Write the forms of a network with their metadata.

    Parameters
    ----------
    network : Module
        In evaluation mode.
    keys : mapping
        Metadata, see `metadata`.
    targets : Targets
        Where to.
    calibrate : callable
        Gives preprocessed input, float32 (N, 3, H, W) each time, anew at every call.
    float_heads, method
        As `float_nodes` and `quantize` take them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        fp32 = targets.fp32 or Path(scratch) / "fp32.onnx"
        export_fp32(network, fp32)
        write_metadata(fp32, keys)
        if targets.fp16:
            convert_to_fp16(fp32, targets.fp16, batches=calibrate())
        kept = float_nodes(fp32, heads=float_heads)
        quantize(fp32, targets.int8, calibrate(), keep_float=kept, method=method)
    print(f"{targets.int8}: {targets.int8.stat().st_size} bytes")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path, help="INT8 ONNX file to write")
    parser.add_argument("--fp32", type=Path, help="also keep the fp32 file here")
    parser.add_argument("--fp16", type=Path, help="also write the fp16 file, for GPUs, here")
    parser.add_argument(
        "--threshold", type=float, default=0.5, help="score threshold in the metadata"
    )
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument(
        "--batches", type=int, default=48, help="calibration batches of four composites"
    )
    parser.add_argument("--method", default="minmax", choices=("minmax", "percentile", "entropy"))
    parser.add_argument(
        "--int8-heads", action="store_true", help="quantize the last convolutions too"
    )
    options = parser.parse_args()
    network = load_checkpoint(options.checkpoint)
    write_files(
        network,
        metadata(network.grid, options.version, options.threshold),
        Targets(options.target, options.fp32, options.fp16),
        lambda: calibration(options.batches),
        float_heads=not options.int8_heads,
        method=options.method,
    )


if __name__ == "__main__":
    main()
