"""Detector recipe: priors and output agree, the loss can be learnt, files are what they say."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11's tomllib")

PACK = Path(__file__).resolve().parents[2] / "models" / "packs" / "default"


def test_pack_hashes_match_files() -> None:
    details = tomllib.loads((PACK / "pack.toml").read_text())
    assert details["format"] == 1
    section = details["localization"]
    content = (PACK / section["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == section["sha256"]
    assert sum(path.stat().st_size for path in PACK.iterdir()) < 15e6


def test_pack_file_agrees_with_its_metadata() -> None:
    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    session = ort.InferenceSession(
        str(PACK / "localization.onnx"), providers=["CPUExecutionProvider"]
    )
    keys = session.get_modelmeta().custom_metadata_map
    assert keys["mien.role"] == "localization"
    strides = [int(v) for v in keys["mien.localization.strides"].split(",")]
    sizes = [group.split(",") for group in keys["mien.localization.min_sizes"].split(";")]
    rng = np.random.default_rng(0)
    for height, width in ((192, 320), (320, 96)):
        wanted = sum(
            (height // stride) * (width // stride) * len(group)
            for stride, group in zip(strides, sizes, strict=True)
        )
        tensor = rng.standard_normal((3, 3, height, width)).astype(np.float32)
        together = session.run(["scores", "boxes", "points"], {"input": tensor})
        assert [out.shape for out in together] == [
            (3, wanted),
            (3, wanted, 4),
            (3, wanted, 10),
        ]
        alone = session.run(["scores", "boxes", "points"], {"input": tensor[1:2]})
        for whole, part in zip(together, alone, strict=True):
            np.testing.assert_array_equal(whole[1], part[0])


def test_metadata_round_trip(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    from models.training.onnx.metadata import read_metadata, write_metadata

    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    node = helper.make_node("Relu", ["input"], ["output"])
    value = [helper.make_tensor_value_info(name, kind, [1]) for name in ("input", "output")]
    graph = helper.make_graph([node], "one", value[:1], value[1:])
    path = tmp_path / "one.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), str(path))
    write_metadata(path, {"mien.role": "localization", "mien.localization.strides": (8, 16)})
    write_metadata(path, {"mien.version": 2})
    assert read_metadata(path) == {
        "mien.role": "localization",
        "mien.localization.strides": "8,16",
        "mien.version": "2",
    }


def test_outputs_match_priors() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from models.training.networks.face_localization_net import FaceLocalizationNet
    from models.training.networks.priors import prior_boxes

    network = FaceLocalizationNet().eval()
    for height, width in ((192, 320), (64, 96)):
        count = len(prior_boxes(height, width))
        scores, boxes, points = network(torch.zeros(2, 3, height, width))
        assert scores.shape == (2, count)
        assert boxes.shape == (2, count, 4)
        assert points.shape == (2, count, 10)


def test_priors_are_ordered_by_stride_row_column_anchor() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from models.training.networks.priors import prior_boxes

    priors = prior_boxes(64, 96).numpy()
    assert priors[:4].tolist() == [[4, 4, 16], [4, 4, 32], [12, 4, 16], [12, 4, 32]]
    assert priors[2 * 12].tolist() == [4, 12, 16]
    assert priors[-1].tolist() == [80, 48, 512]


def test_decode_inverts_encode() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from models.training.networks.priors import decode, encode, prior_boxes

    priors = prior_boxes(64, 64)
    low = torch.rand(len(priors), 2) * 50
    boxes, points = (
        torch.cat([low, low + 5 + torch.rand_like(low) * 40], 1),
        torch.rand(len(priors), 10) * 64,
    )
    again = decode(priors, *encode(priors, boxes, points))
    torch.testing.assert_close(again[0], boxes, atol=1e-3, rtol=0)
    torch.testing.assert_close(again[1], points, atol=1e-3, rtol=0)


def test_loss_falls_on_one_batch() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from models.training.losses.multibox import assign, multibox_loss
    from models.training.networks.face_localization_net import FaceLocalizationNet
    from models.training.networks.priors import prior_boxes

    torch.manual_seed(0)
    torch.set_num_threads(1)
    images = torch.randn(4, 3, 64, 64) * 0.1
    faces = torch.full((4, 1, 16), -1.0)
    for row, corner in enumerate((4, 10, 20, 26)):
        images[row, :, corner : corner + 30, corner : corner + 30] += 1.5
        faces[row, 0] = torch.tensor(
            [1.0, *[corner] * 2, *[corner + 30] * 2, *[corner + 15] * 10, 1.0]
        )
    network, priors = FaceLocalizationNet(width=8, pyramid=16).train(), prior_boxes(64, 64)
    targets = assign(priors, faces)
    assert (targets.score.amax(1) == 1).all()
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    losses = []
    for _ in range(25):
        loss, _ = multibox_loss(network(images), targets, priors)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_doubtful_faces_are_neither_face_nor_background() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from models.training.losses.multibox import assign
    from models.training.networks.priors import prior_boxes

    priors = prior_boxes(64, 64)
    face = torch.tensor([[[0.0, 10, 10, 42, 42, *[26] * 10, 1.0]]])
    targets = assign(priors, face)
    assert not targets.score.any()
    assert not targets.matched.any()
    assert (targets.weight == 0).any()
    assert (targets.weight == 1).any()


def test_mirrored_faces_keep_the_viewers_order() -> None:
    pytest.importorskip("cv2", reason="opencv is not installed")
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    pytest.importorskip("torch", reason="torch is not installed")
    from models.training.datasets.composite_faces import turn_faces

    points = [3.0, 4, 7, 4, 5, 6, 3, 8, 7, 8]
    face = np.array([[1.0, 2, 2, 8, 9, *points, 1.0]], np.float32)
    mirrored = turn_faces(face, np.array([[-1.0, 0, 10], [0, 1, 0]]))
    np.testing.assert_allclose(mirrored[0, 5:15], points)
    np.testing.assert_allclose(mirrored[0, 1:5], [2, 2, 8, 9])
