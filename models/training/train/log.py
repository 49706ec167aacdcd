"""What training says: a table of epochs (CSV), TensorBoard, and a bar or lines on the terminal."""

from __future__ import annotations

import csv
import importlib.util
import sys
import time
from pathlib import Path

EVERY = 50


class EpochLog:
    """One row an epoch in ``path``; the same numbers go to TensorBoard where that is installed.

    Parameters
    ----------
    path : Path
        CSV file.
    first : int
        The epoch training goes on at: rows of that epoch and later ones are dropped, so that a
        resumed training's table has every epoch once. 0 starts a new table.
    """

    def __init__(self, path: Path, first: int = 0) -> None:
        self._path = path
        self._rows: list[dict[str, str]] = []
        if first and path.exists():
            with path.open(newline="") as file:
                self._rows = [r for r in csv.DictReader(file) if int(r["epoch"]) < first]
        self._board = None
        if importlib.util.find_spec("tensorboard") is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(path.with_suffix("")), purge_step=first)

    def write(self, epoch: int, numbers: dict[str, float]) -> None:
        self._rows.append({"epoch": str(epoch)} | {k: f"{v:.6g}" for k, v in numbers.items()})
        columns = list(dict.fromkeys(key for row in self._rows for key in row))
        with self._path.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows)
        if self._board is not None:
            for name, value in numbers.items():
                self._board.add_scalar(name, value, epoch)
            self._board.flush()


class Steps:
    """Goes through an epoch's batches: a bar on a terminal, a line every 50 steps elsewhere.

    `means` holds the mean of each loss so far.
    """

    def __init__(self, batches, epoch: int, batch: int) -> None:
        self._batches, self._epoch, self._batch = batches, epoch, batch
        self._sums: dict[str, float] = {}
        self._count = 0

    def add(self, losses: dict[str, float]) -> None:
        self._count += 1
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + loss

    def means(self) -> dict[str, float]:
        return {name: value / max(self._count, 1) for name, value in self._sums.items()}

    def __iter__(self):
        return self._bar() if sys.stdout.isatty() else self._lines()

    def _lines(self):
        start, count = time.monotonic(), len(self._batches)
        for step, batch in enumerate(self._batches, 1):
            yield batch
            if step % EVERY == 0:
                speed = step * self._batch / (time.monotonic() - start)
                text = " ".join(f"{k} {v:.4f}" for k, v in self.means().items())
                print(f"epoch {self._epoch} step {step}/{count} {speed:.0f}/s {text}", flush=True)

    def _bar(self):
        from rich.progress import Progress

        with Progress() as progress:
            task = progress.add_task(f"epoch {self._epoch}", total=len(self._batches))
            for batch in self._batches:
                yield batch
                text = " ".join(f"{k} {v:.3f}" for k, v in self.means().items())
                progress.update(task, advance=1, description=f"epoch {self._epoch} {text}")
