"""Localization networks of all sizes: priors, outputs, files that say what the engine needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from models.training.networks.backbones import ResNet50, load_backbone
from models.training.networks.face_localization_net import BACKBONES, build_network
from models.training.networks.priors import FIVE_LEVELS, THREE_LEVELS, prior_boxes

KEYS = {
    "mien.format",
    "mien.role",
    "mien.name",
    "mien.precision",
    "mien.version",
    "mien.license",
    "mien.input.name",
    "mien.input.color",
    "mien.input.mean",
    "mien.input.std",
    "mien.input.border",
    "mien.input.multiple",
    "mien.input.max_side",
    "mien.localization.strides",
    "mien.localization.min_sizes",
    "mien.localization.variances",
    "mien.localization.score_threshold",
    "mien.localization.nms_iou",
}


def test_priors_of_five_levels() -> None:
    assert FIVE_LEVELS.multiple == 64
    assert FIVE_LEVELS.min_sizes[0] == (16, 20.16, 25.4)
    assert FIVE_LEVELS.min_sizes[-1] == (256, 322.54, 406.37)
    priors = FIVE_LEVELS.priors(64, 128).numpy()
    cells = [(64 // s) * (128 // s) for s in FIVE_LEVELS.strides]
    assert len(priors) == 3 * sum(cells)
    np.testing.assert_allclose(priors[:4], [[2, 2, 16], [2, 2, 20.16], [2, 2, 25.4], [6, 2, 16]])
    np.testing.assert_allclose(priors[3 * cells[0]], [4, 4, 32])
    np.testing.assert_allclose(priors[-1], [96, 32, 406.37])


def test_three_levels_are_the_default() -> None:
    assert THREE_LEVELS.multiple == 32
    assert torch.equal(prior_boxes(64, 96), THREE_LEVELS.priors(64, 96))


@pytest.mark.parametrize(
    ("backbone", "levels"), [("mobilenet025", 3), ("mobilenet025", 5), ("resnet50", 5)]
)
def test_outputs_match_the_grid(backbone: str, levels: int) -> None:
    options = {"channels": 16} if backbone == "resnet50" else {}
    network = build_network(backbone, levels=levels, **options).eval()
    assert network.grid == (FIVE_LEVELS if levels == 5 else THREE_LEVELS)
    count = len(network.grid.priors(64, 128))
    with torch.no_grad():
        scores, boxes, points = network(torch.zeros(2, 3, 64, 128))
    assert scores.shape == (2, count)
    assert boxes.shape == (2, count, 4)
    assert points.shape == (2, count, 10)
    # One prior in a hundred holds a face, to begin with.
    assert torch.sigmoid(scores).median() == pytest.approx(0.01, abs=0.005)


def test_outputs_of_a_cell_stand_where_its_priors_do() -> None:
    """An image that differs in one corner changes what is said of priors there, most of all."""
    torch.manual_seed(0)
    network = build_network("mobilenet025").eval()
    image = torch.zeros(1, 3, 128, 256)
    changed = image.clone()
    changed[..., 100:, 230:] = 3.0
    with torch.no_grad():
        moved = (network(changed)[0] - network(image)[0]).abs()[0]
    finest = 3 * 32 * 64
    most = network.grid.priors(128, 256)[moved[:finest].topk(20).indices]
    assert (most[:, 0] > 200).all()
    assert (most[:, 1] > 80).all()


def test_unknown_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="backbone: wanted one of"):
        build_network("vgg")
    with pytest.raises(ValueError, match=r"levels: wanted one of \[3, 5\], got 4"):
        build_network("mobilenet025", levels=4)
    assert BACKBONES == ("tiny", "mobilenet025", "resnet50")


def test_a_backbone_can_start_from_a_state_dict() -> None:
    torch.manual_seed(1)
    theirs = ResNet50().state_dict()
    theirs |= {"fc.weight": torch.zeros(1000, 2048), "fc.bias": torch.zeros(1000)}
    network = build_network("resnet50", initial=theirs, channels=16, levels=3)
    torch.testing.assert_close(network.backbone.conv1.weight, theirs["conv1.weight"])
    assert sum(p.numel() for p in network.backbone.parameters()) == 23_508_032
    del theirs["conv1.weight"]
    with pytest.raises(RuntimeError, match=r"conv1\.weight"):
        load_backbone(network.backbone, theirs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("backbone", "levels"), [("tiny", 3), ("mobilenet025", 5)])
def test_exported_file_says_all_and_runs(backbone: str, levels: int, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("cv2", reason="opencv is not installed")
    pytest.importorskip("av", reason="av is not installed")
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    from models.training.onnx.detector_runner import DetectorRunner
    from models.training.onnx.export_detector import export_fp32, float_nodes, metadata
    from models.training.onnx.metadata import read_metadata, write_metadata

    torch.manual_seed(2)
    network = build_network(backbone, **({} if backbone == "tiny" else {"levels": levels})).eval()
    path = tmp_path / "untrained.onnx"
    export_fp32(network, path)
    write_metadata(path, metadata(network.grid, "0", 0.5))
    keys = read_metadata(path)
    assert set(keys) == KEYS
    assert len(keys["mien.localization.strides"].split(",")) == levels
    import onnx

    nodes = onnx.load(str(path)).graph.node
    kinds = {node.name: node.op_type for node in nodes}
    kept = [kinds[name] for name in float_nodes(path)]
    assert kept.count("Conv") == 1 + levels  # the first one, and each level's last
    assert kept.count("Relu") == 1
    # What brings the levels' answers together rounds nothing either, whatever becomes of the heads.
    ends = {"Transpose", "Reshape", "Concat"}
    assert ends <= set(kept)
    assert ends <= {kinds[name] for name in float_nodes(path, heads=False)}
    assert [kinds[name] for name in float_nodes(path, heads=False)].count("Conv") == 1

    detector = DetectorRunner(path)
    frame = np.random.default_rng(0).integers(0, 256, (100, 300, 3), np.uint8)
    assert detector.multiple == (64 if levels == 5 else 32)
    faces = detector(frame, 0.0)
    assert faces.shape[1] == 15
    assert len(faces) > 10
    # The best face is where the network itself says it is.
    from models.training.datasets.letterbox import letterbox
    from models.training.networks.priors import decode

    image, scale = letterbox(frame, detector.side, detector.multiple)
    with torch.no_grad():
        scores, boxes, points = network(torch.from_numpy(detector.tensor(image[None])))
    best = int(scores[0].argmax())
    box, _ = decode(
        network.grid.priors(*image.shape[:2])[[best]], boxes[0, [best]], points[0, [best]]
    )
    np.testing.assert_allclose(faces[0, 1:5] * scale, box[0].numpy(), atol=1e-2)
