"""The one-euro filter: smooth when still, quick when moving; for values as they come."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError, OptionError
from mien.preprocess._timing import require_positive
from mien.preprocess.columns import Columns, as_table, matrix, value_columns, with_values
from mien.table import FaceTable

__all__ = ["OneEuroFilter"]


Floats = NDArray[np.float64]


class OneEuroFilter:
    """One-euro filter of any number of signals, for live use.

    Algorithm 1 of Casiez, Roussel and Vogel (2012, CHI).

    A first-order low-pass whose cut-off rises with the speed of the signal: ``min_cutoff + beta *
    |speed|``. Lower `min_cutoff` until a still face doesn't tremble, then raise `beta` until a
    moving one doesn't lag.

    Parameters
    ----------
    min_cutoff : float, optional
        Cut-off in Hz of a signal at rest.
    beta : float, optional
        Hz for each unit a second of speed; mind that units differ between pixels and intensities.
    d_cutoff : float, optional
        Cut-off in Hz for the speed itself.

    Raises
    ------
    OptionError
        A cut-off that is not positive, a negative `beta`.

    Examples
    --------
    >>> live = OneEuroFilter(min_cutoff=1.0)
    >>> [round(float(live([x], time=t)[0]), 3) for t, x in ((0.0, 0.0), (0.1, 1.0), (0.2, 1.0))]
    [0.0, 0.386, 0.623]
    """

    def __init__(self, min_cutoff: float = 1.0, beta: float = 0.0, d_cutoff: float = 1.0) -> None:
        require_positive("min_cutoff", min_cutoff, "Hz")
        require_positive("d_cutoff", d_cutoff, "Hz")
        if not (np.isfinite(beta) and beta >= 0):
            raise OptionError(f"beta: wanted 0 or more, got {beta!r}")
        self.min_cutoff = min_cutoff
        self.beta = beta
        self.d_cutoff = d_cutoff
        self.reset()

    def reset(self) -> None:
        """Forget everything seen."""
        self._value: Floats | None = None
        self._speed = np.zeros(0)
        self._time = np.zeros(0)
        self._faces: dict[Hashable, OneEuroFilter] = {}

    def __call__(self, values: ArrayLike, time: float) -> Floats:
        """Filter the next values.

        Parameters
        ----------
        values : array_like
            (signals,) numbers, as many as before. A missing one (NaN) gives NaN, and the next known
            one goes on from the last, with the time between them counting: after long it is taken
            as it is.
        time : float
            Seconds; later than before.

        Returns
        -------
        numpy.ndarray
            (signals,) float64.

        Raises
        ------
        InputError
            Another number of signals, or a time that is not later.
        """
        x: Floats = np.array(values, np.float64)
        if self._value is None:
            self._value = np.full(x.shape, np.nan)
            self._speed = np.zeros(x.shape)
            self._time = np.full(x.shape, -np.inf)
            self._last = -np.inf
        if x.shape != self._value.shape:
            raise InputError(f"values: wanted the shape {self._value.shape}, got {x.shape}")
        if not (np.isfinite(time) and time > self._last):
            raise InputError(f"time: wanted later than {self._last:g} s, got {time!r}")
        self._last = time
        x[np.isinf(x)] = np.nan
        known = ~np.isnan(x)
        step = time - self._time  # infinite for a signal not yet seen, whose weight is then 1
        started = known & np.isfinite(step)
        out: Floats = x.copy()
        if started.any():
            dt, before = step[started], self._value[started]
            speed = (x[started] - before) / dt
            speed = _mix(speed, self._speed[started], self.d_cutoff, dt)
            cutoff = self.min_cutoff + self.beta * np.abs(speed)
            out[started] = _mix(x[started], before, cutoff, dt)
            self._speed[started] = speed
        self._value[known] = out[known]
        self._time[known] = time
        return out

    def faces(
        self, faces: FaceTable, time: float | None = None, columns: Columns = None
    ) -> FaceTable:
        """Filter the faces of a frame, each by its track.

        Parameters
        ----------
        faces : FaceTable
            The rows of one frame, as `mien.Engine.analyze_frame` gives them, always with the same
            columns.
        time : float, optional
            Seconds; by default what the column `time` says.
        columns : str or sequence of str, optional
            Columns or groups, all values by default.

        Returns
        -------
        FaceTable
            The same rows. Those without a track are left as they are.

        Raises
        ------
        InputError
            No column `track`, no time, or one not later than before.
        """
        table = as_table(faces)
        if "track" not in table.columns:
            raise InputError("faces: no column 'track', by which to tell faces apart")
        names = value_columns(table, columns)
        values = matrix(table, names).copy()
        for row, track in enumerate(table["track"]):
            if pd.isna(track):
                continue
            now = table["time"].iloc[row] if time is None else time
            own = self._faces.setdefault(
                int(track), OneEuroFilter(self.min_cutoff, self.beta, self.d_cutoff)
            )
            values[row] = own(values[row], float(now))
        return with_values(table, names, values)


def _mix(new: Floats, old: Floats, cutoff: Floats | float, dt: Floats) -> Floats:
    """Exponential smoothing with the time constant of a cut-off frequency (equations 1 and 2)."""
    weight = 1 / (1 + 1 / (2 * np.pi * cutoff * dt))
    mixed: Floats = weight * new + (1 - weight) * old
    return mixed
