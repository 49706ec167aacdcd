"""Actions moved onto photographs: warp, shapes, the loss on pairs and training with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")

from models.training.datasets.moved_actions import unit_shapes
from models.training.datasets.moved_actions.light import fitted_light, shading_ratio
from models.training.datasets.moved_actions.pair_set import PairSet, columns
from models.training.datasets.moved_actions.pairs import STORED, Pair, write
from models.training.datasets.moved_actions.pose import Action, amounts
from models.training.datasets.moved_actions.raster import interpolate, rasterize
from models.training.datasets.moved_actions.units import UNITS
from models.training.losses.pairs import PAIR_WEIGHTS, pair_losses
from models.training.networks.behaviour import (
    ACTION_UNITS,
    MIRROR_UNITS,
    build_network,
    normalize,
)
from models.training.train.behaviour import behaviour_trainer
from models.training.train.behaviour_config import read
from models.training.train.checkpoint import checkpoint_path
from models.training.train.moved_source import MovedOptions, MovedSource
from models.training.train.trainer import TrainingOptions
from tests.models.synthetic import write_datasets

TINY = """
task = "behaviour"
seed = 1
datasets = ["lfw", "fer2013"]
[network]
stem = 8
widths = [8, 16, 16]
depths = [1, 1, 1]
narrow = 8
placed = 16
[common]
epochs = 6
batch = 16
rate = 3e-3
workers = 0
labels = {{ labels = "human" }}
[stages.plain]
checkpoint = "plain"
[stages.moved]
checkpoint = "moved"
{moved}
"""
U = len(ACTION_UNITS)
SQUARE = np.array([[0.0, 0, 0], [10, 0, 0], [0, 10, 0], [10, 10, 0]])
HALVES = np.array([[0, 1, 2], [1, 3, 2]])


def column(name: str) -> int:
    return ACTION_UNITS.index(name)


def test_another_table_of_units_has_its_own_file_of_shapes(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    before = unit_shapes.path()
    assert unit_shapes.path() == before
    monkeypatch.setitem(UNITS, "AU12", replace(UNITS["AU12"], shapes={"12": 0.9}))
    assert unit_shapes.path() != before
    assert unit_shapes.path().parent == before.parent


def test_a_rasterized_square_has_no_gaps_and_interpolates_places():
    index, weights = rasterize(SQUARE, HALVES, (12, 12))
    assert (index[:11, :11] >= 0).all()
    assert (index[11] == -1).all()
    places = interpolate(SQUARE[:, :2], HALVES, index, weights)
    assert places[3, 7] == pytest.approx((7, 3))


def test_of_two_triangles_the_nearer_is_seen():
    points = np.concatenate([SQUARE[:3], SQUARE[:3] + np.array([0, 0, 5])])
    for order in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        index, _ = rasterize(points, np.array(order), (12, 12))
        assert order[index[2, 2]] == [3, 4, 5]


def test_one_side_moves_and_the_other_stays():
    x = np.array([-0.5, 0.0, 0.5])
    assert amounts(x, "left") == pytest.approx([0, 0.5, 1], abs=1e-3)
    assert amounts(x, "left") + amounts(x, "right") == pytest.approx(np.ones(3))
    assert amounts(x, "both").tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("unit", "side", "strength"),
    [("AU03", "both", 0.5), ("AU12", "up", 0.5), ("AU01", "left", 0.5), ("AU12", "both", 1.1)],
)
def test_an_action_that_cannot_be_is_refused(unit, side, strength):
    with pytest.raises(ValueError, match=r"wanted|both sides"):
        Action(unit, side, strength)


def test_light_is_found_again_and_skin_that_turns_away_from_it_darkens():
    random = np.random.default_rng(0)
    normals = random.normal(0, 1, (4000, 3)) * (1, 1, 0.4) + (0, 0, 1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    luma = 100 * (1 + normals @ np.array([0.3, 0, 0]))
    light = fitted_light(luma, normals)
    assert light[1] > 0.2
    facing = np.tile([0.0, 0, 1], (9, 9, 1))
    away = shading_ratio(light, facing, np.tile([-0.4, 0, 0], (9, 9, 1)), 0.3)
    assert away.max() < 0.97
    assert shading_ratio(light, facing, np.zeros((9, 9, 3)), 0.3) == pytest.approx(1)


def test_columns_of_a_one_sided_smile():
    known = columns("AU12", "left", 0.6)
    assert known["change"][column("AU12_L")] == pytest.approx(0.6)
    assert np.count_nonzero(known["change"]) == 1
    assert np.flatnonzero(known["side"]).tolist() == [column("AU12_R")]
    assert known["others"][column("AU04_L")] == 1
    assert known["others"][[column("AU12_L"), column("AU12_R"), column("AU06_L")]].sum() == 0


def logits(values: dict[str, float]) -> torch.Tensor:
    units = torch.full((1, U), 0.2)
    for name, value in values.items():
        units[0, column(name)] = value
    return torch.logit(units)


def losses_of(moved: dict[str, float], strength: float = 0.5) -> dict[str, float]:
    known = {k: torch.from_numpy(v)[None] for k, v in columns("AU12", "left", strength).items()}
    change = known.pop("change")
    found = pair_losses(logits({}), logits(moved), change, known)
    return {kind: float(loss) for kind, loss in found.items()}


def test_losses_of_a_pair_by_hand():
    def near(moved=0.0, side=0.0, others=0.0):
        return pytest.approx({"moved": moved, "side": side, "others": others}, abs=1e-5)

    assert losses_of({"AU12_L": 0.7}) == near()
    assert losses_of({}) == near(moved=0.5 - 0.05)
    assert losses_of({"AU12_L": 0.7, "AU12_R": 0.7}) == near(side=0.45)
    assert losses_of({"AU12_L": 0.7, "AU06_L": 0.9}) == near()  # cheeks may come along
    others = int(columns("AU12", "left", 0.5)["others"].sum())
    assert losses_of({"AU12_L": 0.7, "AU04_L": 0.7}) == near(others=0.45 / others)


def test_no_more_is_asked_for_than_a_unit_can_rise():
    assert losses_of({"AU12_L": 1 - 1e-6}, strength=1.0)["moved"] == pytest.approx(0, abs=1e-5)


def some_pairs(folder: Path, count: int = 12) -> Path:
    """Pairs of grey crops, the moved one brighter at the mouth's left."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    pairs = []
    for i in range(count):
        still = random.integers(90, 140, (STORED, STORED, 3)).astype(np.uint8)
        moved = still.copy()
        moved[70:90, 64:90] = 250
        pairs.append(Pair(still, moved, Action("AU12", "left", 0.8), str(i)))
    write(folder / "pairs-00000.npz", pairs)
    return folder


def test_a_batch_of_pairs_mirrors_sides_and_jitters_both_alike(tmp_path):
    pairs = PairSet(some_pairs(tmp_path / "pairs"))
    batch = pairs.batch(64, np.random.default_rng(1))
    left = batch["change"][:, column("AU12_L")] > 0
    assert 10 < int(left.sum()) < 54
    assert ((batch["change"][:, column("AU12_R")] > 0) == ~left).all()
    still, moved = batch["crop"].float().chunk(2)
    changed = (moved - still).abs().mean(3)
    on_the_right = changed[:, :, 56:].mean((1, 2)) > changed[:, :, :56].mean((1, 2))
    assert (on_the_right == left).float().mean() > 0.9  # cut-outs hide a few
    again = pairs.batch(64, np.random.default_rng(1))
    assert all((again[name] == batch[name]).all() for name in batch)
    assert (MIRROR_UNITS[MIRROR_UNITS] == np.arange(U)).all()


def test_pairs_that_are_not_there_are_missed(tmp_path):
    with pytest.raises(FileNotFoundError, match="moved_actions"):
        PairSet(tmp_path)


def test_a_source_of_pairs_teaches_a_network_the_side_that_moved(tmp_path):
    options = MovedOptions(share=1.0, folder=str(some_pairs(tmp_path / "pairs")))
    source = MovedSource(options, 24, seed=0)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = build_network(stem=8, widths=(8, 16, 16), depths=(1, 1, 1), narrow=8, placed=16)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    batches, seen = source.batches(0), []
    for _ in range(60):
        batch = next(batches)
        found = source.losses(network(normalize(batch["crop"])), batch)
        assert set(found) == set(source.weights) == set(PAIR_WEIGHTS)
        loss = sum(source.weights[kind] * value for kind, value in found.items())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(float(found["moved"].detach()))
    assert np.mean(seen[-10:]) < 0.6 * np.mean(seen[:5])


def test_options_of_the_source_name_what_is_wrong():
    with pytest.raises(ValueError, match="share: wanted above 0"):
        MovedOptions(share=0)
    with pytest.raises(ValueError, match="weights: wanted"):
        MovedOptions(weights={"moved": 1.0})


def test_a_stage_shows_pairs_only_where_its_configuration_asks(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    torch.set_num_threads(1)
    write_datasets(tmp_path)
    some_pairs(tmp_path / "moved_actions")
    path = tmp_path / "tiny.toml"
    moved = "moved = { share = 1.0, weights = { others = 0.5 } }"
    path.write_text(TINY.format(moved=moved))
    config = read(path)
    assert config.stages["plain"].moved is None
    assert config.stages["moved"].moved.weights == PAIR_WEIGHTS | {"others": 0.5}
    seen = {}
    for name in ("plain", "moved"):
        behaviour_trainer(config, config.stage(name), TrainingOptions()).train()
        lines = checkpoint_path(name).with_suffix(".jsonl").read_text().splitlines()
        seen[name] = [json.loads(line) for line in lines]
    assert not any(key.startswith("moved") for key in seen["plain"][0])
    assert seen["moved"][-1]["moved moved"] < seen["moved"][0]["moved moved"]
