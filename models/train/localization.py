"""Train FaceLocalizationNet: ``python -m models.train.localization --out RUN``.

The network starts from random numbers. Canvases are made afresh all the time; the teacher
(RetinaFace) looks at the same canvas, and its probabilities are mixed into the scores to be
learnt. Weights are averaged over steps (EMA).
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from models.corpora.augment_localization import Composer
from models.corpora.faces import load
from models.corpora.paths import model_dir, require
from models.corpora.teacher_faces import RETINAFACE
from models.losses.multibox import assign, multibox_loss
from models.networks.localization import MEAN, STD, FaceLocalizationNet
from models.networks.priors import prior_boxes
from models.networks.retinaface import MEAN_BGR, load_teacher

SHAPES = ((160, 224), (192, 256), (192, 320), (224, 224), (256, 256), (320, 320))
WEIGHTS = {"lfw": 0.6, "utkface": 0.3, "fer2013": 0.1}


class Canvases(IterableDataset[tuple[Tensor, Tensor]]):
    """Endless batches: pictures (B, 3, H, W) uint8 and faces (B, K, 16), padded with state -1."""

    def __init__(self, sources: list[str], batch: int, seed: int) -> None:
        self._sources, self._batch, self._seed = sources, batch, seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self._seed, worker.id if worker else 0])
        corpora = [load(name, held_out=False) for name in self._sources]
        composer = Composer(corpora, [WEIGHTS[name] for name in self._sources])
        while True:
            height, width = SHAPES[rng.integers(len(SHAPES))]
            made = [composer.canvas(rng, height, width) for _ in range(self._batch)]
            most = max(1, max(len(faces) for _, faces in made))
            padded = np.zeros((self._batch, most, 16), np.float32)
            padded[..., 0] = -1
            for row, (_, faces) in enumerate(made):
                padded[row, : len(faces)] = faces
            pictures = torch.from_numpy(np.stack([picture for picture, _ in made]))
            yield pictures.permute(0, 3, 1, 2), torch.from_numpy(padded)


class Average:
    """Exponential moving average of a network's weights and buffers."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self._steps += 1
        keep = min(0.998, self._steps / (self._steps + 10))
        for mine, new in zip(
            self.network.state_dict().values(), network.state_dict().values(), strict=True
        ):
            if mine.dtype.is_floating_point:
                mine.lerp_(new, 1 - keep)
            else:
                mine.copy_(new)


def normalize(pictures: Tensor) -> Tensor:
    """RGB uint8 (B, 3, H, W) to the network's input."""
    mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    return (pictures.float() - mean) / std


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of checkpoints and log.jsonl"
    )
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument(
        "--minutes",
        type=float,
        help="fit the rest of the schedule in this time, whatever the steps",
    )
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument(
        "--teacher-share", type=float, default=0.3, help="0: labels only, a quarter less work"
    )
    parser.add_argument("--sources", nargs="+", default=list(WEIGHTS), choices=list(WEIGHTS))
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--pyramid", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/last.pt")
    parser.add_argument(
        "--progress",
        type=float,
        help="with --resume: set the schedule back to this point, 0 to 1, to train for longer",
    )
    train(parser.parse_args())


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    network = FaceLocalizationNet(options.width, options.pyramid).to(
        memory_format=torch.channels_last
    )
    average = Average(network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.01)
    start, done = 0, 0.0
    options.out.mkdir(parents=True, exist_ok=True)
    if options.resume:
        state = torch.load(require(options.out / "last.pt", "checkpoint"), weights_only=True)
        network.load_state_dict(state["network"])
        average.network.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        start = state["step"]
        done = state["progress"] if options.progress is None else options.progress
    teacher = load_teacher(require(model_dir() / RETINAFACE, "teacher")).to(
        memory_format=torch.channels_last
    )
    data = Canvases(options.sources, options.batch, options.seed + start)
    batches = iter(DataLoader(data, batch_size=None, num_workers=1, prefetch_factor=4))
    began, sums, step, progress = time.monotonic(), dict[str, float](), start, done
    with (options.out / "log.jsonl").open("a") as log:
        while progress < 1:
            for group in optimizer.param_groups:
                group["lr"] = options.rate * _schedule(progress)
            parts = _step(network, teacher, optimizer, *next(batches), options.teacher_share)
            average.update(network)
            step += 1
            if options.minutes is None:
                progress = done + (1 - done) * (step - start) / max(options.steps - start, 1)
            else:
                spent = (time.monotonic() - began) / (60 * options.minutes)
                progress = min(1.0, done + (1 - done) * spent)
            sums = {name: sums.get(name, 0.0) + part for name, part in parts.items()}
            if step % 20 == 0:
                seconds = round(time.monotonic() - began, 1)
                line = {"step": step, "progress": round(progress, 4), "seconds": seconds}
                line |= {name: round(total / 20, 4) for name, total in sums.items()}
                log.write(json.dumps(line) + "\n")
                log.flush()
                sums = {}
            if step % options.save_every == 0 or progress >= 1:
                _save(options, step, progress, network, average, optimizer)


def _schedule(progress: float) -> float:
    """Share of the peak learning rate: a short rise, then a half cosine down to 1 %."""
    rise = 0.03
    if progress < rise:
        return max(progress / rise, 0.01)
    return 0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * (progress - rise) / (1 - rise))))


def _step(
    network: nn.Module,
    teacher: nn.Module,
    optimizer: torch.optim.Optimizer,
    pictures: Tensor,
    faces: Tensor,
    share: float,
) -> dict[str, float]:
    opinion = _opinion(teacher, pictures) if share > 0 else None
    priors = prior_boxes(*pictures.shape[2:])
    targets = assign(priors, faces, opinion, share)
    network.train()
    said = network(normalize(pictures).contiguous(memory_format=torch.channels_last))
    loss, parts = multibox_loss(said, targets, priors)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    optimizer.step()
    return parts


def _opinion(teacher: nn.Module, pictures: Tensor) -> Tensor:
    """The teacher's face probabilities (B, P) of RGB uint8 pictures (B, 3, H, W)."""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        bgr = pictures.flip(1).float() - torch.tensor(MEAN_BGR).view(1, 3, 1, 1)
        return torch.sigmoid(teacher(bgr.contiguous(memory_format=torch.channels_last))[0].float())


def _save(
    options: argparse.Namespace,
    step: int,
    progress: float,
    network: nn.Module,
    average: Average,
    optimizer: torch.optim.Optimizer,
) -> None:
    state = {
        "step": step,
        "progress": progress,
        "width": options.width,
        "pyramid": options.pyramid,
        "network": network.state_dict(),
        "average": average.network.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    part = options.out / "last.pt.part"
    torch.save(state, part)
    part.rename(options.out / "last.pt")


if __name__ == "__main__":
    main()
