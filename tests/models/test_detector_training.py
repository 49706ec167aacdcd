"""Training of face localization: configurations, resuming, early stopping, WIDER FACE's canvases."""

from __future__ import annotations

import argparse
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
from models.training.datasets.detector_batches import Canvases, batches, collate, compose
from models.training.networks.face_localization_net import build_network
from models.training.train import train_detector
from models.training.train.detector_config import Training, read
from models.training.train.detector_loss import Criterion
from models.training.train.detector_run import Log, Run, share_of_rate

CONFIGS = Path(__file__).resolve().parents[2] / "models" / "training" / "configs"
SMALL = """
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
[watch]
every = 4
canvases = 2
patience = {patience}
"""


class Squares:
    """Two canvases a batch: a bright square on noise is the face."""

    def canvas(self, rng, height, width):
        image = rng.integers(60, 120, (height, width, 3), np.uint8)
        x, y = (int(v) for v in rng.integers(2, 30, 2))
        image[y : y + 30, x : x + 30] = 240
        face = [1.0, x, y, x + 30, y + 30, *[x + 15, y + 15] * 5, 1.0]
        return image, np.array([face], np.float32)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a small configuration; canvases need no images."""
    monkeypatch.setattr("models.training.datasets.detector_batches.compose", lambda *_: Squares())
    monkeypatch.setattr(train_detector, "LOG_EVERY", 2)
    monkeypatch.setattr("models.training.train.detector_run.LOG_EVERY", 2)

    def write(loss: str = "soft", steps: int = 8, save: int = 4, patience: int = 0) -> Path:
        path = tmp_path / f"{loss}-{steps}-{save}-{patience}.toml"
        path.write_text(SMALL.format(loss=loss, steps=steps, save=save, patience=patience))
        return path

    return write


def options(config: Path, out: Path, **changes: object) -> argparse.Namespace:
    values = {"resume": False, "minutes": None, "progress": None, "steps": None, "initial": None}
    fixed = {"config": config, "out": out, "device": "cpu", "threads": 1}
    return argparse.Namespace(**(fixed | values | changes))


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
    with pytest.raises(ValueError, match=r"wrong\.toml: unknown key watch\.patiense"):
        read(path)
    path.write_text(small().read_text().replace('"soft"', '"hard"'))
    with pytest.raises(ValueError, match=r"loss\.name: wanted one of"):
        read(path)
    with pytest.raises(ValueError, match="unknown source imagenet"):
        compose({"imagenet": 1.0}, held_out=False)


@pytest.mark.parametrize("loss", ["soft", "retinaface"])
def test_loss_falls_on_two_canvases(loss: str, small) -> None:
    config = read(small(loss, steps=60))
    torch.manual_seed(0)
    torch.set_num_threads(1)
    run = Run(build_network(**config.network), config)
    criterion = Criterion(config.loss, run.network.grid, run.device)
    images, faces = collate([Squares().canvas(np.random.default_rng(i), 64, 64) for i in (1, 2)])
    losses = []
    for step in range(60):
        run.progress = step / 60
        losses.append(sum(train_detector.step(run, criterion, images, faces).values()))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


def test_a_resumed_training_ends_in_the_same_weights(small, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    config = small(steps=8, save=3)
    train_detector.train(options(config, whole))

    class Stop(Exception):
        pass

    saved = Run.save

    def save_and_stop(self: Run, path: Path) -> None:
        saved(self, path)
        raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "save", save_and_stop)
        with pytest.raises(Stop):
            train_detector.train(options(config, parts))
    assert torch.load(parts / "last.pt", weights_only=True)["step"] == 3
    train_detector.train(options(config, parts, resume=True))
    first, second = (torch.load(p / "last.pt", weights_only=True) for p in (whole, parts))
    assert first["step"] == second["step"] == 8
    assert first["progress"] == second["progress"] == 1
    for name in ("network", "average"):
        for key, value in first[name].items():
            assert torch.equal(value, second[name][key]), key
    logs = [lines(p / "log.jsonl") for p in (whole, parts)]
    assert [line["step"] for line in logs[0]] == [2, 4, 6, 8]
    assert logs[0][-1]["score"] == logs[1][-1]["score"]


def test_a_run_of_another_network_is_not_resumed(small, tmp_path: Path) -> None:
    config = small(steps=2, save=2)
    train_detector.train(options(config, tmp_path / "run"))
    config.write_text(config.read_text().replace("width = 4", "width = 6"))
    with pytest.raises(ValueError, match="trained with network"):
        Run(build_network(width=6, pyramid=8), read(config)).restore(tmp_path / "run" / "last.pt")


def test_checkpoints_without_a_configuration_are_still_read(small, tmp_path: Path) -> None:
    from models.training.onnx.export_detector import load_checkpoint

    config = read(small())
    run = Run(build_network(**config.network), config)
    run.step, run.progress = 40, 0.25
    run.save(tmp_path / "new.pt")
    state = torch.load(tmp_path / "new.pt", weights_only=True)
    old = {key: state[key] for key in ("step", "progress", "network", "average", "optimizer")}
    torch.save(old | {"width": 4, "pyramid": 8}, tmp_path / "old.pt")
    again = Run(build_network(**config.network), config)
    again.restore(tmp_path / "old.pt", progress=0.1)
    assert (again.step, again.progress, again.average.steps) == (40, 0.1, 40)
    for path in ("old.pt", "new.pt"):
        weights = load_checkpoint(tmp_path / path).state_dict()
        assert all(torch.equal(weights[k], v) for k, v in state["average"].items())


def test_training_stops_early_and_keeps_the_best(
    small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([1.0, 0.8, 0.9, 0.95])
    monkeypatch.setattr(train_detector, "held_out_loss", lambda *_: next(losses))
    train_detector.train(options(small(steps=1000, save=1000, patience=2), tmp_path / "run"))
    assert torch.load(tmp_path / "run" / "last.pt", weights_only=True)["step"] == 16
    assert torch.load(tmp_path / "run" / "best.pt", weights_only=True)["step"] == 8
    noted = lines(tmp_path / "run" / "log.jsonl")
    assert [line["held_out"] for line in noted if "held_out" in line] == [1.0, 0.8, 0.9, 0.95]


def test_batches_are_functions_of_seed_and_number(small) -> None:  # noqa: ARG001
    make = Canvases({"lfw": 1.0}, ((64, 64), (64, 96)), 2, seed=5)
    once = [b[0] for b in batches(make, 0, 4, workers=0)]
    again = [b[0] for b in batches(make, 2, 4, workers=0)]
    assert all(torch.equal(a, b) for a, b in zip(once[2:], again, strict=True))
    assert not torch.equal(make[0][0], Canvases({"lfw": 1.0}, ((64, 64),), 2, seed=6)[0][0])


def test_rates() -> None:
    cosine = Training(steps=100, rate=1.0, warm=0.1)
    assert share_of_rate(cosine, 0.05) == pytest.approx(0.5)
    assert share_of_rate(cosine, 0.1) == pytest.approx(1.0)
    assert share_of_rate(cosine, 0.55) == pytest.approx(0.505)
    assert share_of_rate(cosine, 1.0) == pytest.approx(0.01)
    steps = replace(cosine, schedule="steps", drops=(0.5, 0.8))
    wanted = {0.0: 0.1, 0.2: 1.0, 0.5: 0.1, 0.8: 0.01}
    for progress, share in wanted.items():
        assert share_of_rate(steps, progress) == pytest.approx(share)


def test_log_of_a_resumed_run_has_every_step_once(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps({"step": s}) + "\n" for s in (20, 40, 60)))
    log = Log(path, first=40)
    log.note({"step": 60, "score": 1.0})
    log.close()
    assert [line["step"] for line in lines(path)] == [20, 40, 60]


def test_canvases_of_widerface_carry_their_faces_along() -> None:
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
