"""Labels the expressions of every picture by a network: soft labels for the next training.

python -m models.train.annotate models/configs/behaviour-fast.toml fast-first
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from models.corpora.behaviour_set import Crops
from models.corpora.behaviour_targets import annotation_path
from models.networks.behaviour import EXPRESSIONS
from models.train.checkpoint import averaged_weights
from models.train.config import Config, read
from models.train.watch import predict


def annotate(config: Config, checkpoint: str, device: str = "cpu") -> None:
    """Write expression probabilities (N, 7) of every picture of the configuration's corpora."""
    network = config.build().to(device, memory_format=torch.channels_last)
    network.load_state_dict(averaged_weights(checkpoint))
    for corpus in config.corpora:
        results = predict(network, Crops((corpus,), False, part="everything"))
        np.save(annotation_path(corpus), results["out_expression"])
        mean = results["out_expression"].mean(0)
        text = " ".join(f"{e} {p:.3f}" for e, p in zip(EXPRESSIONS, mean, strict=True))
        print(f"{corpus}: {len(results['human'])} pictures, on average {text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("checkpoint", help="name of the network that labels")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    annotate(read(args.config), args.checkpoint, args.device)


if __name__ == "__main__":
    main()
