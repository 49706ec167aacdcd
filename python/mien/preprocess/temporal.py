"""Features of movement: bags of temporal filters, and wavelets' energy by time scale."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess._timing import Grid, seconds
from mien.preprocess.columns import (
    Columns,
    as_table,
    blocks,
    matrix,
    record,
    signals_of,
    value_columns,
)
from mien.preprocess.extraction import by_session
from mien.preprocess.extras import extra
from mien.preprocess.sessions import Rows, sessions_of
from mien.preprocess.wavelets import bank_frequencies, convolve, frequency_names, session_grids
from mien.table import FaceTable

__all__ = ["extract_boft", "extract_dwt"]


BINS = 6
EDGES = tuple(float(edge) for edge in np.logspace(-5, 1, BINS + 1))


def extract_boft(
    table: FaceTable,
    min_freq: float = 0.06,
    max_freq: float = 0.66,
    bank: int = 8,
    num_cyc: float = 3,
    edges: Sequence[float] = EDGES,
    ignore_sessions: bool = False,
    *,
    sampling_rate: float | None = None,
    columns: Columns = None,
) -> FaceTable:
    """Bag of temporal filters: how often movements of which speed and size occur.

    Bartlett et al. (2014, Current Biology 24).

    Each signal is band-passed by a bank of Morlet wavelets (`extract_multi_wavelet`,
    ``mode="filtered"``). Between two zero crossings lies one movement, up or down; its size is the
    area under the squared signal, in units of the signal squared times seconds. The feature is the
    number of movements in each bin of sizes.

    Parameters
    ----------
    table : FaceTable
    min_freq, max_freq, bank, num_cyc
        As for `extract_multi_wavelet`.
    edges : sequence of float, optional
        Edges of the bins, rising. Smaller movements than the first and larger than the last are not
        counted; the default, a decade a bin from 1e-5 to 10, is for signals between 0 and 1.
    ignore_sessions, sampling_rate, columns
        As for `clean`.

    Returns
    -------
    FaceTable
        As of `extract_mean`, with ``pos0_hz_0.66_AU01`` ... ``neg5_hz_0.06_AU01``: by column,
        highest frequency first, upward movements then downward ones, smallest first. A missing row
        ends a movement; a session without a known value has NaN.

    Raises
    ------
    OptionError
        Edges that don't rise; see also `extract_wavelet`.
    InputError
        As for `extract_wavelet`.
    """
    table = as_table(table)
    bins = np.asarray(edges, np.float64)
    if bins.ndim != 1 or len(bins) < 2 or (np.diff(bins) <= 0).any():
        raise OptionError(f"edges: wanted two or more rising numbers, got {edges!r}")
    names = value_columns(table, columns)
    freqs = bank_frequencies(min_freq, max_freq, bank)[::-1]
    sessions = sessions_of(table, ignore_sessions)
    grids = session_grids(sessions, seconds(table, sessions, sampling_rate), freqs)
    counts = _counts(table, names, grids, freqs, num_cyc, bins)
    signs = [f"{sign}{i}" for sign in ("pos", "neg") for i in range(len(bins) - 1)]
    labels = [
        f"{sign}_hz_{f}_{name}" for name in names for f in frequency_names(freqs) for sign in signs
    ]
    made = pd.DataFrame(counts.reshape(len(sessions), -1), columns=labels)
    return record(
        by_session(table, sessions, made),
        "extract_boft",
        freq=freqs,
        num_cyc=num_cyc,
        edges=bins.tolist(),
    )


def _counts(
    table: FaceTable,
    names: Sequence[Hashable],
    grids: Sequence[tuple[Rows, Grid]],
    freqs: Sequence[float],
    num_cyc: float,
    bins: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Numbers of movements (sessions, columns, frequencies, bins up then down); NaN of no value."""
    counts = np.full((len(grids), len(names), len(freqs), 2 * (len(bins) - 1)), np.nan)
    at = 0
    for lot in blocks(names):
        signals = signals_of(table, lot)
        for number, (rows, grid) in enumerate(grids):
            for f, part in enumerate(convolve(signals[:, rows], grid, freqs, num_cyc)):
                for i, signal in enumerate(part.real):
                    if not np.isnan(signal).all():
                        areas = movements(signal, grid.place, grid.rate)
                        counts[number, at + i, f] = _histogram(areas, bins)
        at += len(lot)
    return counts


def movements(
    signal: NDArray[np.float64], place: NDArray[np.intp], rate: float
) -> NDArray[np.float64]:
    """Signed area under the squared signal of each stretch of one sign, by rectangles."""
    known = np.flatnonzero(~np.isnan(signal) & (signal != 0))
    x, steps = signal[known], place[known]
    if not known.size:
        return np.zeros(0)
    breaks = (np.diff(np.sign(x)) != 0) | (np.diff(steps) != 1)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    areas: NDArray[np.float64] = np.add.reduceat(np.sign(x) * x**2, starts) / rate
    return areas


def _histogram(areas: NDArray[np.float64], bins: NDArray[np.float64]) -> NDArray[np.intp]:
    up = np.histogram(areas[areas > 0], bins)[0]
    down = np.histogram(-areas[areas < 0], bins)[0]
    return np.concatenate([up, down])


def extract_dwt(
    table: FaceTable,
    wavelet: str = "db4",
    level: int = 3,
    ignore_sessions: bool = False,
    *,
    columns: Columns = None,
) -> FaceTable:
    """Energy of each session by time scale, from a discrete wavelet transform.

    The mean square of the coefficients at each level; computed by PyWavelets.

    Detail 1 holds movements of 2 to 4 rows, detail 2 of 4 to 8, and so on; the approximation holds
    what is slower, the mean included. Rows count as evenly spaced, so `resample` first what isn't.

    Parameters
    ----------
    table : FaceTable
    wavelet : str, optional
        A name of ``pywt.wavelist(kind="discrete")``.
    level : int, optional
        How many details.
    ignore_sessions, columns
        As for `extract_mean`.

    Returns
    -------
    FaceTable
        As of `extract_mean`, with ``d1_energy_AU01`` ... ``d3_energy_AU01``, ``a3_energy_AU01``. A
        signal that misses a row has NaN in that session: `fill_gaps` first.

    Raises
    ------
    OptionError
        Another wavelet, a level below 1.
    InputError
        A session too short for the level.
    MissingExtraError
        PyWavelets isn't installed.
    """
    pywt: Any = extra("pywt", "PyWavelets")
    table = as_table(table)
    if wavelet not in pywt.wavelist(kind="discrete"):
        raise OptionError(f"wavelet: wanted a discrete wavelet of PyWavelets, got {wavelet!r}")
    if level < 1:
        raise OptionError(f"level: wanted 1 or more, got {level}")
    names = value_columns(table, columns)
    sessions = sessions_of(table, ignore_sessions)
    energy = np.full((len(sessions), level + 1, len(names)), np.nan)
    values = matrix(table, names, np.float64)
    for number, rows in enumerate(sessions.rows()):
        part = values[rows]
        most = pywt.dwt_max_level(len(part), pywt.Wavelet(wavelet).dec_len) if len(part) else 0
        if most < level:
            raise InputError(
                f"{sessions.name(number)}: {len(part)} rows allow level {most} of {wavelet}, "
                f"wanted {level}"
            )
        whole = np.isfinite(part).all(axis=0)
        approximation, *details = pywt.wavedec(part[:, whole], wavelet, level=level, axis=0)
        for i, coefficients in enumerate([*details[::-1], approximation]):
            energy[number, i, whole] = np.mean(coefficients**2, axis=0)
    scales = [*(f"d{i}" for i in range(1, level + 1)), f"a{level}"]
    labels = [f"{scale}_energy_{name}" for scale in scales for name in names]
    made = pd.DataFrame(energy.reshape(len(sessions), -1), columns=labels)
    return record(by_session(table, sessions, made), "extract_dwt", wavelet=wavelet, level=level)
