"""Trains either network: ``python -m models.training.train CONFIG``.

``task`` in the configuration says which network it is::

    python -m models.training.train models/training/configs/detector-tiny.toml --out runs/detector
    python -m models.training.train models/training/configs/behaviour-fast.toml --stage finetune

``--resume`` goes on from the last checkpoint and ends in the very weights of a run that was never
stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.training.train import behaviour_config, detector_config
from models.training.train.behaviour import behaviour_trainer
from models.training.train.config import task_of
from models.training.train.detector import detector_trainer
from models.training.train.trainer import Trainer, TrainingOptions

OPTIONS_OF = {
    "behaviour": ("stage", "name", "init"),
    "detector": ("out", "progress", "steps", "initial"),
}
REQUIRED = {"behaviour": "stage", "detector": "out"}


def parser() -> argparse.ArgumentParser:
    """The command line of both tasks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path, help="TOML file, see models/training/configs")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--minutes", type=float, help="length in minutes, instead of in steps")
    parser.add_argument("--device", help="cpu or cuda; by default cuda where there is one")
    parser.add_argument("--threads", type=int, default=1)
    behaviour = parser.add_argument_group("task behaviour")
    behaviour.add_argument("--stage", help="one of the configuration's")
    behaviour.add_argument("--name", help="of the checkpoint, instead of the stage's")
    behaviour.add_argument("--init", help="checkpoint to start from, instead of the stage's")
    detector = parser.add_argument_group("task detector")
    detector.add_argument("--out", type=Path, help="folder of checkpoints and log")
    detector.add_argument("--steps", type=int, help="instead of the configuration's")
    detector.add_argument(
        "--progress", type=float, help="with --resume: where to take the schedule up again, 0 to 1"
    )
    detector.add_argument(
        "--initial",
        type=Path,
        help="state dict of the backbone or float ONNX file of the network to start from",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> Trainer:
    """Run the command line; returns the trainer, its training done."""
    command_line = parser()
    args = command_line.parse_args(arguments)
    task = task_of(args.config)
    for other, names in OPTIONS_OF.items():
        for name in names:
            if other != task and getattr(args, name) is not None:
                command_line.error(f"--{name}: wanted task {other}, {args.config} has {task}")
    if getattr(args, REQUIRED[task]) is None:
        command_line.error(f"--{REQUIRED[task]}: wanted by task {task}")
    torch.set_num_threads(args.threads)
    device = args.device or ("cuda" if torch.cuda.is_available() else "cpu")
    options = TrainingOptions(args.minutes, device, args.resume)
    trainer = _behaviour(args, options) if task == "behaviour" else _detector(args, options)
    trainer.train()
    return trainer


def _behaviour(args: argparse.Namespace, options: TrainingOptions) -> Trainer:
    config = behaviour_config.read(args.config)
    changed = {"checkpoint": args.name, "init": args.init}
    stage = replace(config.stage(args.stage), **{k: v for k, v in changed.items() if v})
    return behaviour_trainer(config, stage, options)


def _detector(args: argparse.Namespace, options: TrainingOptions) -> Trainer:
    config = detector_config.read(args.config)
    if args.steps:
        config = replace(config, training=replace(config.training, steps=args.steps))
    exported = args.initial if args.initial and args.initial.suffix == ".onnx" else None
    initial = None
    if args.initial and not exported:
        initial = torch.load(args.initial, weights_only=True, map_location="cpu")
    return detector_trainer(config, args.out, options, initial, args.progress, exported)


if __name__ == "__main__":
    main()
