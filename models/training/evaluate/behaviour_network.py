"""A behaviour network file, run as its own metadata say: what evaluation and quantization judge."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

from models.training.onnx.metadata import read_metadata
from models.training.onnx.quantized_input import takes_bytes, to_bytes

Values = dict[str, np.ndarray]
"""Head to values (N, K) in the head's unit."""


class Network:
    """An ONNX behaviour network on one thread of ONNX Runtime's CPU provider."""

    def __init__(self, path: str | Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.metadata = read_metadata(path)
        self.heads = self.metadata["mien.heads"].split(",")
        self.size = int(self.metadata["mien.input.size"])
        self._mean, self._std = (
            np.array(self.metadata[f"mien.input.{key}"].split(","), np.float32)
            for key in ("mean", "std")
        )

    def tensor(self, images: np.ndarray) -> np.ndarray:
        """uint8 crops (N, S, S, 3) as the network's input: floats (N, 3, S, S), or its bytes."""
        scaled = (images.astype(np.float32) - self._mean) / self._std
        floats = np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
        return to_bytes(floats, self.metadata) if takes_bytes(self.metadata) else floats

    def raw(self, tensor: np.ndarray) -> Values:
        """Outputs before activation, scale and offset."""
        outputs = self.session.run(self.heads, {self.metadata["mien.input.name"]: tensor})
        return dict(zip(self.heads, outputs, strict=True))

    def __call__(self, images: np.ndarray, batch: int = 16) -> Values:
        """Values of uint8 crops (N, S, S, 3)."""
        parts = [
            self.raw(self.tensor(images[start : start + batch]))
            for start in range(0, len(images), batch)
        ]
        stacked = {h: np.concatenate([p[h] for p in parts]).astype(np.float64) for h in self.heads}
        return {head: self._value(head, output) for head, output in stacked.items()}

    def _value(self, head: str, output: np.ndarray) -> np.ndarray:
        key = f"mien.head.{head}."
        value = _activated(output, self.metadata[key + "activation"])
        return value * float(self.metadata[key + "scale"]) + float(self.metadata[key + "offset"])


def _activated(x: np.ndarray, kind: str) -> np.ndarray:
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-x))
    if kind == "softmax":
        powers = np.exp(x - x.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)
    if kind == "tanh":
        return np.tanh(x)
    if kind != "identity":
        raise ValueError(f"unknown activation {kind!r}")
    return x


def batch_independent(network: Network, images: np.ndarray) -> bool:
    """Whether every output of up to 16 crops is bit for bit the same alone and together."""
    tensor = network.tensor(images[:16])
    together = network.raw(tensor)
    alone = [network.raw(tensor[row : row + 1]) for row in range(len(tensor))]
    return all(
        np.array_equal(together[h], np.concatenate([a[h] for a in alone])) for h in network.heads
    )


def milliseconds(networks: dict[str, Network], runs: int = 300) -> dict[str, dict[str, float]]:
    """Time of one crop on one thread, networks taking turns so that they share the machine's moods.

    ``best`` is what the machine can do, ``median`` what it did.
    """
    random = np.random.default_rng(0)
    crop = {
        name: network.tensor(random.integers(0, 256, (1, network.size, network.size, 3), np.uint8))
        for name, network in networks.items()
    }
    taken: dict[str, list[float]] = {name: [] for name in networks}
    for _ in range(runs):
        for name, network in networks.items():
            start = time.perf_counter()
            network.raw(crop[name])
            taken[name].append(1e3 * (time.perf_counter() - start))
    return {n: {"best": min(t), "median": float(np.median(t))} for n, t in taken.items()}
