"""Trains the behaviour network.

    python -m models.train.behaviour --epochs 2 --name first          # expression: FER2013 only
    python -m models.train.behaviour --annotate first                 # soft labels for the rest
    python -m models.train.behaviour --epochs 16 --name second --init first --soft
    python -m models.train.behaviour ... --resume                     # go on where it stopped

With `--minutes` the rate falls to zero as that time runs out, however many epochs it makes.

Checkpoints lie in <cache>/behaviour/<name>.pt: weights, their running average, optimizer, epoch.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from models.corpora import crops
from models.corpora.paths import cache_dir, require
from models.corpora.teacher_mesh import CORPORA
from models.losses.behaviour import behaviour_losses, total
from models.losses.relations import co_annotate, relation_matrix
from models.networks.behaviour import (
    ACTION_UNITS,
    BORDER,
    EXPRESSIONS,
    HEADS,
    MEAN,
    SIZE,
    STD,
    TEMPLATE,
    BehaviourNet,
    activate,
    mirror_values,
)

LANDMARKS = next(head for head in HEADS if head.name == "landmarks")
RELATIONS = relation_matrix(EXPRESSIONS, ACTION_UNITS)
SMOOTHING = 0.1
# How much of a hard human label is replaced by the first network's probabilities.
SOFT_SHARE = 0.35
# How strongly rare expressions count more: 0 not at all, 1 as much as common ones together.
BALANCE = 0.25
# A soft expression label counts less than a human one.
SOFT_TRUST = 0.4


def checkpoint_path(name: str) -> Path:
    return cache_dir() / "behaviour" / f"{name}.pt"


def annotation_path(corpus: str) -> Path:
    return cache_dir() / "behaviour" / f"soft-{corpus}.npy"


def normalize(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 (N, H, W, 3) to the network's float32 (N, 3, H, W)."""
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    return ((pictures.float() - mean) / std).permute(0, 3, 1, 2)


def rarity(human: np.ndarray) -> np.ndarray:
    """Weights (N,) that rise with an expression's rarity to the power `BALANCE`, 1 on average."""
    counts = np.bincount(np.maximum(human, 0), human >= 0, minlength=len(EXPRESSIONS))
    weights = np.maximum(counts, 1.0) ** -BALANCE
    weights /= (weights * counts).sum() / counts.sum()
    return weights[np.maximum(human, 0)]


class Crops(Dataset):
    """Aligned crops with targets and masks, augmented when training.

    Parameters
    ----------
    corpora : sequence of str
    training : bool
        True: the training part, augmented. False: the held-out part, as the engine sees it.
    soft : bool
        Use the first network's soft expression labels (`--annotate`).
    everything : bool
        Both parts (for annotation).
    """

    def __init__(
        self, corpora, training: bool, soft: bool = False, everything: bool = False, seed: int = 0
    ) -> None:
        self.training = training
        self.random = np.random.default_rng(seed)
        self.pictures: list[np.ndarray] = []
        tables: dict[str, list[np.ndarray]] = {}
        for index, corpus in enumerate(corpora):
            pictures, labels = crops.load(corpus)
            self.pictures.append(pictures)
            keep = np.ones(len(pictures), bool)
            if not everything:
                keep = (labels["held_out"] != training) & ~labels["drop"]
            rows = np.flatnonzero(keep)
            human = labels["expression"][rows]
            known = human >= 0
            probabilities = np.eye(len(EXPRESSIONS), dtype=np.float32)[np.maximum(human, 0)]
            trust = known.astype(np.float32)
            clean = probabilities
            if training:
                probabilities = probabilities * (1 - SMOOTHING) + SMOOTHING / len(EXPRESSIONS)
            if soft:
                annotated = np.load(require(annotation_path(corpus), "soft labels"))[rows]
                mixed = (1 - SOFT_SHARE) * probabilities + SOFT_SHARE * annotated
                probabilities = np.where(known[:, None], mixed, annotated)
                clean = 0.5 * clean + 0.5 * annotated
                clean = np.where(known[:, None], clean, annotated)
                trust = np.where(known, 1.0, SOFT_TRUST)
            if training and known.any():
                trust = trust * np.where(known, rarity(human), 1.0)
            found = labels["found"][rows]
            units = co_annotate(labels["units"][rows], clean, RELATIONS, crops.evidence_share())
            table = {
                "corpus": np.full(len(rows), index),
                "row": rows,
                "five": labels["five"][rows],
                "points": labels["landmarks"][rows],
                "rotation": labels["rotation"][rows],
                "direction": labels["gaze"][rows],
                "action_units": units.astype(np.float32),
                "expression": probabilities,
                "affect": crops.affect(clean, units),
                "human": human,
                "mask_expression": trust,
                "mask_affect": (trust > 0) & found,
                "mask_found": found,
                "mask_gaze": found * crops.GAZE_TRUST.get(corpus, 1.0),
            }
            for key, value in table.items():
                tables.setdefault(key, []).append(value)
        self.table = {key: np.concatenate(value) for key, value in tables.items()}

    def __len__(self) -> int:
        return len(self.table["row"])

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        t = {key: value[index] for key, value in self.table.items()}
        picture = self.pictures[t["corpus"]][t["row"]]
        if picture.ndim == 2:
            picture = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_GRAY2RGB)
        matrix = crops.similarity(t["five"].astype(np.float64), np.array(TEMPLATE))
        if self.training:
            matrix = _jitter(t["five"].astype(np.float64), self.random)
            rgb = _warp_varied(np.ascontiguousarray(picture), matrix, self.random)
        else:
            rgb = cv2.warpAffine(picture, matrix, (SIZE, SIZE), borderValue=(BORDER,) * 3)
        points = t["points"] @ matrix[:, :2].T + matrix[:, 2]
        angle = np.arctan2(matrix[1, 0], matrix[0, 0])
        pose = crops.pose_angles(t["rotation"][None])[0]
        pose[1] -= angle
        gaze = crops.gaze_angles(crops.turn_in_plane(t["direction"][None], -angle))[0]
        values = {
            "expression": t["expression"],
            "action_units": t["action_units"],
            "affect": t["affect"],
            "landmarks": points.T.reshape(-1),
            "pose": pose,
            "gaze": gaze,
        }
        if self.training and self.random.random() < 0.5:
            rgb = rgb[:, ::-1]
            values = {
                k: v[0] for k, v in mirror_values({k: v[None] for k, v in values.items()}).items()
            }
        if self.training:
            rgb = _photometric(np.ascontiguousarray(rgb), self.random)
        out = {k: np.asarray(v, np.float32) for k, v in values.items()}
        out["crop"] = np.ascontiguousarray(rgb)
        for head in ("expression", "affect", "gaze"):
            out["mask_" + head] = np.float32(t["mask_" + head])
        out["mask_found"] = np.float32(t["mask_found"])
        out["human"] = np.int64(t["human"])
        return out


def _jitter(five: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The crop of five points as a detector gives them: noisy, and off as a whole."""
    apart = np.linalg.norm(five[1] - five[0])
    noisy = five + random.normal(0, 0.025, five.shape) * apart
    matrix = crops.similarity(noisy, np.array(TEMPLATE))
    angle, scale = random.normal(0, np.radians(6)), np.exp(random.normal(0, 0.07))
    centre = np.array([55.5, 55.5])
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = random.normal(0, 2.0, 2)
    linear = turn @ matrix[:, :2]
    offset = turn @ (matrix[:, 2] - centre) + centre + shift
    return np.concatenate([linear, offset[:, None]], 1)


def _warp_varied(picture, matrix, random: np.random.Generator) -> np.ndarray:
    """Warp with the outside of the frame filled in one of several ways.

    FER2013's frames end at the face; without this a grey rim would mean "FER2013" to the network.
    """
    size = (SIZE, SIZE)
    kind = random.random()
    if kind < 0.5:
        rgb = cv2.warpAffine(picture, matrix, size, borderValue=(BORDER,) * 3)
    elif kind < 0.7:
        rgb = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    elif kind < 0.85:
        rgb = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REFLECT)
    else:
        fill = tuple(float(v) for v in random.integers(0, 256, 3))
        rgb = cv2.warpAffine(picture, matrix, size, borderValue=fill)
    if random.random() < 0.2:  # a face at the frame's edge
        left, top = random.integers(0, 22, 2)
        right, bottom = SIZE - random.integers(0, 22, 2)
        framed = np.full_like(rgb, BORDER)
        framed[top:bottom, left:right] = rgb[top:bottom, left:right]
        rgb = framed
    return rgb


def _photometric(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Light, colour, sharpness, compression, noise and occlusion."""
    chance = random.random(8)
    if chance[0] < 0.3:
        rgb = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if chance[1] < 0.35:  # coarse, as FER2013's 48 pixels or a face far away
        small = int(random.integers(36, 100))
        rgb = cv2.resize(rgb, (small, small), interpolation=cv2.INTER_AREA)
        rgb = cv2.resize(rgb, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    elif chance[1] < 0.5:
        rgb = cv2.GaussianBlur(rgb, (0, 0), float(random.uniform(0.4, 1.8)))
    ramp = np.arange(256, dtype=np.float32) / 255
    gain, bias = np.exp(random.normal(0, 0.2)), random.normal(0, 0.08)
    ramp = np.clip((ramp - 0.5) * gain + 0.5 + bias, 0, 1) ** np.exp(random.normal(0, 0.2))
    gains = 1 + random.normal(0, 0.12, 3) * (chance[2] < 0.5)
    table = np.clip(ramp[:, None] * gains * 255, 0, 255).astype(np.uint8)
    rgb = cv2.LUT(rgb, np.ascontiguousarray(table.reshape(1, 256, 3)))
    if chance[3] < 0.15:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(20, 80))]
        rgb = cv2.imdecode(cv2.imencode(".jpg", rgb, quality)[1], cv2.IMREAD_COLOR)
    if chance[4] < 0.15:
        noise = random.normal(0, random.uniform(2, 12), rgb.shape)
        rgb = np.clip(rgb + noise, 0, 255).astype(np.uint8)
    if chance[5] < 0.3:
        height, width = random.integers(12, 44, 2)
        top, left = random.integers(0, SIZE - height), random.integers(0, SIZE - width)
        rgb[top : top + height, left : left + width] = random.integers(0, 256, 3)
    return rgb


def masks_of(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Per-head sample weights of a batch of `Crops`."""
    masks = {head.name: batch["mask_found"] for head in HEADS}
    return masks | {h: batch["mask_" + h] for h in ("expression", "affect", "gaze")}


class Mixture(Sampler[int]):
    """Every picture with a human label once an epoch, of the others a share, in random order."""

    def __init__(self, human: np.ndarray, share: float, seed: int) -> None:
        self._labelled, self._others = np.flatnonzero(human >= 0), np.flatnonzero(human < 0)
        self._count = round(share * len(self._others))
        self._random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self._labelled) + self._count

    def __iter__(self) -> Iterator[int]:
        some = self._random.choice(self._others, self._count, replace=False)
        rows = np.concatenate([self._labelled, some])
        return iter(self._random.permutation(rows).tolist())


def loader(dataset: Crops, batch: int, sampler: Mixture | None = None) -> DataLoader:
    return DataLoader(
        dataset,
        batch,
        sampler=sampler,
        drop_last=sampler is not None,
        num_workers=1,
        worker_init_fn=_seed_worker,
        prefetch_factor=6,
    )


def _seed_worker(_: int) -> None:
    info = torch.utils.data.get_worker_info()
    info.dataset.random = np.random.default_rng(info.seed)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


class Average:
    """Running average of a network's weights and buffers."""

    def __init__(self, network: BehaviourNet, decay: float = 0.998) -> None:
        self.network = copy.deepcopy(network).eval()
        self.decay, self.steps = decay, 0

    @torch.no_grad()
    def update(self, network: BehaviourNet) -> None:
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        ours, theirs = self.network.state_dict(), network.state_dict()
        for key, value in ours.items():
            if value.dtype.is_floating_point:
                value.lerp_(theirs[key], 1 - decay)
            else:
                value.copy_(theirs[key])


class Clock:
    """How far training has come, in steps or in minutes; survives a checkpoint."""

    def __init__(self, minutes: float | None, steps: int) -> None:
        self.minutes, self.total, self.steps = minutes, steps, 0
        self.start = time.monotonic()

    def tick(self) -> None:
        self.steps += 1

    def progress(self) -> float:
        if self.minutes:
            return min((time.monotonic() - self.start) / (60 * self.minutes), 1.0)
        return min(self.steps / self.total, 1.0)

    def done(self) -> bool:
        return self.progress() >= 1.0

    def state(self) -> dict[str, float]:
        return {"steps": self.steps, "seconds": time.monotonic() - self.start}

    def restore(self, state: dict[str, float]) -> None:
        self.steps = int(state["steps"])
        self.start = time.monotonic() - state["seconds"]


def one_cycle(progress: float, warm: float) -> float:
    """Share of the peak rate: a linear rise over `warm`, then a cosine to nearly zero."""
    if progress < warm:
        return max(progress / warm, 0.02)
    return max(0.5 * (1 + np.cos(np.pi * (progress - warm) / (1 - warm))), 1e-3)


@torch.no_grad()
def predict(network: BehaviourNet, dataset: Crops, batch: int = 128):
    """Values of every head and the batches' tensors, stacked over a data set."""
    network.eval()
    values: dict[str, list] = {}
    for data in loader(dataset, batch):
        crop = normalize(data.pop("crop")).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(crop)
        out = activate({k: v.float() for k, v in outputs.items()})
        for key, value in ({"out_" + k: v for k, v in out.items()} | data).items():
            values.setdefault(key, []).append(value.numpy())
    return {key: np.concatenate(value) for key, value in values.items()}


def summary(results: dict[str, np.ndarray]) -> dict[str, float]:
    """A few figures of `predict`'s answer, to watch training by."""
    human, found = results["human"], results["mask_found"] > 0
    known = human >= 0
    out = {}
    if known.any():
        out["accuracy"] = float((results["out_expression"].argmax(1) == human)[known].mean())
    xy = [results[k][found].reshape(-1, 2, 68) for k in ("out_landmarks", "landmarks")]
    apart = np.linalg.norm(xy[1][:, :, 36:42].mean(2) - xy[1][:, :, 42:48].mean(2), axis=1)
    error = np.linalg.norm(xy[0] - xy[1], axis=1).mean(1)
    out["nme"] = float((error / apart).mean())
    for head in ("pose", "gaze"):
        miss = np.abs(results["out_" + head] - results[head])[found]
        out[head + "_deg"] = float(np.degrees(miss.mean()))
    seen = crops.evidence_share() == 0
    pairs = [results[k][found][:, seen].T for k in ("out_action_units", "action_units")]
    out["au_r"] = float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(*pairs, strict=True)]))
    return {k: round(v, 4) for k, v in out.items()}


def train(args: argparse.Namespace) -> None:
    """Train, keeping a checkpoint after every epoch."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    network = BehaviourNet().to(memory_format=torch.channels_last)
    with torch.no_grad():
        network.heads["expression"].weight.mul_(0.1)
    path = checkpoint_path(args.name)
    if args.init:
        state = torch.load(require(checkpoint_path(args.init), "checkpoint"), weights_only=True)
        network.load_state_dict(state["average"])
    average = Average(network)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": args.decay}, {"params": plain, "weight_decay": 0.0}],
        lr=args.rate,
    )
    crops_ = Crops(tuple(CORPORA), True, args.soft)
    sampler = Mixture(crops_.table["human"], args.others, args.seed)
    data = loader(crops_, args.batch, sampler)
    relations, matched = torch.from_numpy(RELATIONS), torch.from_numpy(crops.evidence_share() > 0)
    checks = {c: Crops((c,), False) for c in ("fer2013", "lfw")}
    clock = Clock(args.minutes, args.epochs * len(data))
    first = 0
    if args.resume:
        state = torch.load(require(path, "checkpoint"), weights_only=True)
        network.load_state_dict(state["network"])
        average.network.load_state_dict(state["average"])
        average.steps = state["steps"]
        optimizer.load_state_dict(state["optimizer"])
        clock.restore(state["clock"])
        first = state["epoch"]
    for epoch in range(first, 10_000 if args.minutes else args.epochs):
        start, shown = time.monotonic(), {}
        network.train()
        for step, batch in enumerate(data):
            if clock.done():
                break
            for group in optimizer.param_groups:
                group["lr"] = args.rate * one_cycle(clock.progress(), args.warm)
            crop = normalize(batch["crop"]).to(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = network(crop)
            outputs = {k: v.float() for k, v in outputs.items()}
            losses = behaviour_losses(
                outputs,
                batch,
                masks_of(batch),
                LANDMARKS.scale,
                LANDMARKS.offset,
                relations,
                matched,
            )
            optimizer.zero_grad(set_to_none=True)
            total(losses).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            clock.tick()
            average.update(network)
            for key, loss in losses.items():
                shown[key] = shown.get(key, 0.0) + float(loss.detach())
            if step % 50 == 49:
                rate = (step + 1) * args.batch / (time.monotonic() - start)
                now = {k: round(v / (step + 1), 4) for k, v in shown.items()}
                print(f"epoch {epoch} step {step + 1}/{len(data)} {rate:.0f}/s {now}", flush=True)
        torch.save(
            {
                "network": network.state_dict(),
                "average": average.network.state_dict(),
                "steps": average.steps,
                "optimizer": optimizer.state_dict(),
                "clock": clock.state(),
                "epoch": epoch + 1,
                "arguments": json.dumps(vars(args)),
            },
            path,
        )
        figures = {c: summary(predict(average.network, d)) for c, d in checks.items()}
        seconds = time.monotonic() - start
        print(f"epoch {epoch} done in {seconds:.0f} s {json.dumps(figures)}", flush=True)
        if clock.done():
            break


def annotate(name: str) -> None:
    """Write the network's expression probabilities of every picture as soft labels."""
    network = BehaviourNet().to(memory_format=torch.channels_last)
    state = torch.load(require(checkpoint_path(name), "checkpoint"), weights_only=True)
    network.load_state_dict(state["average"])
    for corpus in CORPORA:
        results = predict(network, Crops((corpus,), False, everything=True))
        np.save(annotation_path(corpus), results["out_expression"])
        means = dict(
            zip(EXPRESSIONS, results["out_expression"].mean(0).round(3).tolist(), strict=False)
        )
        print(corpus, means)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="second", help="of the checkpoint")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--minutes", type=float, help="train this long instead of by epochs")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--warm", type=float, default=0.15, help="share of steps to the peak rate")
    parser.add_argument(
        "--others", type=float, default=0.4, help="share of the unlabelled pictures an epoch shows"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--init", help="checkpoint to start from")
    parser.add_argument("--soft", action="store_true", help="use soft labels of --annotate")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--annotate", metavar="NAME", help="label expressions and stop")
    args = parser.parse_args()
    if args.annotate:
        annotate(args.annotate)
    else:
        train(args)


if __name__ == "__main__":
    main()
