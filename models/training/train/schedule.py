"""When training is how far, how fast it learns then, and when it is over."""

from __future__ import annotations

import math
import time


class Clock:
    """How far training has come, in steps or in minutes; survives a checkpoint.

    Parameters
    ----------
    minutes : float or None
        The whole time, pauses between checkpoint and resumption not counted; None: by steps.
    steps : int
        The whole number of steps, where there are no minutes.
    """

    def __init__(self, minutes: float | None, steps: int) -> None:
        self.minutes, self.total, self.steps = minutes, steps, 0
        self.start = time.monotonic()

    def tick(self) -> None:
        self.steps += 1

    def progress(self) -> float:
        """0 at the start, 1 at the end."""
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
    return max(0.5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm))), 1e-3)


class Patience:
    """Ends training when a loss has not fallen for some epochs.

    Parameters
    ----------
    epochs : int
        How many epochs without a new lowest loss; 0: never ends it.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs, self.best, self.waited = epochs, math.inf, 0

    def better(self, loss: float) -> bool:
        """Take an epoch's loss in; True when it is the lowest so far."""
        if loss < self.best:
            self.best, self.waited = loss, 0
            return True
        self.waited += 1
        return False

    def over(self) -> bool:
        return 0 < self.epochs <= self.waited

    def state(self) -> dict[str, float]:
        return {"best": self.best, "waited": self.waited}

    def restore(self, state: dict[str, float]) -> None:
        self.best, self.waited = float(state["best"]), int(state["waited"])
