"""Log of a training: JSON lines in a file, and TensorBoard where that is installed."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class LossMeans:
    """Means of losses over some steps."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._count = 0

    def add(self, losses: Mapping[str, float]) -> None:
        """Take one step's losses in."""
        self._count += 1
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + loss

    def values(self) -> dict[str, float]:
        """The mean of each loss since the start or the last `clear`."""
        return {name: value / max(self._count, 1) for name, value in self._sums.items()}

    def clear(self) -> None:
        """Start anew."""
        self._sums, self._count = {}, 0


class TrainingLog:
    """A file of JSON lines, each with the ``step`` it was written at.

    Parameters
    ----------
    path : Path
        The file.
    first : int
        The step training goes on from: later lines, of an interrupted run, are dropped, so that a
        resumed training's log has every step once. 0 starts a new log.
    """

    def __init__(self, path: Path, first: int = 0) -> None:
        lines = path.read_text().splitlines() if first and path.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= first]
        path.write_text("".join(line + "\n" for line in kept))
        self._file = path.open("a")
        self._board: Any = None
        if importlib.util.find_spec("tensorboard") is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(path.with_suffix("")), purge_step=first)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Write a line of numbers, six significant digits each."""
        line = {"step": step} | {k: float(f"{v:.6g}") for k, v in values.items()}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)
            self._board.flush()

    def close(self) -> None:
        """Close the file; what is written is already in it."""
        self._file.close()
        if self._board is not None:
            self._board.close()
