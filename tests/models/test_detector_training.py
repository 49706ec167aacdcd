"""Training of the detector: configurations, resuming, early stopping, WIDER FACE's composites."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("cv2", reason="opencv is not installed")
pytest.importorskip("skimage", reason="scikit-image is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("pandas", reason="pandas is not installed")

from models.training.datasets.augment_widerface import as_faces, cut
from models.training.datasets.detector_batches import (
    CompositeBatches,
    batches,
    collate,
    composite_source,
)
from models.training.networks.face_localization_net import build_network
from models.training.train.__main__ import main
from models.training.train.checkpoint import TrainingState
from models.training.train.detector import (
    FIXED,
    DetectorTask,
    detector_state,
    detector_trainer,
    learning_rate,
)
from models.training.train.detector_config import DetectorConfig, Training, read
from models.training.train.log import TrainingLog
from models.training.train.trainer import TrainingOptions

CONFIGS = Path(__file__).resolve().parents[2] / "models" / "training" / "configs"
SMALL = """
task = "detector"
seed = 3
[network]
backbone = "tiny"
width = 4
pyramid = 8
[loss]
name = "{loss}"
[data]
sources = {{ lfw = 1.0 }}
shapes = [[64, 64]]
batch = 2
workers = 0
[training]
steps = {steps}
rate = 5e-3
save_every = {save}
[validation]
every = 4
composites = 2
patience = {patience}
"""


class Squares:
    """Two composites a batch: a bright square on noise is the face."""

    def compose(self, rng, height, width):
        image = rng.integers(60, 120, (height, width, 3), np.uint8)
        x, y = (int(v) for v in rng.integers(2, 30, 2))
        image[y : y + 30, x : x + 30] = 240
        face = [1.0, x, y, x + 30, y + 30, *[x + 15, y + 15] * 5, 1.0]
        return image, np.array([face], np.float32)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a small configuration; composites need no images."""
    source = "models.training.datasets.detector_batches.composite_source"
    monkeypatch.setattr(source, lambda *_: Squares())
    monkeypatch.setattr("models.training.train.detector.LOG_EVERY", 2)

    def write(loss: str = "soft", steps: int = 8, save: int = 4, patience: int = 0) -> Path:
        path = tmp_path / f"{loss}-{steps}-{save}-{patience}.toml"
        path.write_text(SMALL.format(loss=loss, steps=steps, save=save, patience=patience))
        return path

    return write


def train(config: Path, out: Path, *options: str) -> None:
    main([str(config), "--out", str(out), "--device", "cpu", *options])


def state_of(config: DetectorConfig) -> TrainingState:
    return detector_state(build_network(**config.network), config)


def lines(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("detector-*.toml")), ids=lambda p: p.stem)
def test_configurations_are_read_and_build_their_network(path: Path) -> None:
    config = read(path)
    network = build_network(**config.network)
    for height, width in config.data.shapes:
        assert height % network.grid.multiple == width % network.grid.multiple == 0


def test_a_wrong_key_names_file_and_key(small, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(small().read_text() + "patiense = 3\n")
    with pytest.raises(ValueError, match=r"wrong\.toml: unknown key validation\.patiense"):
        read(path)
    path.write_text(small().read_text().replace('"soft"', '"hard"'))
    with pytest.raises(ValueError, match=r"loss\.name: wanted one of"):
        read(path)
    with pytest.raises(ValueError, match="unknown source imagenet"):
        composite_source({"imagenet": 1.0}, held_out=False)


@pytest.mark.parametrize("loss", ["soft", "retinaface"])
def test_loss_falls_on_two_composites(loss: str, small, tmp_path: Path) -> None:
    config = read(small(loss, steps=60))
    torch.manual_seed(0)
    torch.set_num_threads(1)
    trainer = detector_trainer(config, tmp_path)
    batch = collate([Squares().compose(np.random.default_rng(i), 64, 64) for i in (1, 2)])
    losses = [sum(trainer.step(batch).values()) for _ in range(60)]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


def test_a_resumed_training_ends_in_the_same_weights(small, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    config = small(steps=8, save=3)
    train(config, whole)

    class Stop(Exception):
        pass

    saved = TrainingState.save

    def save_and_stop(self: TrainingState, path: Path, config: dict) -> None:
        saved(self, path, config)
        raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingState, "save", save_and_stop)
        with pytest.raises(Stop):
            train(config, parts)
    assert torch.load(parts / "last.pt", weights_only=True)["progress"]["steps"] == 3
    train(config, parts, "--resume")
    first, second = (torch.load(p / "last.pt", weights_only=True) for p in (whole, parts))
    assert first["progress"] == second["progress"] == {"steps": 8, "value": 1}
    for name in ("network", "ema"):
        for key, value in first[name].items():
            assert torch.equal(value, second[name][key]), key
    logs = [lines(p / "log.jsonl") for p in (whole, parts)]
    assert [line["step"] for line in logs[0]] == [2, 4, 6, 8]
    assert logs[0][-1]["score"] == logs[1][-1]["score"]


def test_a_run_of_another_network_is_not_resumed(small, tmp_path: Path) -> None:
    config = small(steps=2, save=2)
    train(config, tmp_path / "run")
    config.write_text(config.read_text().replace("width = 4", "width = 6"))
    with pytest.raises(ValueError, match="trained with network"):
        train(config, tmp_path / "run", "--resume")


def test_checkpoints_without_a_configuration_are_still_read(small, tmp_path: Path) -> None:
    from models.training.onnx.export_detector import load_checkpoint

    config = read(small())
    first = state_of(config)
    first.progress.restore({"steps": 40, "value": 0.25})
    first.save(tmp_path / "new.pt", config.as_json())
    state = torch.load(tmp_path / "new.pt", weights_only=True)
    old = {"step": 40, "progress": 0.25, "average": state["ema"]}
    old |= {key: state[key] for key in ("network", "optimizer")}
    torch.save(old | {"width": 4, "pyramid": 8}, tmp_path / "old.pt")
    again = state_of(config)
    again.restore(tmp_path / "old.pt", config.as_json(), FIXED)
    assert (again.progress.steps, again.progress.value, again.ema.steps) == (40, 0.25, 40)
    (tmp_path / "old.pt").rename(tmp_path / "last.pt")
    options = TrainingOptions(resume=True)
    set_back = detector_trainer(config, tmp_path, options, progress=0.1).state
    assert (set_back.progress.steps, set_back.progress.value, set_back.ema.steps) == (40, 0.1, 40)
    (tmp_path / "last.pt").rename(tmp_path / "old.pt")
    for path in ("old.pt", "new.pt"):
        weights = load_checkpoint(tmp_path / path).state_dict()
        assert all(torch.equal(weights[k], v) for k, v in state["ema"].items())


def test_training_stops_early_and_keeps_the_best(
    small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([1.0, 0.8, 0.9, 0.95])
    monkeypatch.setattr(DetectorTask, "validation_loss", lambda *_: next(losses))
    train(small(steps=1000, save=1000, patience=2), tmp_path / "run")
    last, best = (
        torch.load(tmp_path / "run" / f"{name}.pt", weights_only=True) for name in ("last", "best")
    )
    assert last["progress"]["steps"] == 16
    assert best["progress"]["steps"] == 8
    noted = lines(tmp_path / "run" / "log.jsonl")
    assert [line["validation_loss"] for line in noted if "validation_loss" in line] == [
        1.0,
        0.8,
        0.9,
        0.95,
    ]


def test_batches_are_functions_of_seed_and_number(small) -> None:  # noqa: ARG001
    make = CompositeBatches({"lfw": 1.0}, ((64, 64), (64, 96)), 2, seed=5)
    once = [b[0] for b in batches(make, 0, 4, workers=0)]
    again = [b[0] for b in batches(make, 2, 4, workers=0)]
    assert all(torch.equal(a, b) for a, b in zip(once[2:], again, strict=True))
    assert not torch.equal(make[0][0], CompositeBatches({"lfw": 1.0}, ((64, 64),), 2, seed=6)[0][0])


def test_rates() -> None:
    cosine = Training(steps=100, rate=1.0, warm=0.1)
    assert learning_rate(cosine)(0.05) == pytest.approx(0.5)
    assert learning_rate(cosine)(0.1) == pytest.approx(1.0)
    assert learning_rate(cosine)(0.55) == pytest.approx(0.505)
    assert learning_rate(cosine)(1.0) == pytest.approx(0.01)
    steps = replace(cosine, schedule="steps", drops=(0.5, 0.8))
    wanted = {0.0: 0.1, 0.2: 1.0, 0.5: 0.1, 0.8: 0.01}
    for progress, share in wanted.items():
        assert learning_rate(steps)(progress) == pytest.approx(share)


def test_log_of_a_resumed_run_has_every_step_once(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps({"step": s}) + "\n" for s in (20, 40, 60)))
    log = TrainingLog(path, first=40)
    log.write(60, {"score": 1.0})
    log.close()
    assert [line["step"] for line in lines(path)] == [20, 40, 60]


def test_composites_of_widerface_carry_their_faces_along() -> None:
    image = np.zeros((120, 200, 3), np.uint8)
    image[40:60, 100:120] = 255  # the face
    points = np.full((2, 5, 2), np.nan)
    points[0] = [[105, 45], [115, 45], [110, 50], [105, 55], [115, 55]]
    boxes = np.array([[100, 40, 120, 60], [150, 10, 160, 20]], float)
    faces = as_faces(boxes, points, np.array([False, True]))
    assert faces[:, 0].tolist() == [1, 0]
    seen = 0
    for seed in range(30):
        canvas, found = cut(np.random.default_rng(seed), image, faces, 96, 128)
        assert canvas.shape == (96, 128, 3)
        for row in found[found[:, 0] == 1]:
            seen += 1
            x0, y0, x1, y1 = np.clip(np.round(row[1:5]), 0, [128, 96, 128, 96]).astype(int)
            assert canvas[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].min() > 200
            assert row[5] < row[7]  # the viewer's left eye first, mirrored or not
        assert not np.isfinite(found[found[:, 0] == 0, 5:15]).any() or len(found) == 0 or seen
    assert seen > 5


def test_a_face_mostly_cut_off_is_doubtful() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    small_face = as_faces(np.array([[10, 10, 15, 15.0]]), np.zeros((1, 5, 2)), np.array([False]))
    states = set()
    for seed in range(10):
        states |= set(cut(np.random.default_rng(seed), image, small_face, 64, 64)[1][:, 0])
    assert 0.0 in states  # shown at its own size it is under nine pixels


SHORT = """
schedule = "{schedule}"
optimizer = "{optimizer}"
precision = "{precision}"
drops = [0.5, 0.8]
[validation]"""


@pytest.mark.parametrize(
    ("loss", "optimizer", "precision", "schedule", "weights", "losses"),
    [
        ("soft", "adamw", "fp32", "cosine", 4316.740, [9.7138, 9.651, 9.5952, 9.5605, 9.5496]),
        ("retinaface", "sgd", "bf16", "steps", 4282.944, [5.6531, 5.5923, 5.5019, 5.502, 5.489]),
    ],
)
def test_a_short_training_ends_where_it_always_did(
    small, tmp_path: Path, loss, optimizer, precision, schedule, weights, losses
) -> None:
    """Numbers of version 0.1, whose detector had its own trainer; there the bits were the same."""
    path = small(loss, steps=20, save=7, patience=100)
    text = SHORT.format(optimizer=optimizer, precision=precision, schedule=schedule)
    text = path.read_text().replace("\n[validation]", text)
    path.write_text(text.replace("[[64, 64]]", "[[64, 64], [64, 96]]"))
    train(path, tmp_path / "run")
    lines_of = lines(tmp_path / "run" / "log.jsonl")
    found = [line["validation_loss"] for line in lines_of if "validation_loss" in line]
    assert found == pytest.approx(losses, rel=1e-3)
    ema = torch.load(tmp_path / "run" / "last.pt", weights_only=True)["ema"]
    total = sum(float(v.double().abs().sum()) for v in ema.values() if v.is_floating_point())
    assert total == pytest.approx(weights, rel=1e-5)


def test_options_of_the_other_task_are_refused(small, tmp_path: Path, capsys) -> None:
    for options, message in (
        (["--out", str(tmp_path), "--stage", "first"], "--stage: wanted task behaviour"),
        ([], "--out: wanted by task detector"),
    ):
        with pytest.raises(SystemExit):
            main([str(small()), *options])
        assert message in capsys.readouterr().err
