"""Training the behaviour network: configurations, stages, resumption; on synthetic datasets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")

from models.training.losses.behaviour import behaviour_losses, total
from models.training.networks.behaviour import ACTION_UNITS, SIZE, WIDTHS, build_network
from models.training.train.__main__ import main
from models.training.train.behaviour import behaviour_trainer
from models.training.train.behaviour_config import read
from models.training.train.checkpoint import checkpoint_path
from models.training.train.ema import MovingAverage
from models.training.train.learning_rate import one_cycle
from models.training.train.log import TrainingLog
from models.training.train.schedule import Patience, WholeProgress
from models.training.train.soft_labels import annotate
from models.training.train.trainer import Trainer, TrainingOptions
from tests.models.synthetic import write_datasets

CONFIGS = Path(__file__).parents[2] / "models" / "training" / "configs"
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
epochs = 3
batch = 16
rate = 3e-3
workers = 0
[stages.pretrain]
checkpoint = "pre"
labels = { labels = "teacher" }
[stages.first]
checkpoint = "first"
init = "pre"
labels = { labels = "human" }
[stages.finetune]
checkpoint = "fine"
init = "first"
validation = ["fer2013"]
labels = { labels = "soft" }
[stages.distil]
checkpoint = "small"
epochs = 8
labels = { labels = "human" }
teacher = { config = "tiny.toml", checkpoint = "first", share = 1.0 }
[stages.patient]
checkpoint = "patient"
epochs = 40
rate = 0.5
patience = 1
fold = { index = 0, count = 2 }
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Path:
    """A configuration of a tiny network, and datasets for it."""
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    write_datasets(tmp_path)
    torch.set_num_threads(1)
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def train(path: Path, stage: str, resume: bool = False) -> Trainer:
    config = read(path)
    trainer = behaviour_trainer(config, config.stage(stage), TrainingOptions(resume=resume))
    trainer.train()
    return trainer


def log_of(name: str) -> list[dict[str, float]]:
    text = checkpoint_path(name).with_suffix(".jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_stages_follow_one_another(tiny):
    main([str(tiny), "--stage", "pretrain", "--device", "cpu"])
    main([str(tiny), "--stage", "first", "--device", "cpu"])
    annotate(read(tiny), "first")
    main([str(tiny), "--stage", "finetune", "--device", "cpu"])
    rows = log_of("fine")
    assert [row["round"] for row in rows] == [1, 2, 3]
    assert 0 <= rows[-1]["fer2013 accuracy"] <= 1
    for head in ("action_units", "landmarks"):
        assert rows[-1][head] < log_of("pre")[0][head], head


def test_a_stopped_training_resumes_to_the_very_same_weights(tiny, monkeypatch):
    whole = train(tiny, "pretrain").state
    write = TrainingLog.write

    def stop(log, step, values):
        write(log, step, values)
        if values["round"] == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingLog, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        train(tiny, "pretrain")
    monkeypatch.setattr(TrainingLog, "write", write)
    torch.rand(5)  # random numbers drawn in between are of no consequence
    rest = train(tiny, "pretrain", resume=True).state
    assert rest.rounds == whole.rounds == 3
    for ours, theirs in (
        (rest.network, whole.network),
        (rest.ema.network, whole.ema.network),
    ):
        for key, value in theirs.state_dict().items():
            assert torch.equal(ours.state_dict()[key], value), key
    assert [row["round"] for row in log_of("pre")] == [1, 2, 3]


def old_checkpoint(path: Path, **changed: object) -> None:
    """Make of a checkpoint what was written before there were configurations."""
    state = torch.load(path, weights_only=True)
    old = {"name": "pre", "epochs": 16, "minutes": 122.0, "batch": 16, "rate": 3e-3, "decay": 0.02}
    old |= {"warm": 0.15, "others": 1.0, "threads": 1, "seed": 1, "soft": True} | changed
    names = {"network": "network", "average": "ema", "steps": "ema_steps"}
    names |= {"optimizer": "optimizer", "clock": "progress"}
    kept = {was: state[now] for was, now in names.items()}
    torch.save(kept | {"epoch": 1, "arguments": json.dumps(old)}, path)


def test_checkpoints_from_before_configurations_resume(tiny):
    train(tiny, "pretrain")
    old_checkpoint(checkpoint_path("pre"))
    config = read(tiny)
    # What the stage started from is not needed any more.
    stage = replace(config.stage("pretrain"), epochs=5, init="gone")
    trainer = behaviour_trainer(config, stage, TrainingOptions(resume=True))
    steps = trainer.state.progress.steps
    assert steps > 0
    assert trainer.state.rounds == 1
    trainer.train()
    assert trainer.state.progress.steps > steps
    state = torch.load(checkpoint_path("pre"), weights_only=True)
    wanted = {"network", "ema", "ema_steps", "optimizer", "progress", "rounds", "config"}
    assert wanted <= set(state)


def test_a_checkpoint_trained_otherwise_is_refused(tiny):
    train(tiny, "pretrain")
    old_checkpoint(checkpoint_path("pre"), rate=1e-4)
    with pytest.raises(ValueError, match=r"was trained with rate = 0\.0001, not 0\.003"):
        train(tiny, "pretrain", resume=True)


def test_a_distilled_network_comes_to_say_what_its_teacher_says(tiny):
    train(tiny, "pretrain")
    train(tiny, "first")
    train(tiny, "distil")
    first, *_, last = log_of("small")
    assert last["expression"] < first["expression"]
    assert last["landmarks"] < 0.5 * first["landmarks"]


def test_training_ends_when_the_fold_learns_no_more(tiny):
    trainer = train(tiny, "patient")
    losses = [row["validation_loss"] for row in log_of("patient")]
    assert len(losses) < 40
    assert losses[-1] > min(losses)
    best = torch.load(checkpoint_path("patient.best"), weights_only=True)
    assert best["rounds"] == losses.index(min(losses)) + 1
    assert trainer.state.patience.best == pytest.approx(min(losses), rel=1e-5)


def test_large_learns_from_a_few_steps():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = build_network("large", dropout=0.0).train()
    optimizer = torch.optim.Adam(network.parameters(), 2e-4)
    crop = torch.randn(2, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
    targets = {head: torch.rand(2, width) for head, width in WIDTHS.items()}
    targets["expression"] = torch.eye(7)[:2]
    masks = {head: torch.ones(2) for head in WIDTHS}
    none = torch.zeros(len(ACTION_UNITS), dtype=torch.bool)
    history = []
    for _ in range(4):
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(crop)
        outputs = {head: raw.float() for head, raw in outputs.items()}
        loss = total(behaviour_losses(outputs, targets, masks, none, torch.ones(3)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    assert np.isfinite(history).all()
    assert history[-1] < history[0]


def test_finetune_is_the_training_the_default_pack_had():
    stage = read(CONFIGS / "behaviour-fast.toml").stage("finetune")
    assert (stage.batch, stage.rate, stage.warm, stage.others) == (96, 1.5e-3, 0.06, 0.4)
    assert (stage.decay, stage.clip, stage.ema, stage.sampling) == (0.02, 5.0, 0.998, "mixture")
    labels = stage.labels
    assert (labels.labels, labels.smoothing, labels.soft_share) == ("soft", 0.1, 0.35)
    assert (labels.soft_trust, labels.balance, stage.error) == (0.4, 0.1, "rmse")
    assert stage.weights == {
        "expression": 1.0,
        "action_units": 3.0,
        "affect": 0.5,
        "landmarks": 2.0,
        "pose": 3.0,
        "gaze": 1.0,
        "matching": 0.1,
        "sides": 0.0,
    }


def test_every_configuration_is_read_and_its_stages_are_linked():
    written: set[str] = set()
    for name in ("large", "fast"):
        config = read(CONFIGS / f"behaviour-{name}.toml")
        for stage in config.stages.values():
            assert stage.init is None or stage.init in written
            if stage.teacher:
                assert stage.teacher.checkpoint in written
                assert config.build_teacher(stage.teacher).heads.keys() == WIDTHS.keys()
            written.add(stage.checkpoint)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 1", "sed = 1", "unknown key sed"),
        ("epochs = 3", "epoch = 3", r"unknown key stages\.pretrain\.epoch"),
        ("rate = 3e-3", "rate = 0.0", "rate: wanted more than 0"),
        ('labels = "teacher"', 'labels = "human", share = 1', r"labels\.share"),
        ("[network]", '[network]\nsize = "huge"', None),
        ("patience = 1\nfold = { index = 0, count = 2 }", "patience = 1", "needs a fold"),
        ("workers = 0", "workers = 0\nweights = { mouth = 1.0 }", "weights: wanted"),
        ("workers = 0", 'workers = 0\nsampling = "fair"', "sampling: wanted one of"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_named(tmp_path, old, new, message):
    path = tmp_path / "wrong.toml"
    assert old in TINY
    path.write_text(TINY.replace(old, new))
    if message is None:
        with pytest.raises(ValueError, match="network size: wanted one of"):
            read(path).build()
    else:
        with pytest.raises(ValueError, match=message) as caught:
            read(path)
        assert "wrong.toml" in str(caught.value)


def test_rate_rises_then_falls():
    assert one_cycle(0.0, 0.1) == 0.02
    assert one_cycle(0.05, 0.1) == pytest.approx(0.5)
    assert one_cycle(0.1, 0.1) == pytest.approx(1.0)
    assert one_cycle(0.55, 0.1) == pytest.approx(0.5)
    assert one_cycle(1.0, 0.1) == 1e-3


def test_progress_goes_on_where_it_stood():
    progress = WholeProgress(None, 4)
    progress.tick()
    other = WholeProgress(None, 4)
    other.restore(progress.state())
    assert other.value == 0.25
    timed = WholeProgress(minutes=1.0, steps=4)
    timed.restore({"steps": 7, "seconds": 61.0})
    assert timed.value == 1
    assert timed.steps == 7


def test_patience_counts_epochs_without_a_new_best():
    patience = Patience(2)
    assert [patience.better(x) for x in (3.0, 2.0, 2.5, 2.0)] == [True, True, False, False]
    assert patience.over()
    other = Patience(2)
    other.restore(patience.state())
    assert other.over()
    assert not Patience(0).over()


def test_average_by_hand():
    network = torch.nn.Linear(1, 1, bias=False)
    network.weight.data.fill_(0.0)
    average = MovingAverage(network, decay=0.5)
    network.weight.data.fill_(1.0)
    average.update(network)  # decay 1/11 in the first step
    assert average.network.weight.item() == pytest.approx(10 / 11)


def test_average_holds_still_where_training_does():
    network = torch.nn.BatchNorm1d(2)
    average = MovingAverage(network)
    network(torch.randn(8, 2))
    average.update(network)
    assert int(average.network.num_batches_tracked) == 1
