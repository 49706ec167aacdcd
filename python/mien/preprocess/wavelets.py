"""Morlet wavelets: how strongly, and in which phase, a signal moves at given frequencies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.preprocess._timing import Grid, even_grid, require_positive, seconds
from mien.preprocess.columns import (
    Columns,
    as_table,
    blocks,
    float_dtype,
    record,
    signals_of,
    value_columns,
    values_of,
)
from mien.preprocess.sessions import Rows, Sessions, sessions_of
from mien.table import FaceTable

__all__ = ["extract_multi_wavelet", "extract_wavelet", "morlet"]


Mode = Literal["complex", "filtered", "phase", "magnitude", "power"]
_MODES: dict[str, Callable[[Any], NDArray[Any]]] = {
    "complex": np.asarray,
    "filtered": np.real,
    "phase": np.angle,
    "magnitude": np.abs,
    "power": lambda z: z.real**2 + z.imag**2,
}


def morlet(freq: float, num_cyc: float, sampling_rate: float) -> NDArray[np.complex128]:
    """Complex Morlet wavelet: a wave of a frequency under a Gaussian.

    Cohen (2014, Analyzing Neural Time Series Data, ch. 12).

    ``exp(2 pi i f t) exp(-t^2 / 2 s^2)`` with ``s = num_cyc / (2 pi f)``, over num_cyc / f seconds
    to each side. It is scaled so that a sine of amplitude 1 at that frequency has the magnitude 1,
    whatever the rate.

    Parameters
    ----------
    freq : float
        Hz.
    num_cyc : float
        Width of the Gaussian in cycles: more tell frequencies better apart, fewer moments.
    sampling_rate : float
        Hz.

    Returns
    -------
    numpy.ndarray
        (samples,) complex128, an odd number of them, the middle at time 0.
    """
    require_positive("freq", freq, "Hz")
    require_positive("num_cyc", num_cyc, "cycles")
    half = int(np.ceil(num_cyc / freq * sampling_rate))
    times = np.arange(-half, half + 1) / sampling_rate
    gauss = np.exp(-0.5 * (times * 2 * np.pi * freq / num_cyc) ** 2)
    wave: NDArray[np.complex128] = np.exp(2j * np.pi * freq * times) * gauss * (2 / gauss.sum())
    return wave


def extract_wavelet(
    table: FaceTable,
    freq: float,
    num_cyc: float = 3,
    mode: Mode = "complex",
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Each signal convolved with a Morlet wavelet: its part at one frequency, row by row.

    Before and after a session, and where rows are missing, the signal counts as its session's mean;
    missing rows themselves stay NaN. Within about ``num_cyc / (pi freq)`` seconds of an end or a
    long gap the result is therefore too small.

    Parameters
    ----------
    table : FaceTable
    freq : float
        Hz, below half the rate.
    num_cyc : float, optional
        See `morlet`.
    mode : {"complex", "filtered", "phase", "magnitude", "power"}, optional
        The complex result; its real part, which is the band-passed signal; its angle in radians;
        its length; or that squared.
    ignore_sessions, sampling_rate, columns
        As for `clean`.

    Returns
    -------
    FaceTable
        The same rows, with ``f0.5_power_AU01`` and so on in place of the values.

    Raises
    ------
    OptionError
        Another mode, or a frequency or width that is not positive or too high.
    InputError
        No time, or rows not evenly spaced.

    Examples
    --------
    >>> times = np.arange(300) / 30
    >>> table = FaceTable({"time": times, "AU12": np.sin(2 * np.pi * times)})
    >>> power = extract_wavelet(table, freq=1.0, mode="power")["f1.0_power_AU12"]
    >>> round(float(power[150]), 3)
    1.0
    """
    return _extract(
        table, [freq], num_cyc, mode, ignore_sessions, sampling_rate, columns, "extract_wavelet"
    )


def extract_multi_wavelet(
    table: FaceTable,
    min_freq: float = 0.06,
    max_freq: float = 0.66,
    bank: int = 8,
    num_cyc: float = 3,
    mode: Mode = "complex",
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """`extract_wavelet` at a bank of frequencies, spaced by equal ratios.

    The columns of the lowest frequency come first.

    Parameters
    ----------
    table : FaceTable
    min_freq, max_freq : float, optional
        Hz. The defaults are those of Bartlett et al. (2014, Current Biology 24) for facial
        movement.
    bank : int, optional
        How many frequencies.
    num_cyc, mode, ignore_sessions, sampling_rate, columns
        As for `extract_wavelet`.

    Raises
    ------
    OptionError, InputError
        As for `extract_wavelet`.
    """
    freqs = bank_frequencies(min_freq, max_freq, bank)
    return _extract(
        table,
        freqs,
        num_cyc,
        mode,
        ignore_sessions,
        sampling_rate,
        columns,
        "extract_multi_wavelet",
    )


def bank_frequencies(min_freq: float, max_freq: float, bank: int) -> list[float]:
    """Frequencies (Hz) of a bank, evenly spaced on a logarithmic scale.

    Raises
    ------
    OptionError
        A frequency or number that is not positive, or a range that does not rise.
    """
    require_positive("min_freq", min_freq, "Hz")
    require_positive("max_freq", max_freq, "Hz")
    if bank < 1:
        raise OptionError(f"bank: wanted 1 frequency or more, got {bank}")
    if bank > 1 and max_freq <= min_freq:
        raise OptionError(
            f"max_freq: wanted more than min_freq ({min_freq:g} Hz), got {max_freq:g}"
        )
    return [float(f) for f in np.geomspace(min_freq, max_freq, bank)]


def frequency_names(freqs: Sequence[float]) -> list[str]:
    """Two decimals, or as many as tell them apart."""
    for decimals in range(2, 12):
        names = [str(round(float(f), decimals)) for f in freqs]
        if len(set(names)) == len(names) and 0.0 not in map(float, names):
            return names
    raise OptionError(
        f"bank: frequencies too close to tell apart: {freqs[0]:g} to {freqs[-1]:g} Hz"
    )


def _extract(
    table: FaceTable,
    freqs: Sequence[float],
    num_cyc: float,
    mode: str,
    ignore_sessions: bool,
    sampling_rate: float | None,
    columns: Columns,
    step: str,
) -> FaceTable:
    table = as_table(table)
    if mode not in _MODES:
        raise OptionError(f"mode: wanted {', '.join(map(repr, _MODES))}, got {mode!r}")
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    times = seconds(table, sessions, sampling_rate)
    grids = session_grids(sessions, times, freqs)
    narrow = float_dtype(table, names)
    dtype = np.result_type(narrow, np.complex64) if mode == "complex" else narrow
    values = np.full((len(freqs) * len(names), len(table)), np.nan, dtype)
    at = 0
    for lot in blocks(names, 8):
        signals = signals_of(table, lot)
        for rows, grid in grids:
            convolved = convolve(signals[:, rows], grid, freqs, num_cyc)
            for i, part in enumerate(convolved):
                start = i * len(names) + at
                values[start : start + len(lot), rows] = _MODES[mode](part)
        at += len(lot)
    labels = [f"f{f}_{mode}_{name}" for f in frequency_names(freqs) for name in names]
    made = pd.DataFrame(values.T, index=table.index, columns=labels)
    drop = {*names, *values_of(table)}
    kept = [name for name in table.columns if name not in drop]
    whole = FaceTable(pd.concat([pd.DataFrame(table)[kept], made], axis=1)).__finalize__(table)
    frequencies = list(map(float, freqs))
    freq = frequencies if len(frequencies) > 1 else frequencies[0]
    return record(whole, step, freq=freq, num_cyc=num_cyc, mode=mode)


def session_grids(
    sessions: Sessions, times: NDArray[np.float64], freqs: Sequence[float]
) -> list[tuple[Rows, Grid]]:
    """Rows and grid of each session, whose rates must allow the frequencies."""
    grids = []
    for number, rows in enumerate(sessions.rows()):
        grid = even_grid(times[rows], sessions.name(number))
        for freq in freqs:
            require_positive("freq", freq, "Hz")
            if freq >= grid.rate / 2:
                raise OptionError(
                    f"freq: wanted less than {grid.rate / 2:g} Hz, "
                    f"half the rate of {sessions.name(number)}, got {freq:g} Hz"
                )
        grids.append((rows, grid))
    return grids


def convolve(
    signals: NDArray[np.float64], grid: Grid, freqs: Sequence[float], num_cyc: float
) -> Iterator[NDArray[np.complex128]]:
    """Convolve a session's signals with the wavelet of each frequency.

    `signals` are (signals, rows); missing rows stay NaN.
    """
    from scipy.fft import fft, ifft, next_fast_len

    if not signals.shape[1] or np.isnan(grid.rate):  # one row has no rate, and no frequency
        for _ in freqs:
            yield np.full(signals.shape, np.nan, np.complex128)
        return
    missing = ~np.isfinite(signals)
    known = np.where(missing, 0, signals)
    count = np.maximum((~missing).sum(axis=1, keepdims=True), 1)
    centred = np.where(missing, 0, known - known.sum(axis=1, keepdims=True) / count)
    length = int(grid.place[-1]) + 1
    even = np.zeros((len(signals), length))
    even[:, grid.place] = centred
    waves = [morlet(freq, num_cyc, grid.rate) for freq in freqs]
    size = next_fast_len(length + max(map(len, waves)) - 1)
    spectrum = fft(even, size, axis=1)
    for wave in waves:
        whole = ifft(spectrum * fft(wave, size), axis=1)
        result: NDArray[Any] = whole[:, len(wave) // 2 + grid.place]
        result[missing] = np.nan
        yield result
