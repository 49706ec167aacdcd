"""How far a training has come, and when it ends."""

from __future__ import annotations

import math
import time
from typing import Protocol


class Progress(Protocol):
    """Progress of a training, from 0 to 1; survives a checkpoint.

    Attributes
    ----------
    steps : int
        Steps of the optimizer so far.
    """

    steps: int

    @property
    def value(self) -> float:
        """Progress, 0 at the start and 1 at the end."""
        ...

    def tick(self) -> None:
        """Count a step."""

    def state(self) -> dict[str, float]:
        """What a checkpoint keeps."""
        ...

    def restore(self, state: dict[str, float]) -> None:
        """Go on from what a checkpoint kept."""


class WholeProgress:
    """Progress as the share of a whole length, in steps or in minutes.

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

    @property
    def value(self) -> float:
        """Progress, 0 to 1."""
        if self.minutes:
            return min((time.monotonic() - self.start) / (60 * self.minutes), 1.0)
        return min(self.steps / self.total, 1.0)

    def tick(self) -> None:
        """Count a step."""
        self.steps += 1

    def state(self) -> dict[str, float]:
        """What a checkpoint keeps."""
        return {"steps": self.steps, "seconds": time.monotonic() - self.start}

    def restore(self, state: dict[str, float]) -> None:
        """Go on from what a checkpoint kept."""
        self.steps = int(state["steps"])
        self.start = time.monotonic() - state["seconds"]


class RemainingProgress:
    """Progress that goes in equal parts over what is left, in steps or in minutes.

    A resumed training may take its schedule up at another point, or have another length.

    Parameters
    ----------
    minutes : float or None
        Time for the rest of the schedule from now on; None: by steps.
    steps : int
        The whole number of steps, where there are no minutes.
    """

    def __init__(self, minutes: float | None, steps: int) -> None:
        self.minutes, self.total, self.steps = minutes, steps, 0
        self.value = 0.0
        self._start, self._first = time.monotonic(), 0.0

    def tick(self) -> None:
        """Count a step."""
        self.steps += 1
        if self.minutes is None:
            left = max(self.total - self.steps, 0)
            self.value += (1 - self.value) / (left + 1)
        else:
            spent = (time.monotonic() - self._start) / (60 * self.minutes)
            self.value = min(1.0, self._first + (1 - self._first) * spent)

    def set_value(self, value: float) -> None:
        """Take the schedule up at a point, 0 to 1."""
        self.value = self._first = value
        self._start = time.monotonic()

    def state(self) -> dict[str, float]:
        """What a checkpoint keeps."""
        return {"steps": self.steps, "value": self.value}

    def restore(self, state: dict[str, float]) -> None:
        """Go on from what a checkpoint kept."""
        self.steps = int(state["steps"])
        self.set_value(float(state["value"]))


class Patience:
    """Ends training when a loss has not fallen for some validations.

    Parameters
    ----------
    most : int
        How many validations without a new lowest loss; 0: never ends it.
    """

    def __init__(self, most: int) -> None:
        self.most, self.best, self.waited = most, math.inf, 0

    def better(self, loss: float) -> bool:
        """Take a validation's loss in; True when it is the lowest so far."""
        if loss < self.best:
            self.best, self.waited = loss, 0
            return True
        self.waited += 1
        return False

    def over(self) -> bool:
        """Whether training ends."""
        return 0 < self.most <= self.waited

    def state(self) -> dict[str, float]:
        """What a checkpoint keeps."""
        return {"best": self.best, "waited": self.waited}

    def restore(self, state: dict[str, float]) -> None:
        """Go on from what a checkpoint kept."""
        self.best, self.waited = float(state["best"]), int(state["waited"])
