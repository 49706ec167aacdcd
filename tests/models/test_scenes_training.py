"""Training on scenes from start to file: checkpoints, resuming, held-out metrics, export."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="needs OpenCV")
torch = pytest.importorskip("torch", reason="needs PyTorch")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
pytest.importorskip("av", reason="needs PyAV")
pytest.importorskip("skimage", reason="needs scikit-image")

from models.training.datasets import teacher_scenes
from models.training.datasets.detector_batches import composite_source
from models.training.evaluate.detection_scenes import evaluate, onnx_finder
from models.training.onnx import export_scenes
from models.training.onnx.metadata import read_metadata
from models.training.train.__main__ import main
from models.training.train.checkpoint_formats import read_checkpoint

PACK = Path(__file__).resolve().parents[2] / "models" / "packs" / "default"
CONFIG = """
task = "detector"
seed = 0
[network]
backbone = "tiny"
width = 4
pyramid = 8
[loss]
name = "soft"
[data]
sources = { scenes = 1.0 }
shapes = [[64, 96]]
batch = 4
workers = 0
[training]
steps = 2
rate = 1e-3
save_every = 1
[validation]
data = "scenes"
every = 2
patience = 9
"""


def one_face(image: np.ndarray) -> np.ndarray:
    assert image.ndim == 3
    face = np.r_[0.9, 22, 32, 60, 70, 30, 40, 50, 40, 40, 50, 32, 60, 48, 60]
    return face.astype(np.float32)[None]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration; data and cache folders with a few small images."""
    detection, cache = tmp_path / "data" / "detection", tmp_path / "cache"
    detection.mkdir(parents=True)
    (cache / "detector").mkdir(parents=True)
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MIEN_CACHE", str(cache))
    rng = np.random.default_rng(0)
    names = [f"{n}.png" for n in range(14)]
    for archive in ("train", "people", "negatives", "public"):
        use = {"use": "negative"} if archive == "negatives" else {}
        boxes = [] if use else [[20, 30, 40, 40, "face"]]
        with zipfile.ZipFile(detection / f"{archive}.zip", "w") as opened:
            for name in names:
                image = rng.integers(0, 256, (90, 120, 3), np.uint8)
                opened.writestr(name, cv2.imencode(".png", image)[1].tobytes())
            lines = [json.dumps({"file": name, "boxes": boxes} | use) for name in names]
            opened.writestr("labels.jsonl", "\n".join(lines))
    for archive in ("train", "people"):
        teacher_scenes.build(archive, one_face)
    heads = cache / "detector" / "lfw"
    np.save(heads.with_suffix(".npy"), rng.integers(0, 256, (14, 250, 250, 3), np.uint8))
    face = np.r_[1, 60, 60, 140, 160, np.tile([100, 100], 5), 0.9]
    rows = [np.r_[row, face] for row in range(14)]
    np.save(heads.with_suffix(".faces.npy"), np.array(rows, np.float32))
    heads.with_suffix(".names").write_text("\n".join(names))
    path = tmp_path / "tiny.toml"
    path.write_text(CONFIG)
    return path


def train(config: Path, out: Path, *options: str) -> None:
    main([str(config), "--out", str(out), "--device", "cpu", *options])


def logged(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def test_training_goes_on_where_it_stopped(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    train(config, out)
    last = read_checkpoint(out / "last.pt")
    assert last["progress"] == {"steps": 2, "value": 1.0}
    metrics = logged(out)[-1]
    assert metrics["step"] == 2
    assert 0 <= metrics["ap_640"] <= 1
    assert metrics["validation_loss"] == 1 - metrics["ap_640"]
    train(config, out, "--resume", "--progress", "0.5", "--steps", "4")
    assert read_checkpoint(out / "last.pt")["progress"]["steps"] == 4
    assert [line["step"] for line in logged(out)] == [2, 4]


def test_a_checkpoint_of_the_first_format_is_resumed(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    train(config, out)
    last = read_checkpoint(out / "last.pt")
    old = {key: last[key] for key in ("config", "network", "optimizer", "patience")}
    old |= {"average": last["ema"], "averaged": last["ema_steps"], "step": 2, "progress": 0.5}
    torch.save(old, out / "last.pt")
    train(config, out, "--resume", "--steps", "4")
    assert read_checkpoint(out / "last.pt")["progress"]["steps"] == 4


def test_warm_start_begins_as_the_shipped_network(config: Path, tmp_path: Path) -> None:
    config.write_text(
        CONFIG.replace("width = 4", "width = 16").replace("pyramid = 8", "pyramid = 48")
    )
    train(
        config, tmp_path / "run", "--initial", str(PACK / "localization.fp16.onnx"), "--steps", "1"
    )
    assert (tmp_path / "run" / "best.pt").exists()
    with pytest.raises(FileNotFoundError, match="network to start from"):
        train(config, tmp_path / "run", "--initial", str(tmp_path / "none.onnx"))


@pytest.mark.usefixtures("config")
def test_no_composites_of_scenes_are_held_out() -> None:
    with pytest.raises(ValueError, match=r"scenes: wanted validation\.data"):
        composite_source({"scenes": 1.0}, held_out=True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_export_and_metrics(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(config, tmp_path / "run", "--steps", "1")
    target, plain = tmp_path / "int8.onnx", tmp_path / "fp32.onnx"
    arguments = ["x", str(tmp_path / "run" / "last.pt"), str(target), "--fp32", str(plain)]
    monkeypatch.setattr(
        "sys.argv",
        [*arguments, "--batches", "1", "--image-sides", "64", "96", "--upright-score", "0.9"],
    )
    export_scenes.main()
    keys = read_metadata(target)
    assert (keys["mien.input.max_side"], keys["mien.precision"]) == ("320", "int8")
    assert keys["mien.input.image_sides"] == "64,96"
    assert keys["mien.localization.upright_score"] == "0.9"
    finders = {"yunet": onnx_finder(plain), "own": onnx_finder(target)}
    metrics = evaluate(finders, [96], probes=0, side=96, merged=[64, 96], say=str)
    assert sorted(metrics["own"]) == ["320", "64+96", "96", "threshold"]
    assert metrics["own"]["96"]["recall_by_network_px"]["24-34"]["of"] == 14
