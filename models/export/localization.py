"""Checkpoint to ONNX: ``python -m models.export.localization RUN/last.pt localization.onnx``.

Writes the fp32 network (``--fp32``) and its INT8 form, calibrated on canvases of the training
pictures; both carry the metadata that the engine reads.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch

from models.corpora.augment_localization import Composer
from models.corpora.faces import load
from models.export.metadata import write_metadata
from models.networks.localization import MEAN, STD, FaceLocalizationNet
from models.networks.priors import MIN_SIZES, STRIDES, VARIANCES
from models.quantize.static import quantize

MAX_SIDE = 320
NMS_IOU = 0.4
# Three input channels have no fast 8-bit kernel, and the input need not be rounded.
FLOAT_NODES = ("/stem/stem.0/stem.0.0/Conv", "/stem/stem.0/stem.0.2/Relu")
FLOAT_HEADS = tuple(f"/head.{level}/Conv" for level in range(3))


def metadata(version: str, threshold: float) -> dict[str, object]:
    """The keys of the localization contract."""
    return {
        "mien.format": 1,
        "mien.role": "localization",
        "mien.name": "FaceLocalizationNet",
        "mien.version": version,
        "mien.license": "Apache-2.0",
        "mien.input.name": "input",
        "mien.input.color": "rgb",
        "mien.input.mean": MEAN,
        "mien.input.std": STD,
        "mien.input.multiple": 32,
        "mien.input.max_side": MAX_SIDE,
        "mien.input.border": 114,
        "mien.localization.strides": STRIDES,
        "mien.localization.min_sizes": ";".join(",".join(map(str, sizes)) for sizes in MIN_SIZES),
        "mien.localization.variances": VARIANCES,
        "mien.localization.score_threshold": threshold,
        "mien.localization.nms_iou": NMS_IOU,
    }


def load_checkpoint(path: str | Path) -> FaceLocalizationNet:
    """The averaged network of a training checkpoint, in evaluation mode."""
    state = torch.load(path, weights_only=True, map_location="cpu")
    network = FaceLocalizationNet(state["width"], state["pyramid"])
    network.load_state_dict(state["average"])
    return network.eval()


def export_fp32(network: FaceLocalizationNet, path: str | Path) -> None:
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


def calibration(count: int, seed: int = 7) -> Iterator[np.ndarray]:
    """Preprocessed canvases (4, 3, 320, 320) of the training pictures."""
    rng = np.random.default_rng(seed)
    composer = Composer([load("lfw", held_out=False), load("utkface", held_out=False)], [0.7, 0.3])
    mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)
    for _ in range(count):
        pictures = np.stack([composer.canvas(rng, 320, 320)[0] for _ in range(4)])
        yield np.ascontiguousarray(
            ((pictures - mean) / std).transpose(0, 3, 1, 2), dtype=np.float32
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path, help="INT8 ONNX file to write")
    parser.add_argument("--fp32", type=Path, help="also keep the fp32 file here")
    parser.add_argument(
        "--threshold", type=float, default=0.5, help="score threshold in the metadata"
    )
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument(
        "--batches", type=int, default=48, help="calibration batches of four canvases"
    )
    parser.add_argument("--method", default="minmax", choices=("minmax", "percentile", "entropy"))
    parser.add_argument(
        "--int8-heads", action="store_true", help="quantize the last convolutions too"
    )
    options = parser.parse_args()
    keep = FLOAT_NODES if options.int8_heads else FLOAT_NODES + FLOAT_HEADS
    with tempfile.TemporaryDirectory() as scratch:
        fp32 = options.fp32 or Path(scratch) / "fp32.onnx"
        export_fp32(load_checkpoint(options.checkpoint), fp32)
        present = {node.name for node in onnx.load(str(fp32)).graph.node}
        if missing := set(keep) - present:
            raise RuntimeError(
                f"export: nodes to keep in fp32 are not in the graph: {sorted(missing)}"
            )
        write_metadata(fp32, metadata(options.version, options.threshold))
        quantize(
            fp32,
            options.target,
            calibration(options.batches),
            keep_float=keep,
            method=options.method,
        )
    print(f"{options.target}: {options.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
