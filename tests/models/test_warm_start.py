"""A network with an ONNX file's weights gives the file's outputs, in both modes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")
pytest.importorskip("onnx", reason="needs onnx")
ort = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from models.training.networks.face_localization_net import build_network
from models.training.networks.warm_start import load_folded, renormalize

PACK = Path(__file__).resolve().parents[2] / "models" / "packs" / "default"


def test_network_is_that_of_the_file() -> None:
    path = PACK / "localization.fp16.onnx"
    network = build_network()
    load_folded(network, path)
    images = torch.randn(2, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    wanted = session.run(["scores", "boxes", "points"], {"input": images.numpy()})
    with torch.no_grad():
        before = network.eval()(images)
        for ours, theirs in zip(before, wanted, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs, atol=0.05)
        renormalize(network, images)
        for now, then in zip(network.eval()(images), before, strict=True):
            torch.testing.assert_close(now, then, atol=1e-3, rtol=1e-3)
        trained = network.train()(images)  # these images' own statistics: nearly the same
        for now, then in zip(trained, before, strict=True):
            torch.testing.assert_close(now, then, atol=0.05, rtol=0.05)


def test_eight_bit_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="no float weights of"):
        load_folded(build_network(), PACK / "localization.onnx")


def test_behaviour_network_is_that_of_its_file() -> None:
    from models.training.networks import behaviour

    path = PACK / "behaviour.fp16.onnx"
    network = behaviour.build_network().eval()
    load_folded(network, path, [f"heads.{head.name}" for head in behaviour.HEADS])
    images = torch.randn(2, 3, 112, 112, generator=torch.Generator().manual_seed(0))
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [head.name for head in behaviour.HEADS]
    wanted = session.run(names, {"input": images.numpy()})
    with torch.no_grad():
        ours = network(images)
    for name, value in zip(names, wanted, strict=True):
        np.testing.assert_allclose(ours[name].numpy(), value, atol=0.05)
