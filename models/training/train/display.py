"""What a training shows on the terminal: a bar, or printed lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from rich.progress import Progress as Bar
from typing_extensions import Self

from models.training.train.checkpoint import TrainingState

EVERY = 50  # steps between two printed lines


class Display:
    """Shows progress and losses while a network trains.

    Parameters
    ----------
    state : TrainingState
        The training to show.
    """

    def __init__(self, state: TrainingState) -> None:
        self._state, self._terminal = state, sys.stdout.isatty()
        self._bar = Bar(disable=not self._terminal)
        self._task = self._bar.add_task("", total=1.0, completed=state.progress.value)
        self._start, self._first = time.monotonic(), state.progress.steps

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def seconds(self) -> float:
        """Time since training started or was resumed, in seconds."""
        return round(time.monotonic() - self._start, 1)

    def step(self, losses: Mapping[str, float]) -> None:
        """Show a step's losses, now and then."""
        step = self._state.progress.steps
        if self._terminal:
            text = f"step {step} " + " ".join(f"{k} {v:.3f}" for k, v in losses.items())
            self._bar.update(self._task, completed=self._state.progress.value, description=text)
        elif step % EVERY == 0:
            rate = (step - self._first) / max(time.monotonic() - self._start, 1e-9)
            text = " ".join(f"{k} {v:.4f}" for k, v in losses.items())
            progress = self._state.progress.value
            print(f"step {step} ({progress:.1%}, {rate:.1f}/s) {text}", flush=True)

    def line(self, values: Mapping[str, float]) -> None:
        """Print a validation's line of the log."""
        text = " ".join(f"{name} {value:.4g}" for name, value in values.items())
        show = self._bar.console.print if self._terminal else print
        show(f"step {self._state.progress.steps} done: {text}")
