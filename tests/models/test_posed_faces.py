"""Posed faces: assets, exact labels, pairs that differ in one unit, and training from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")

from models.training.datasets.behaviour_targets import LabelOptions, targets
from models.training.datasets.paths import data_dir
from models.training.datasets.posed_faces import cache
from models.training.datasets.posed_faces.camera import Camera
from models.training.datasets.posed_faces.mesh_files import read_obj, read_target
from models.training.datasets.posed_faces.rasterizer import nearest, rasterize
from models.training.datasets.posed_faces.scene import SIZE as SIDE
from models.training.datasets.head_angles import pose_angles
from models.training.losses.known_actions import differences_loss, posed_losses, sides_loss
from models.training.networks.behaviour import ACTION_UNITS, WIDTHS
from models.training.train.behaviour import behaviour_trainer
from models.training.train.behaviour_config import read
from models.training.train.trainer import TrainingOptions
from tests.models.synthetic import write_datasets
from tests.models.test_train_behaviour import TINY

L12, R12 = ACTION_UNITS.index("AU12_L"), ACTION_UNITS.index("AU12_R")
POSED = """
[stages.posed]
checkpoint = "posed"
labels = { labels = "human", evidence = 0.0 }
weights = { matching = 0.0, sides = 1.0 }
posed = { share = 0.5 }
"""


def archive_there() -> bool:
    try:
        return (data_dir() / "facs3d" / "facs3d.zip").exists()
    except FileNotFoundError:
        return False


needs_assets = pytest.mark.skipif(not archive_there(), reason="needs facs3d.zip")


def write_faces(folder, count: int = 40) -> None:
    """Faces of noise whose columns 12 L change within each pair."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    units = np.repeat(random.random((count // 2, len(ACTION_UNITS))), 2, 0).astype("f4")
    units[1::2, L12] = random.random(count // 2)
    five = np.array([[60, 60], [100, 60], [80, 85], [64, 108], [96, 108]], "f4")
    cache.write_shard(
        folder,
        0,
        random.integers(0, 255, (count, SIDE, SIDE, 3)).astype(np.uint8),
        {
            "five": np.tile(five, (count, 1, 1)),
            "landmarks": random.uniform(20, 140, (count, 68, 2)).astype("f4"),
            "rotation": np.tile(np.eye(3, dtype="f4"), (count, 1, 1)),
            "gaze": np.tile(np.array([0, 0, 1], "f4"), (count, 1)),
            "units": units,
        },
    )


def test_a_triangle_covers_its_pixels_and_the_nearer_one_wins() -> None:
    points = np.array([[0, 0], [0, 8], [8, 0], [0, 0], [0, 3], [3, 0]], float)
    depths = np.array([1, 1, 1, 2, 2, 2], float)
    found = rasterize(points, depths, np.array([[0, 1, 2], [3, 4, 5]]), 10, cull=True)
    winners = found[nearest(found)]
    image = np.full((10, 10), -1)
    image.flat[winners.pixels] = winners.triangles
    rows, columns = np.indices((10, 10))
    wanted = np.where(rows + columns <= 3, 1, np.where(rows + columns <= 8, 0, -1))
    np.testing.assert_array_equal(image, wanted)
    back = rasterize(points, depths, np.array([[0, 2, 1]]), 10, cull=True)
    assert len(back.pixels) == 0


def test_weights_are_corrected_for_perspective() -> None:
    points, depths = np.array([[0, 0], [0, 10], [10, 0]], float), np.array([1.0, 1.0, 0.25])
    found = rasterize(points, depths, np.array([[0, 1, 2]]), 12, cull=True)
    at = found.weights[found.pixels == 5]  # halfway to the corner that is four times as far
    np.testing.assert_allclose(at[0], [0.8, 0, 0.2], atol=1e-6)


def test_files_of_meshes() -> None:
    mesh = read_obj("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 1\ng a\nf 1/1 2/2 3/1 4/2\n")
    np.testing.assert_array_equal(mesh.triangles, [[0, 1, 2], [0, 2, 3]])
    np.testing.assert_array_equal(mesh.corners, [[0, 1, 0], [0, 0, 1]])
    assert mesh.groups["a"].all()
    indices, moves = read_target("# a shape\n3 0 0 0\n7 .5 -1 0\n")
    assert indices.tolist() == [7] and moves.tolist() == [[0.5, -1, 0]]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_camera_turns_a_head_as_its_angles_say(axis: int) -> None:
    pose = [0.0, 0.0, 0.0]
    pose[axis] = 0.3
    camera = Camera(tuple(pose), 10.0, 50.0, 100)
    np.testing.assert_allclose(pose_angles(camera.rotation[None])[0], pose, atol=1e-6)


def test_sides_and_differences_are_asked_for() -> None:
    raw = torch.zeros(2, len(ACTION_UNITS), requires_grad=True)
    wanted, mask = torch.full((2, len(ACTION_UNITS)), 0.5), torch.ones(2, len(ACTION_UNITS))
    assert float(sides_loss(raw, wanted, mask).detach()) == 0
    assert float(differences_loss(raw, wanted, mask).detach()) == 0
    wanted[1, L12] = 0.9
    for loss in (sides_loss, differences_loss):
        (slope,) = torch.autograd.grad(loss(raw, wanted, mask), raw)
        assert slope[1, L12] < 0
    mask[:, R12] = 0  # a side that is not known says nothing of the other
    assert float(sides_loss(raw, wanted, mask).detach()) == 0


def test_losses_of_what_is_right_are_nearly_nothing() -> None:
    wanted = {head: torch.rand(4, width) for head, width in WIDTHS.items()}
    wanted["mask_action_units"] = torch.ones(4, len(ACTION_UNITS))
    raw = dict(wanted)
    raw["action_units"] = torch.logit(wanted["action_units"])
    raw["landmarks"] = (wanted["landmarks"] - 55.5) / 16
    for name, value in posed_losses(raw, wanted).items():
        assert float(value) < 1e-3, name


def test_without_evidence_expressions_say_nothing_of_units(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    write_datasets(tmp_path)
    from models.training.datasets import crops

    labels = crops.load("fer2013")[1]
    rows = np.flatnonzero(labels["found"])
    with_them = targets("fer2013", labels, rows, LabelOptions(), False)
    without = targets("fer2013", labels, rows, LabelOptions(evidence=0.0), False)
    nine = ACTION_UNITS.index("AU09")
    np.testing.assert_array_equal(without["action_units"], labels["units"][rows])
    assert not without["mask_action_units"][:, nine].any()
    assert with_them["mask_action_units"][:, nine].all()
    assert np.abs(with_them["action_units"] - labels["units"][rows]).max() > 0.1


def test_training_with_posed_faces_resumes_to_the_same_weights(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    torch.set_num_threads(1)
    write_datasets(tmp_path)
    write_faces(cache.default_folder())
    path = tmp_path / "tiny.toml"
    path.write_text(TINY + POSED)
    config = read(path)
    stage = config.stage("posed")
    whole = behaviour_trainer(config, stage, TrainingOptions())
    whole.train()
    first = behaviour_trainer(config, replace(stage, checkpoint="part"), TrainingOptions())
    monkeypatch.setattr(type(first.state), "done", lambda state: state.rounds >= 2)
    first.train()
    monkeypatch.undo()
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    rest = behaviour_trainer(
        config, replace(stage, checkpoint="part"), TrainingOptions(resume=True)
    )
    rest.train()
    for key, value in whole.state.network.state_dict().items():
        assert torch.equal(rest.state.network.state_dict()[key], value), key


@needs_assets
def test_a_pair_shares_everything_but_one_unit() -> None:
    from models.training.datasets.posed_faces.__main__ import Studio

    (one, before), (other, after) = Studio(seed=5).pair(0)
    assert one.shape == (SIDE, SIDE, 3) and one.dtype == np.uint8
    changed = {ACTION_UNITS[i][:4] for i in np.flatnonzero(before["units"] != after["units"])}
    assert 1 <= len(changed - {"AU25"} or changed) <= 1
    np.testing.assert_array_equal(before["rotation"], after["rotation"])
    np.testing.assert_array_equal(before["gaze"], after["gaze"])
    assert np.abs(one.astype(int) - other).mean() < 20
    eyes = before["five"][1] - before["five"][0]
    assert 20 < np.linalg.norm(eyes) < 60


@needs_assets
def test_a_unit_s_halves_make_the_whole() -> None:
    from models.training.datasets.posed_faces import actions
    from models.training.datasets.posed_faces.assets import Assets

    assets = Assets()
    body = assets.base.vertices
    left, right, both = (np.zeros(len(ACTION_UNITS), np.float32) for _ in range(3))
    left[L12], right[R12], both[[L12, R12]] = 1, 1, 1
    moved = [actions.pose(assets, body, units, 0) - body for units in (left, right, both)]
    np.testing.assert_allclose(moved[0] + moved[1], moved[2], atol=1e-9)
    assert np.abs(moved[0][body[:, 0] < -0.2]).max() < 0.002  # the right corner stays
    assert np.abs(moved[0][body[:, 0] > 0.2]).max() > 0.05
