"""The behaviour network's tables, losses, labels and metadata, on synthetic numbers."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")

from models.training.losses.behaviour import behaviour_losses, concordance, total, wing
from models.training.networks.behaviour import (
    ACTION_UNITS,
    HEADS,
    MIRROR_LANDMARKS,
    MIRROR_UNITS,
    SIZE,
    SIZES,
    TEMPLATE,
    WIDTHS,
    BehaviourNet,
    activate,
    build_network,
    mirror_values,
)
from models.training.networks.complexity import multiply_adds, parameters

LANDMARKS = next(head for head in HEADS if head.name == "landmarks")
MATCHED = torch.ones(len(ACTION_UNITS), dtype=torch.bool)


def small_network() -> BehaviourNet:
    torch.manual_seed(0)
    return BehaviourNet(stem=8, widths=(8, 16, 16), depths=(1, 1, 1), narrow=8, placed=16)


def targets_of(batch: int, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    expression = random.random((batch, 7)).astype(np.float32)
    return {
        "expression": expression / expression.sum(1, keepdims=True),
        "action_units": random.random((batch, WIDTHS["action_units"])).astype(np.float32),
        "affect": random.uniform(-1, 1, (batch, 2)).astype(np.float32),
        "landmarks": random.uniform(20, 90, (batch, 136)).astype(np.float32),
        "pose": random.normal(0, 0.3, (batch, 3)).astype(np.float32),
        "gaze": random.normal(0, 0.3, (batch, 2)).astype(np.float32),
    }


def test_outputs_have_the_heads_shapes_and_ranges():
    network = small_network().eval()
    raw = network(torch.randn(2, 3, SIZE, SIZE))
    assert {name: tuple(x.shape) for name, x in raw.items()} == {
        head.name: (2, len(head.columns)) for head in HEADS
    }
    values = activate(raw)
    torch.testing.assert_close(values["expression"].sum(1), torch.ones(2))
    for head in ("action_units", "affect"):
        low, high = next(h.range for h in HEADS if h.name == head)
        assert values[head].min() >= low
        assert values[head].max() <= high
    # Untrained outputs are near 0: landmarks start near the crop's middle.
    assert (values["landmarks"] - LANDMARKS.offset).abs().max() < SIZE / 2


def test_counts_are_those_of_pencil_and_paper():
    convolution = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
    assert parameters(convolution) == 8 * 3 * 9 + 8
    assert multiply_adds(convolution, torch.zeros(1, 3, 16, 16)) == 8 * 8 * 8 * 3 * 9
    linear = torch.nn.Linear(10, 4)
    assert parameters(linear) == 44
    assert multiply_adds(linear, torch.zeros(2, 10)) == 80


def test_sizes_are_as_specified():
    x = torch.zeros(1, 3, SIZE, SIZE)
    fast, large = (build_network(size) for size in SIZES)
    assert parameters(fast) / 1e6 == pytest.approx(2.27, abs=0.01)
    assert multiply_adds(fast, x) / 1e9 == pytest.approx(0.211, abs=0.001)
    # FacebehaviourNet: 23.1 M parameters, 3.8 GFLOPs.
    assert parameters(large) / 1e6 == pytest.approx(23.1, abs=0.05)
    assert multiply_adds(large, x) / 1e9 == pytest.approx(3.61, abs=0.01)
    with pytest.raises(ValueError, match="wanted one of"):
        build_network("huge")
    with pytest.raises(ValueError, match="product of 8"):
        BehaviourNet(strides=(1, 2, 2))


def test_mirroring_twice_changes_nothing_and_once_swaps_sides():
    values = targets_of(3)
    once = mirror_values(values)
    twice = mirror_values(once)
    for head in values:
        np.testing.assert_allclose(twice[head], values[head], rtol=0, atol=1e-4)
    left, right = ACTION_UNITS.index("AU12_L"), ACTION_UNITS.index("AU12_R")
    np.testing.assert_array_equal(once["action_units"][:, left], values["action_units"][:, right])
    np.testing.assert_array_equal(once["pose"], values["pose"] * [1, -1, -1])
    np.testing.assert_array_equal(once["gaze"], values["gaze"] * [1, -1])
    assert sorted(MIRROR_UNITS) == list(range(len(ACTION_UNITS)))
    assert sorted(MIRROR_LANDMARKS) == list(range(68))


def test_mirror_keeps_every_landmark_on_the_same_part_of_the_face():
    centre = [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]
    assert [i for i in range(68) if MIRROR_LANDMARKS[i] == i] == centre
    parts = [range(17), range(17, 27), range(27, 36), range(36, 48), range(48, 60), range(60, 68)]
    for part in parts:
        assert {int(MIRROR_LANDMARKS[i]) for i in part} == set(part)


def test_concordance_agrees_with_its_definition():
    random = np.random.default_rng(1)
    a = random.normal(0.2, 1, 50)
    b = 0.5 * a + random.normal(0, 0.4, 50)
    r = np.corrcoef(a, b)[0, 1]
    expected = 2 * r * a.std() * b.std() / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    mask = np.zeros(60)
    mask[:50] = 1
    padded = [np.concatenate([x, random.normal(9, 1, 10)]) for x in (a, b)]
    got = concordance(*(torch.tensor(x) for x in (*padded, mask)))
    assert float(got) == pytest.approx(expected, abs=1e-6)


def test_wing_is_continuous_and_zero_at_zero():
    assert float(wing(torch.zeros(1))) == 0
    inside, outside = wing(torch.tensor([0.25 - 1e-6, 0.25 + 1e-6]))
    assert float(inside) == pytest.approx(float(outside), abs=1e-4)


def test_masked_samples_do_not_count():
    raw = {head: torch.randn(4, width) for head, width in WIDTHS.items()}
    target = {k: torch.from_numpy(v) for k, v in targets_of(4).items()}
    spoilt = {k: v.clone() for k, v in target.items()}
    for value in spoilt.values():
        value[2:] = 0.5
    masks = {head: torch.tensor([1.0, 1.0, 0.0, 0.0]) for head in WIDTHS}
    losses = []
    for labels in (target, spoilt):
        torch.manual_seed(0)  # the affect loss draws its weights
        losses.append(behaviour_losses(raw, labels, masks, MATCHED))
    a, b = losses
    for head in WIDTHS:
        assert float(a[head]) == pytest.approx(float(b[head]), abs=1e-6)


def test_every_loss_falls_on_a_tiny_batch():
    torch.set_num_threads(1)
    network = small_network()
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    target = {k: torch.from_numpy(v) for k, v in targets_of(4).items()}
    masks = {head: torch.ones(4) for head in WIDTHS}
    network.dropout.p = 0.0
    crops = torch.randn(4, 3, SIZE, SIZE)
    history = []
    for _ in range(40):
        losses = behaviour_losses(network(crops), target, masks, MATCHED)
        history.append({head: float(loss.detach()) for head, loss in losses.items()})
        optimizer.zero_grad()
        total(losses).backward()
        optimizer.step()
    for head in WIDTHS:
        assert history[-1][head] < history[0][head], head


def test_labels_follow_a_turned_and_mirrored_head():
    pytest.importorskip("cv2", reason="datasets need OpenCV")
    from models.training.datasets.head_angles import gaze_angles, pose_angles, turn_in_plane

    def about(axis: int, angle: float) -> np.ndarray:
        c, s = np.cos(angle), np.sin(angle)
        i, j = [(1, 2), (2, 0), (0, 1)][axis]
        matrix = np.eye(3)
        matrix[i, i] = matrix[j, j] = c
        matrix[i, j], matrix[j, i] = -s, s
        return matrix

    forward = np.array([0, 0, 1.0])
    up, left = about(0, -0.3), about(1, 0.4)
    assert (up @ forward)[1] > 0
    assert (left @ forward)[0] > 0
    assert pose_angles(up[None])[0] == pytest.approx([0.3, 0, 0], abs=1e-6)
    # Toward the viewer's right is toward the subject's left: negative.
    assert pose_angles(left[None])[0] == pytest.approx([0, 0, -0.4], abs=1e-6)
    # Counter-clockwise for the viewer: the head's top goes to the subject's right.
    assert pose_angles(about(2, 0.2)[None])[0] == pytest.approx([0, 0.2, 0], abs=1e-6)
    both = about(2, 0.2) @ left @ up
    flip = np.diag([-1.0, 1, 1])
    straight, mirrored = pose_angles(np.stack([both, flip @ both @ flip]))
    assert mirrored == pytest.approx(straight * [1, -1, -1], abs=1e-6)
    gaze = gaze_angles(np.stack([up @ forward, left @ forward]))
    assert gaze == pytest.approx(np.array([[0.3, 0], [0, -0.4]]), abs=1e-6)
    assert turn_in_plane(np.array([[1.0, 0, 0]]), np.array([np.pi / 2]))[0] == pytest.approx(
        [0, 1, 0]
    )


def test_similarity_carries_points_to_the_template():
    pytest.importorskip("cv2", reason="datasets need OpenCV")
    from models.training.datasets.alignment import similarity

    template = np.array(TEMPLATE)
    angle, scale, shift = 0.3, 2.5, np.array([40.0, -7.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = scale * template @ turn.T + shift
    matrix = similarity(points, template)
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], template, atol=1e-9)


def test_every_unit_is_made_of_something_and_affect_stays_in_range():
    pytest.importorskip("cv2", reason="datasets need OpenCV")
    from models.training.datasets.circumplex import affect
    from models.training.datasets.teacher_mesh import BLENDSHAPES
    from models.training.datasets.unit_signals import raw_units

    random = np.random.default_rng(2)
    shapes = random.random((5, len(BLENDSHAPES))).astype(np.float32)
    units = raw_units(shapes, random.normal(0, 1, (5, 478, 3)))
    assert units.shape == (5, len(ACTION_UNITS))
    assert np.isfinite(units).all()
    column = BLENDSHAPES.index("mouthSmileLeft")
    np.testing.assert_array_equal(units[:, ACTION_UNITS.index("AU12_L")], shapes[:, column])
    certain = np.eye(7)
    values = affect(certain, np.ones((7, len(ACTION_UNITS))))
    assert np.abs(values).max() <= 1
    happiness, neutral = values[3], values[6]
    assert happiness[0] > 0.5
    assert np.array_equal(neutral, [0, 0])


def test_metadata_have_every_key_of_the_contract(tmp_path):
    pytest.importorskip("onnx", reason="export needs onnx")
    pytest.importorskip("onnxruntime", reason="export needs onnxruntime")
    pytest.importorskip("cv2", reason="datasets need OpenCV")
    from models.training.onnx.export_behaviour import export_float, head_nodes
    from models.training.onnx.metadata import read_metadata

    path = tmp_path / "behaviour.onnx"
    export_float(small_network(), path)
    assert head_nodes(path) == ["/heads/Gemm", "/Split"]
    found = read_metadata(path)
    wanted = {f"mien.{k}" for k in ("format", "role", "name", "version", "license", "heads")}
    wanted |= {
        f"mien.input.{k}" for k in ("name", "color", "mean", "std", "size", "border", "template")
    }
    wanted |= {
        f"mien.head.{head.name}.{k}"
        for head in HEADS
        for k in ("columns", "activation", "scale", "offset", "unit", "range")
    }
    assert wanted <= set(found)
    assert found["mien.role"] == "behaviour"
    assert found["mien.input.name"] == "input"
    assert found["mien.heads"].split(",") == [head.name for head in HEADS]
    for head in HEADS:
        assert found[f"mien.head.{head.name}.columns"].split(",") == list(head.columns)
    points = [tuple(map(float, p.split(","))) for p in found["mien.input.template"].split(";")]
    assert points == list(TEMPLATE)
