"""Whether memory, file descriptors and threads grow, from samples of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import theilslopes

__all__ = ["FEWEST", "LIMIT", "Sample", "Trend", "find_trend"]

LIMIT = 1.0
"""MB an hour that the resident set may grow."""
FEWEST = 12
"""Samples after warm-up that a trend is told from."""
# The most points that the slope is fitted to, medians of groups of samples: neighbours are alike,
# and an interval that took each for a measurement of its own would be too narrow.
_POINTS = 24
_LEVEL = 0.99  # of the slope's confidence interval


class Sample(NamedTuple):
    """What a process holds at one moment.

    Attributes
    ----------
    seconds : float
        Since the beginning.
    resident : float
        Resident set, MB (10^6 bytes).
    handles, threads : int
        Open file descriptors, and threads.
    """

    seconds: float
    resident: float
    handles: int
    threads: int


class Trend(NamedTuple):
    """What samples say of growth.

    Attributes
    ----------
    slope, lowest, highest : float
        Of the resident set, MB an hour: the median of the slopes between all pairs of samples
        (Theil and Sen), and its 99 % confidence interval.
    handles, threads : int
        By how many the median of the last quarter is above the most of the first quarter.
    samples : int
        After warm-up.
    """

    slope: float
    lowest: float
    highest: float
    handles: int
    threads: int
    samples: int

    @property
    def faults(self) -> list[str]:
        """What grows that must not; memory only where the whole interval is above `LIMIT`."""
        found = []
        if self.lowest > LIMIT:
            found.append(
                f"resident set: wanted at most {LIMIT:g} MB/h, got {self.slope:.1f} "
                f"({self.lowest:.1f} to {self.highest:.1f})"
            )
        for name, more in (("file descriptors", self.handles), ("threads", self.threads)):
            if more:
                found.append(f"{name}: wanted as many as at the beginning, got {more} more")
        return found


def find_trend(samples: Sequence[Sample], warm_up: float) -> Trend:
    """Growth after a warm-up.

    Parameters
    ----------
    samples : sequence of Sample
        In order of time.
    warm_up : float
        Seconds whose samples are left out.

    Raises
    ------
    ValueError
        Fewer than `FEWEST` samples are left.
    """
    kept = [sample for sample in samples if sample.seconds >= warm_up]
    if len(kept) < FEWEST:
        raise ValueError(f"samples after warm-up: wanted at least {FEWEST}, got {len(kept)}")
    hours = _thinned([sample.seconds / 3600 for sample in kept])
    resident = _thinned([sample.resident for sample in kept])
    slope, _, lowest, highest = theilslopes(resident, hours, _LEVEL)
    return Trend(
        float(slope),
        float(lowest),
        float(highest),
        _growth([sample.handles for sample in kept]),
        _growth([sample.threads for sample in kept]),
        len(kept),
    )


def _thinned(values: Sequence[float]) -> NDArray[np.float64]:
    """Medians of at most `_POINTS` groups of neighbours."""
    groups = np.array_split(np.asarray(values, np.float64), min(len(values), _POINTS))
    return np.array([np.median(group) for group in groups])


def _growth(counts: Sequence[int]) -> int:
    quarter = max(len(counts) // 4, 1)
    return max(int(np.median(counts[-quarter:])) - max(counts[:quarter]), 0)
