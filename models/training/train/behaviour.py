"""Trains the behaviour network by a configuration file, stage by stage.

    python -m models.training.train.behaviour models/training/configs/behaviour-fast.toml --stage
    pretrain python -m models.training.train.behaviour models/training/configs/behaviour-fast.toml
    --stage first python -m models.training.train.soft_labels
    models/training/configs/behaviour-fast.toml fast-first python -m models.training.train.behaviour
    models/training/configs/behaviour-fast.toml --stage finetune python -m
    models.training.train.behaviour ... --resume                     # go on where it stopped

With `--minutes` the rate falls to zero as that time runs out, however many epochs it makes.
<cache>/behaviour/NAME.pt is the checkpoint, written after every epoch; NAME.csv the log beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import nn

from models.training.datasets import crops
from models.training.datasets.behaviour_set import Crops
from models.training.datasets.sampling import loader, sampler
from models.training.losses.behaviour import behaviour_losses, total
from models.training.losses.distillation import distillation_losses, mix
from models.training.networks.behaviour import BehaviourNet, normalize
from models.training.train.checkpoint import Run, averaged_weights, checkpoint_path
from models.training.train.config import Config, Stage, read
from models.training.train.ema import Average
from models.training.train.log import EpochLog, Steps
from models.training.train.schedule import Clock, Patience, one_cycle
from models.training.train.validation import loss_of, masks_of, predict, summary

__all__ = ["Crops", "Trainer", "checkpoint_path", "normalize"]


class Trainer:
    """One stage of one configuration.

    Parameters
    ----------
    config : Config
    stage : Stage
    minutes : float, optional
        Train this long, instead of the stage's epochs.
    device : str
        ``cpu`` or ``cuda``; forward passes are in bfloat16 on both.
    resume : bool
        Go on from the stage's checkpoint.
    """

    def __init__(
        self,
        config: Config,
        stage: Stage,
        minutes: float | None = None,
        device: str = "cpu",
        resume: bool = False,
    ) -> None:
        self.stage, self.seed, self.device = stage, config.seed, torch.device(device)
        self.arguments = {"seed": config.seed, "minutes": minutes} | asdict(stage)
        self.path = checkpoint_path(stage.checkpoint)
        torch.manual_seed(config.seed)
        init = None if resume else stage.init
        network = first_network(config, init).to(self.device, memory_format=torch.channels_last)
        self.teacher = teacher_network(config, stage, self.device)
        self.matched = torch.from_numpy(~crops.seen_well())
        told = {"options": stage.labels, "fold": stage.fold, "detected": stage.detected}
        self.data = Crops(config.datasets, True, seed=config.seed, **told)
        self.order = sampler(stage.sampling, self.data.table["human"], stage.others, config.seed)
        self.batches = loader(self.data, stage.batch, self.order, stage.workers)
        self.fold = Crops(config.datasets, False, part="watch", **told)
        self.watched = {c: Crops((c,), False, detected=stage.detected) for c in stage.watch}
        self.run = Run(
            network,
            Average(network, stage.average),
            optimizer_of(network, stage),
            Clock(minutes, stage.epochs * len(self.batches)),
            Patience(stage.patience),
        )
        if resume:
            self.run.restore(self.path, self.arguments)

    def train(self) -> None:
        """Train to the end, keeping a checkpoint after every epoch."""
        run = self.run
        log = EpochLog(self.path.with_suffix(".csv"), run.epoch)
        while not run.clock.done() and not run.patience.over():
            start = time.monotonic()
            numbers = self._epoch() | {"progress": run.clock.progress()}
            run.epoch += 1
            better = False
            if len(self.fold):
                numbers["fold loss"] = self._fold_loss()
                better = run.patience.better(numbers["fold loss"])
            run.save(self.path, self.arguments)
            if better and self.stage.patience:
                run.save(checkpoint_path(self.stage.checkpoint + ".best"), self.arguments)
            for dataset, held_out in self.watched.items():
                figures = summary(
                    predict(run.average.network, held_out, workers=self.stage.workers)
                )
                numbers |= {f"{dataset} {name}": value for name, value in figures.items()}
            numbers["seconds"] = round(time.monotonic() - start, 1)
            log.write(run.epoch - 1, numbers)
            shown = {name: round(value, 4) for name, value in numbers.items()}
            print(f"epoch {run.epoch - 1} done: {json.dumps(shown)}", flush=True)

    def _epoch(self) -> dict[str, float]:
        """One epoch; mean losses."""
        run, stage = self.run, self.stage
        torch.manual_seed(self.seed * 100_003 + run.epoch)
        self.data.epoch = self.order.epoch = run.epoch
        run.network.train()
        steps = Steps(self.batches, run.epoch, stage.batch)
        for batch in steps:
            if run.clock.done():
                break
            for group in run.optimizer.param_groups:
                group["lr"] = stage.rate * one_cycle(run.clock.progress(), stage.warm)
            steps.add(self._step(batch))
            run.clock.tick()
        return steps.means()

    def _step(self, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        """Learn from one batch; its losses."""
        batch = {key: value.to(self.device, non_blocking=True) for key, value in batch.items()}
        crop = normalize(batch["crop"]).to(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            outputs = self.run.network(crop)
        losses = self._losses({k: v.float() for k, v in outputs.items()}, batch, crop)
        loss = total(losses, self.stage.weights)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"step {self.run.clock.steps}: the loss is {loss.item()}")
        self.run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.run.network.parameters(), self.stage.clip)
        self.run.optimizer.step()
        self.run.average.update(self.run.network)
        return {head: float(value.detach()) for head, value in losses.items()}

    def _losses(self, outputs, batch, crop) -> dict[str, torch.Tensor]:
        losses = behaviour_losses(
            outputs, batch, masks_of(batch), self.matched, error=self.stage.error
        )
        if self.teacher is None:
            return losses
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
            said = self.teacher(crop)
        told = self.stage.teacher
        taught = distillation_losses(
            outputs, {k: v.float() for k, v in said.items()}, told.temperature
        )
        return mix(losses, taught, told.share)

    def _fold_loss(self) -> float:
        results = predict(self.run.average.network, self.fold, workers=self.stage.workers)
        return loss_of(results, self.stage.weights, self.matched, self.stage.error)


def first_network(config: Config, init: str | None) -> BehaviourNet:
    """The network a stage starts from: random, or another stage's averaged weights."""
    network = config.build()
    with torch.no_grad():  # a new network's expressions start nearly alike
        network.heads["expression"].weight.mul_(0.1)
    if init:
        network.load_state_dict(averaged_weights(init))
    return network


def teacher_network(config: Config, stage: Stage, device: torch.device) -> BehaviourNet | None:
    """The network a stage learns from besides the labels, if it has one."""
    if stage.teacher is None:
        return None
    network = config.teacher(stage.teacher)
    network.load_state_dict(averaged_weights(stage.teacher.checkpoint))
    network = network.eval().requires_grad_(False)
    return network.to(device, memory_format=torch.channels_last)


def optimizer_of(network: nn.Module, stage: Stage) -> torch.optim.AdamW:
    """AdamW; biases and normalization are not decayed."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": stage.decay}]
    groups.append({"params": plain, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=stage.rate)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path, help="TOML, see models.training.train.config")
    parser.add_argument("--stage", required=True, help="one of the configuration's")
    parser.add_argument("--minutes", type=float, help="train this long instead of by epochs")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--name", help="of the checkpoint, instead of the stage's")
    parser.add_argument("--init", help="checkpoint to start from, instead of the stage's")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    config = read(args.config)
    changed = {"checkpoint": args.name, "init": args.init}
    stage = replace(config.stage(args.stage), **{k: v for k, v in changed.items() if v})
    Trainer(config, stage, args.minutes, args.device, args.resume).train()


if __name__ == "__main__":
    main()
