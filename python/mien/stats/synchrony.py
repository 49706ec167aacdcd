"""Synchrony of two faces: windowed cross-correlation, lags in seconds (Boker 2002)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess._timing import GAP, require_positive, seconds
from mien.preprocess.columns import Columns, as_table, matrix, value_columns
from mien.preprocess.sessions import sessions_of
from mien.stats._masked import correlation, standardized
from mien.stats._resampling import p_value
from mien.stats.corrections import Correction, check_correction, correct
from mien.table import FaceTable

__all__ = ["Synchrony", "synchrony"]


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Synchrony:
    """What `synchrony` returns.

    Attributes
    ----------
    columns : list
    times : numpy.ndarray
        (windows,) middle of each window at lag 0, seconds on the tables' clock.
    lags : numpy.ndarray
        (lags,) seconds; positive where the second face does later what the first does.
    correlations : numpy.ndarray
        (columns, windows, lags); NaN where a window misses too much or is constant.
    peaks : pandas.DataFrame
        A row for each column and window: `column`, `time`, `lag` and `r` of the peak nearest to lag
        0; NaN where there is none.
    summary : pandas.DataFrame
        A row for each column: `column`, `best_lag` and `best_r` (where the windows' mean
        correlation is highest), `r` (mean over the windows' peaks), `lag` (mean of the peaks'),
        `first_leads` (share of peaks with a positive lag; those at 0 count half), `p` and
        `p_corrected` (of `r`, by the surrogates), `peaks`, `windows`. Correlations are averaged by
        Fisher's z.
    """

    columns: list[Hashable]
    times: Floats
    lags: Floats
    correlations: Floats
    peaks: pd.DataFrame
    summary: pd.DataFrame


def synchrony(
    first: FaceTable,
    second: FaceTable,
    columns: Columns = None,
    *,
    window: float = 5.0,
    max_lag: float = 2.0,
    step: float | None = None,
    rate: float | None = None,
    coverage: float = 0.8,
    peak: float = 0.2,
    surrogates: int = 0,
    correction: Correction = "fdr_bh",
    seed: int = 0,
) -> Synchrony:
    """Correlate windows of two faces at a range of lags.

    Both faces are brought to one even grid over the time they share, by straight lines between
    neighbouring values; gaps stay gaps. At a positive lag the second face's window begins later, at
    a negative one the first's, so that exchanging the faces changes the lags' sign and nothing
    else.

    Parameters
    ----------
    first, second : FaceTable
        One face each, in order of time, with the column `time` on the same clock:
        ``table[table.track == 0]``.
    columns : str or sequence of str, optional
        Columns or groups of the first table, which the second must have too; all values by default.
    window : float, optional
        Length of the windows, seconds.
    max_lag : float, optional
        Greatest lag either way, seconds.
    step : float, optional
        From one window to the next, seconds; a quarter of `window` by default.
    rate : float, optional
        Of the grid, Hz; by default the higher of the two tables' usual rates.
    coverage : float, optional
        Least share of a window that both faces must have, above 0 to 1.
    peak : float, optional
        A peak is higher than all lags within so many seconds, which the lags must hold on both
        sides.
    surrogates : int, optional
        How often to turn the second face's series by a random time, longer than a window and lag,
        and do all of it again. `p` is the share of them, the true one included, with as high a mean
        peak.
    correction : {"fdr_bh", "fdr_by", "holm", "bonferroni"} or None, optional
        Over the columns, see `mien.stats.correct`.
    seed : int, optional
        Of the surrogates.

    Returns
    -------
    Synchrony

    Raises
    ------
    OptionError
        An option out of range.
    InputError
        No `time`, several faces in a table, a column that the second lacks, or less common time
        than a window and lag.

    Notes
    -----
    Peaks are picked as in the paper, without its smoothing of the correlations beforehand: use
    `smooth` on the tables. Chance peaks near lag 0 draw `lag` towards 0; where the lag is the same
    throughout, `best_lag` is the better estimate.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(600) / 30
    >>> leader = FaceTable({"time": time, "AU12": np.sin(time + np.sin(time))})
    >>> follower = FaceTable({"time": time + 0.5, "AU12": leader["AU12"]})
    >>> synchrony(leader, follower, "AU12").summary["lag"].round(3).item()
    0.5
    """
    for name, value in (("window", window), ("max_lag", max_lag), ("peak", peak)):
        require_positive(name, value, "seconds")
    if not 0 < coverage <= 1:
        raise OptionError(f"coverage: wanted above 0 to 1, got {coverage!r}")
    if surrogates < 0:
        raise OptionError(f"surrogates: wanted 0 or more, got {surrogates}")
    check_correction(correction)
    first, second = as_table(first), as_table(second)
    names = value_columns(first, columns)
    _check_has(second, names)
    start, rate, (x, y) = _on_one_grid(first, second, names, rate)
    sizes = _Sizes(
        _steps("window", window, rate, 3),
        _steps("max_lag", max_lag, rate, 1),
        _steps("step", window / 4 if step is None else step, rate, 1),
        coverage,
        _steps("peak", peak, rate, 1),
    )
    if x.shape[1] < sizes.window + sizes.lag:
        raise InputError(
            f"tables: they share {x.shape[1] / rate:.3g} s, "
            f"less than window and max_lag ({window + max_lag:.3g} s)"
        )
    found = _windowed(x, y, sizes)
    at, r = _peaks(found, sizes)
    lags = np.arange(-sizes.lag, sizes.lag + 1) / rate
    lag = np.where(at >= 0, lags[at], np.nan)
    middles = np.arange(found.shape[1]) * sizes.step + (sizes.window - 1) / 2
    times = np.asarray(start + middles / rate, np.float64)
    p = _surrogate_p(x, y, sizes, _mean_over_windows(r), surrogates, seed)
    peaks = {
        "column": [name for name in names for _ in times],
        "time": np.tile(times, len(names)),
    }
    return Synchrony(
        names,
        times,
        lags,
        found,
        pd.DataFrame({**peaks, "lag": lag.ravel(), "r": r.ravel()}),
        _summary(names, lags, found, lag, r, p, correction),
    )


@dataclass(frozen=True)
class _Sizes:
    """Window, greatest lag, step and reach of a peak in steps of the grid."""

    window: int
    lag: int
    step: int
    coverage: float
    peak: int


def _steps(name: str, value: float, rate: float, least: int) -> int:
    require_positive(name, value, "seconds")
    steps = round(value * rate)
    if steps < least:
        raise OptionError(f"{name}: {value} s is less than {least} steps at {rate:.4g} Hz")
    return steps


def _check_has(second: FaceTable, names: Sequence[Hashable]) -> None:
    missing = [name for name in names if name not in second.columns]
    if missing:
        raise InputError(f"second: no column {missing[0]!r}; name those of both with columns=")


def _on_one_grid(
    first: FaceTable, second: FaceTable, names: Sequence[Hashable], rate: float | None
) -> tuple[float, float, tuple[Floats, Floats]]:
    """Begin of the common time, rate, and the series (columns, steps) of both."""
    clocks = [seconds(table, sessions_of(table, ignore=True)) for table in (first, second)]
    if min(map(len, clocks)) < 2:
        raise InputError("tables: wanted two rows or more in each")
    if rate is None:
        rate = max(1 / float(np.median(np.diff(clock))) for clock in clocks)
    require_positive("rate", rate, "Hz")
    start, stop = max(c[0] for c in clocks), min(c[-1] for c in clocks)
    # A hundredth of a step: rounding must not take the last one away.
    grid = start + np.arange(max(0, int(np.floor((stop - start) * rate + 0.01)) + 1)) / rate
    x, y = (
        np.stack(
            [_interpolated(clock, matrix(table, [name], np.float64)[:, 0], grid) for name in names]
        )
        for table, clock in zip((first, second), clocks, strict=True)
    )
    return float(start), float(rate), (x, y)


def _interpolated(clock: Floats, values: Floats, grid: Floats) -> Floats:
    """Values on the grid, NaN between values that are further apart than neighbouring rows are."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return np.full(len(grid), np.nan)
    when = clock[known]
    out = np.interp(grid, when, values[known], left=np.nan, right=np.nan)
    after = np.clip(np.searchsorted(when, grid), 1, len(when) - 1)
    usual = float(np.median(np.diff(clock)))
    near = np.minimum(np.abs(grid - when[after - 1]), np.abs(grid - when[after])) < 1e-6 * usual
    out[(when[after] - when[after - 1] > GAP * usual) & ~near] = np.nan
    return out


def _windowed(x: Floats, y: Floats, sizes: _Sizes) -> Floats:
    """Correlations (columns, windows, lags)."""
    (x, in_x), (y, in_y) = standardized(x), standardized(y)
    count = x.shape[1] - sizes.window - sizes.lag + 1
    starts = np.arange(0, count, sizes.step)
    out = np.empty((len(x), len(starts), 2 * sizes.lag + 1))
    for place, lag in enumerate(range(-sizes.lag, sizes.lag + 1)):
        a, in_a = (side[:, max(0, -lag) :] for side in (x, in_x))
        b, in_b = (side[:, max(0, lag) :] for side in (y, in_y))
        width = min(a.shape[1], b.shape[1])
        a, in_a, b, in_b = (side[:, :width] for side in (a, in_a, b, in_b))
        terms = (in_a * in_b, a * in_b, b * in_a, a * a * in_b, b * b * in_a, a * b)
        n, *sums = (_window_sums(term, starts, sizes.window) for term in terms)
        r = correlation(n, *sums)
        out[:, :, place] = np.where(n >= sizes.coverage * sizes.window, r, np.nan)
    return out


def _window_sums(values: Floats, starts: NDArray[np.int64], window: int) -> Floats:
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return np.asarray(total[:, starts + window] - total[:, starts])


def _peaks(found: Floats, sizes: _Sizes) -> tuple[NDArray[np.int64], Floats]:
    """Place (-1 for none) and height of the peak nearest to lag 0, (columns, windows)."""
    reach, lags = sizes.peak, found.shape[2]
    around = np.lib.stride_tricks.sliding_window_view(found, min(2 * reach + 1, lags), axis=2)
    if lags < 2 * reach + 1:
        raise OptionError("peak: wanted no more than max_lag")
    middle = found[:, :, reach : lags - reach]
    beside = np.delete(np.arange(2 * reach + 1), reach)
    is_peak = np.all(middle[..., None] > around[..., beside], axis=-1)  # False beside NaN
    distance = np.abs(np.arange(reach, lags - reach) - sizes.lag)
    # Of two peaks as near on both sides, the higher.
    cost = np.where(is_peak, distance - 0.25 * np.nan_to_num(middle), np.inf)
    at = cost.argmin(axis=2)
    found_any = np.any(is_peak, axis=2)
    height = np.take_along_axis(middle, at[..., None], axis=2)[..., 0]
    return np.where(found_any, at + reach, -1), np.where(found_any, height, np.nan)


def _mean_over_windows(r: Floats) -> Floats:
    """Mean by Fisher's z over the second axis; NaN of none."""
    known = np.isfinite(r)
    # A perfect correlation would have the mean for itself: z is bounded at r = 1 - 1e-9.
    z = np.arctanh(np.clip(np.where(known, r, 0.0), -1 + 1e-9, 1 - 1e-9)).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, np.tanh(z / np.maximum(count, 1)), np.nan)


def _surrogate_p(
    x: Floats, y: Floats, sizes: _Sizes, observed: Floats, surrogates: int, seed: int
) -> Floats:
    if not surrogates:
        return np.full(len(x), np.nan)
    least, steps = sizes.window + sizes.lag, x.shape[1]
    if steps <= 2 * least:
        raise InputError(
            f"surrogates: wanted series longer than {2 * least} steps, twice window and max_lag, "
            f"got {steps}"
        )
    turns = np.random.default_rng(seed).integers(least, steps - least + 1, surrogates)
    null = [
        _mean_over_windows(_peaks(_windowed(x, np.roll(y, turn, axis=1), sizes), sizes)[1])
        for turn in turns
    ]
    return p_value(observed, np.stack(null), "greater")


def _summary(
    names: Sequence[Hashable],
    lags: Floats,
    found: Floats,
    lag: Floats,
    r: Floats,
    p: Floats,
    correction: Correction,
) -> pd.DataFrame:
    course = _mean_over_windows(found)
    best_r = np.where(np.isfinite(course), course, -np.inf).max(axis=1)
    best_lag = lags[np.where(np.isfinite(course), course, -np.inf).argmax(axis=1)]
    known = np.isfinite(lag)
    count = known.sum(axis=1)
    none = np.where(count > 0, 1.0, np.nan)
    some = np.maximum(count, 1)
    leads = (known & (lag > 0)).sum(axis=1) + (known & (lag == 0)).sum(axis=1) / 2
    table: pd.DataFrame = pd.DataFrame(
        {
            "column": names,
            "best_lag": np.where(np.isfinite(best_r), best_lag, np.nan),
            "best_r": np.where(np.isfinite(best_r), best_r, np.nan),
            "r": _mean_over_windows(r),
            "lag": np.where(known, lag, 0.0).sum(axis=1) / some * none,
            "first_leads": leads / some * none,
            "p": p,
            "p_corrected": correct(p, correction),
            "peaks": count,
            "windows": lag.shape[1],
        }
    )
    return table
