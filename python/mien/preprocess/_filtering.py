"""Cleaning of one session: least squares and Butterworth filters over its known rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.preprocess._timing import Grid, even_grid, require_positive, runs, same_gaps
from mien.preprocess.sessions import Rows, Sessions

__all__: list[str] = []


Floats = NDArray[np.float64]
ORDER = 5
"""Order of the Butterworth filters; run forwards and backwards, they attenuate twice."""


@dataclass(frozen=True)
class Plan:
    """What to do to each session."""

    detrend: bool
    standardize: bool
    low_pass: float | None
    high_pass: float | None
    ensure_finite: bool

    def __post_init__(self) -> None:
        for name in ("low_pass", "high_pass"):
            cutoff = getattr(self, name)
            if cutoff is not None:
                require_positive(name, cutoff, "Hz")
        if self.low_pass and self.high_pass and self.high_pass >= self.low_pass:
            raise OptionError(
                f"high_pass: wanted less than low_pass ({self.low_pass:g} Hz), "
                f"got {self.high_pass:g} Hz"
            )

    @property
    def filters(self) -> bool:
        """Whether a low-pass or high-pass filter is asked for."""
        return self.low_pass is not None or self.high_pass is not None


class Cleaner:
    """Cleans lots of signals (signals, rows) of the same rows."""

    def __init__(
        self, plan: Plan, sessions: Sessions, times: Floats | None, nuisance: Floats | None
    ) -> None:
        self.plan = plan
        self.sessions = sessions
        self.times = times
        self.nuisance = nuisance
        self.rows: list[Rows] = list(sessions.rows())
        self.grids: list[Grid | None] = [self._grid(i, r) for i, r in enumerate(self.rows)]

    def _grid(self, number: int, rows: Rows) -> Grid | None:
        if not self.plan.filters or self.times is None:
            return None
        name = self.sessions.name(number)
        grid = even_grid(self.times[rows], name)
        for option in ("low_pass", "high_pass"):
            cutoff = getattr(self.plan, option)
            if cutoff is not None and cutoff >= grid.rate / 2:
                raise OptionError(
                    f"{option}: wanted less than {grid.rate / 2:g} Hz, half the rate of {name}, "
                    f"got {cutoff:g} Hz"
                )
        return grid

    def __call__(self, signals: Floats) -> Floats:
        """Clean in place, where rows of a session are neighbours."""
        signals[:, self.sessions.codes < 0] = np.nan
        for rows, grid in zip(self.rows, self.grids, strict=True):
            part = signals[:, rows]
            times = None if self.times is None else self.times[rows]
            nuisance = None if self.nuisance is None else self.nuisance[:, rows]
            self._session(part, times, grid, nuisance)
            if not isinstance(rows, slice):
                signals[:, rows] = part
        if self.plan.ensure_finite:
            np.nan_to_num(signals, copy=False, nan=0, posinf=0, neginf=0)
        return signals

    def _session(
        self, part: Floats, times: Floats | None, grid: Grid | None, nuisance: Floats | None
    ) -> None:
        if nuisance is not None:
            part[:, ~np.isfinite(nuisance).all(axis=0)] = np.nan
        for members, present in same_gaps(part):
            if present is None:
                known = part if isinstance(members, slice) else part[members]
                self._known(known, times, grid, nuisance)
                if known is not part:
                    part[members] = known
                continue
            known = part[members][:, present]
            where = np.ix_(_numbers(members, len(part)), np.flatnonzero(present))
            self._known(
                known,
                None if times is None else times[present],
                None if grid is None else Grid(grid.rate, grid.place[present]),
                None if nuisance is None else nuisance[:, present],
            )
            part[np.ix_(_numbers(members, len(part)), np.flatnonzero(~present))] = np.nan
            part[where] = known

    def _known(
        self, x: Floats, times: Floats | None, grid: Grid | None, nuisance: Floats | None
    ) -> None:
        """Clean signals that miss nothing, in place."""
        if not x.shape[1]:
            return
        plan = self.plan
        size = np.maximum(x.max(axis=1), -x.min(axis=1)) if plan.standardize else None
        regressors = None if nuisance is None else nuisance.copy()
        for values in (x, regressors):
            if values is None:
                continue
            if plan.detrend and times is not None:
                _detrend(values, times)
            if grid is not None:
                _filter(values, grid, plan.low_pass, plan.high_pass)
        if regressors is not None:
            _regress_out(x, regressors)
        if size is not None:
            _standardize(x, size)


def _numbers(members: slice | NDArray[np.intp], count: int) -> NDArray[np.intp]:
    return np.asarray(np.arange(count)[members], np.intp)


def _detrend(x: Floats, times: Floats) -> None:
    centred = times - times.mean()
    x -= x.mean(axis=1, keepdims=True)
    spread = float(centred @ centred)
    if spread:
        slopes = x @ (centred / spread)
        for row, slope in zip(x, slopes, strict=True):  # by signal: no copy of all of them
            row -= slope * centred


def _filter(x: Floats, grid: Grid, low: float | None, high: float | None) -> None:
    from scipy.signal import sosfiltfilt

    sections = _butterworth(round(grid.rate, 6), low, high)
    needed = _padding(sections)
    for run in runs(grid.place):
        if run.stop - run.start > needed:
            x[:, run] = sosfiltfilt(sections, x[:, run], axis=1)
        else:
            x[:, run] = np.nan


@lru_cache(maxsize=64)
def _butterworth(rate: float, low: float | None, high: float | None) -> Floats:
    from scipy.signal import butter

    kind = "bandpass" if low and high else "lowpass" if low else "highpass"
    cutoffs = [high, low] if low and high else low or high
    sections: Floats = butter(ORDER, cutoffs, kind, output="sos", fs=rate)
    return sections


def _padding(sections: Floats) -> int:
    """Rows that scipy.signal.sosfiltfilt adds at each end, and needs more than."""
    taps = 2 * len(sections) + 1
    taps -= min(int((sections[:, 2] == 0).sum()), int((sections[:, 5] == 0).sum()))
    return 3 * taps


def _regress_out(x: Floats, regressors: Floats) -> None:
    known = np.isfinite(x).all(axis=0) & np.isfinite(regressors).all(axis=0)
    if not known.any():
        return
    design = regressors[:, known]
    mean = design.mean(axis=1, keepdims=True)
    weights, *_ = np.linalg.lstsq((design - mean).T, x[:, known].T, rcond=None)
    x -= weights.T @ (regressors - mean)


def _standardize(x: Floats, size: Floats) -> None:
    known = np.isfinite(x[0])
    if known.sum() < 2:
        x[:, known] = 0
        return
    every = known.all()
    for row, most in zip(x, size, strict=True):
        part = row if every else row[known]
        centred = part - part.mean()
        deviation = float(np.sqrt(centred @ centred / (len(centred) - 1)))
        # What rounding leaves of a constant signal is not a signal.
        scaled = centred / deviation if deviation > 1e-10 * most else np.zeros_like(centred)
        row[known] = scaled
