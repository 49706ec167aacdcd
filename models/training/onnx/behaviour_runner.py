"""Runs a behaviour network's ONNX file as its own metadata describe it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.training.onnx.metadata import read_metadata
from models.training.onnx.quantized_input import takes_bytes, to_bytes
from models.training.onnx.session import cpu_session

Values = dict[str, np.ndarray]
"""Head to values (N, K) in the head's unit."""


class BehaviourRunner:
    """A behaviour network's ONNX file on one thread of ONNX Runtime's CPU provider.

    Parameters
    ----------
    path : str or Path
        An ONNX file of any precision, with the metadata of the `behaviour` role.

    Attributes
    ----------
    metadata : dict of str to str
        The file's metadata.
    heads : list of str
        Names of the outputs.
    size : int
        Side of the crop, pixels.
    """

    def __init__(self, path: str | Path) -> None:
        self.session = cpu_session(path)
        self.metadata = read_metadata(path)
        self.heads = self.metadata["mien.heads"].split(",")
        self.size = int(self.metadata["mien.input.size"])
        self._mean, self._std = (
            np.array(self.metadata[f"mien.input.{key}"].split(","), np.float32)
            for key in ("mean", "std")
        )

    def tensor(self, images: np.ndarray) -> np.ndarray:
        """Convert uint8 crops (N, S, S, 3) to the network's input.

        Returns
        -------
        ndarray
            (N, 3, S, S) float32, or the uint8 blocks of `quantized_input` where the file takes
            those.
        """
        scaled = (images.astype(np.float32) - self._mean) / self._std
        floats = np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
        return to_bytes(floats, self.metadata) if takes_bytes(self.metadata) else floats

    def raw(self, tensor: np.ndarray) -> Values:
        """Outputs (N, K) of every head before activation, scale and offset."""
        outputs = self.session.run(self.heads, {self.metadata["mien.input.name"]: tensor})
        return dict(zip(self.heads, outputs, strict=True))

    def __call__(self, images: np.ndarray, batch: int = 16) -> Values:
        """Values (N, K) float64 of every head for uint8 RGB crops (N, S, S, 3)."""
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


def batch_independent(network: BehaviourRunner, images: np.ndarray) -> bool:
    """Whether every output of up to 16 crops is bit for bit the same alone and in a batch.

    Parameters
    ----------
    network : BehaviourRunner
        The network to run.
    images : ndarray
        Crops (N, S, S, 3) uint8; the first 16 are used.
    """
    tensor = network.tensor(images[:16])
    together = network.raw(tensor)
    alone = [network.raw(tensor[row : row + 1]) for row in range(len(tensor))]
    return all(
        np.array_equal(together[h], np.concatenate([a[h] for a in alone])) for h in network.heads
    )
