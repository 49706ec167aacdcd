"""Labels the expressions of every image by a network: soft labels for the next stage.

python -m models.training.train.soft_labels models/training/configs/behaviour-fast.toml fast-first
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from models.training.datasets.behaviour_set import Crops
from models.training.datasets.behaviour_targets import annotation_path
from models.training.networks.behaviour import EXPRESSIONS
from models.training.train.behaviour import initial_network
from models.training.train.behaviour_config import BehaviourConfig, read
from models.training.train.behaviour_validation import predict


def annotate(config: BehaviourConfig, checkpoint: str, device: str = "cpu") -> None:
    """Write expression probabilities (N, 7) of every image of the configuration's datasets."""
    network = initial_network(config, checkpoint).to(device, memory_format=torch.channels_last)
    for dataset in config.datasets:
        results = predict(network, Crops((dataset,), False, part="everything"))
        np.save(annotation_path(dataset), results["out_expression"])
        mean = results["out_expression"].mean(0)
        text = " ".join(f"{e} {p:.3f}" for e, p in zip(EXPRESSIONS, mean, strict=True))
        print(f"{dataset}: {len(results['human'])} images, on average {text}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("checkpoint", help="name of the network that labels, or its ONNX file")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    annotate(read(args.config), args.checkpoint, args.device)


if __name__ == "__main__":
    main()
