"""Writes pairs of faces, still and with one unit moved, for the behaviour network's training.

    python -m models.training.datasets.moved_actions --count 6000 [--out FOLDER]

Faces are those of the training part; a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from models.training.datasets.moved_actions.faces import COLOUR
from models.training.datasets.moved_actions.pairs import build
from models.training.datasets.paths import cache_dir


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="folder; default: moved_actions of the cache")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--datasets", nargs="+", choices=COLOUR, default=list(COLOUR))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    folder = options.out or cache_dir() / "moved_actions"
    build(folder, options.count, tuple(options.datasets), options.seed)


if __name__ == "__main__":
    main()
