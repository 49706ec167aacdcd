"""Train FaceLocalizationNet: ``python -m models.training.train.train_detector CONFIG --out RUN``.

CONFIG is one of ``models/training/configs/localization-*.toml``. The network starts from random
numbers. Canvases are made afresh all the time, each batch from the seed and its number, so that a
resumed training goes on as if it had never stopped. Weights are averaged over steps (EMA). RUN gets
``last.pt``, ``best.pt`` (lowest loss on held-out canvases) and ``log.jsonl``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import Progress
from torch import Tensor, nn

from models.training.datasets.detector_batches import Canvases, batches
from models.training.datasets.paths import require
from models.training.networks.face_localization_net import build_network
from models.training.train.detector_config import Config, read
from models.training.train.detector_loss import Criterion, normalize
from models.training.train.detector_run import LOG_EVERY, Log, Run, share_of_rate

ENDLESS = 2**40
HELD_OUT_SEED = 99


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and log")
    parser.add_argument("--resume", action="store_true", help="go on from OUT/last.pt")
    parser.add_argument(
        "--minutes",
        type=float,
        help="fit the rest of the schedule in this time, whatever the steps",
    )
    parser.add_argument(
        "--progress",
        type=float,
        help="with --resume: set the schedule back to this point, 0 to 1, to train for longer",
    )
    parser.add_argument("--steps", type=int, help="instead of the configuration's")
    parser.add_argument("--initial", type=Path, help="state dict to start the backbone from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    train(parser.parse_args())


def train(options: argparse.Namespace) -> None:
    """Train as the options say; resumed runs must have the same configuration but for lengths."""
    config = read(options.config)
    if options.steps:
        config = replace(config, training=replace(config.training, steps=options.steps))
    torch.manual_seed(config.seed)
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    initial = None
    if options.initial:
        initial = torch.load(options.initial, weights_only=True, map_location="cpu")
    network = build_network(**config.network, initial=initial)
    run = Run(network.to(device, memory_format=torch.channels_last), config)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.resume:
        run.restore(require(options.out / "last.pt", "checkpoint"), options.progress)
    criterion = Criterion(config.loss, network.grid, device)
    data = config.data
    canvases = Canvases(data.sources, data.shapes, data.batch, config.seed)
    made = batches(canvases, run.step, ENDLESS, data.workers)
    with closing(Log(options.out / "log.jsonl", run.step)) as log, Progress(disable=None) as bar:
        loop(run, criterion, made, held_out(config), log, bar, options)


def held_out(config: Config) -> list[tuple[Tensor, Tensor]]:
    """Batches of canvases that training doesn't see, always the same."""
    if not config.watch.patience:
        return []
    data, batch = config.data, min(config.data.batch, config.watch.canvases)
    canvases = Canvases(data.sources, data.shapes, batch, HELD_OUT_SEED, held_out=True)
    return [canvases[i] for i in range(-(-config.watch.canvases // batch))]


def loop(
    run: Run,
    criterion: Criterion,
    made: Iterator[tuple[Tensor, Tensor]],
    watched: list[tuple[Tensor, Tensor]],
    log: Log,
    bar: Progress,
    options: argparse.Namespace,
) -> None:
    """Steps until the schedule ends or the held-out loss hasn't fallen for long."""
    config = run.config
    began, done = time.monotonic(), run.progress
    task = bar.add_task("", total=1.0, completed=done)
    while run.progress < 1 and not run.patience.over():
        parts = step(run, criterion, *next(made))
        if options.minutes is None:
            left = max(config.training.steps - run.step, 0)
            run.progress += (1 - run.progress) / (left + 1)
        else:
            spent = (time.monotonic() - began) / (60 * options.minutes)
            run.progress = min(1.0, done + (1 - done) * spent)
        log.add(run, parts)
        if watched and run.step % config.watch.every == 0:
            loss = held_out_loss(run, criterion, watched)
            log.note({"step": run.step, "held_out": round(loss, 4)})
            if run.patience.better(loss):
                run.save(options.out / "best.pt")
        if run.step % config.training.save_every == 0 or run.progress >= 1:
            run.save(options.out / "last.pt")
        if run.step % LOG_EVERY == 0:
            said = " ".join(f"{name} {part:.3f}" for name, part in parts.items())
            bar.update(task, completed=run.progress, description=f"step {run.step} {said}")
    run.save(options.out / "last.pt")


def step(run: Run, criterion: Criterion, images: Tensor, faces: Tensor) -> dict[str, float]:
    """One step of the optimizer on a batch."""
    own = run.config.training
    for group in run.optimizer.param_groups:
        group["lr"] = own.rate * share_of_rate(own, run.progress)
    images, faces = images.to(run.device), faces.to(run.device)
    run.network.train()
    with precision(run):
        said = run.network(normalize(images))
    loss, parts = criterion(said, faces, images)
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(run.network.parameters(), own.clip)
    run.optimizer.step()
    run.average.update(run.network)
    run.step += 1
    return parts


@torch.no_grad()
def held_out_loss(run: Run, criterion: Criterion, watched: list[tuple[Tensor, Tensor]]) -> float:
    """Mean loss of the averaged network on held-out batches."""
    total = 0.0
    for images, faces in watched:
        images, faces = images.to(run.device), faces.to(run.device)
        with precision(run):
            said = run.average.network(normalize(images))
        total += float(criterion(said, faces, images)[0])
    return total / len(watched)


def precision(run: Run) -> torch.autocast | nullcontext[None]:
    """Where the network computes in bfloat16, if the configuration says so."""
    if run.config.training.precision == "bf16":
        return torch.autocast(run.device.type, torch.bfloat16)
    return nullcontext()


if __name__ == "__main__":
    main()
