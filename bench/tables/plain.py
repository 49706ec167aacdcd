"""Each operation in NumPy, SciPy and pandas alone, for a table without gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import detrend, fftconvolve

from bench.tables.synthetic import COLUMNS, FPS, SUBJECTS

AUS = [name for name in COLUMNS if name.startswith("AU")]
FREQ, CYCLES = 0.5, 3
HIGH, LOW = 0.5, 0.3


def baseline(table: pd.DataFrame) -> pd.DataFrame:
    """Differences from the columns' medians."""
    values = table[COLUMNS]
    return values - values.median()


def clean(table: pd.DataFrame) -> pd.DataFrame:
    """Columns without linear trend, over their standard deviations."""
    values = detrend(table[COLUMNS].to_numpy(np.float64), axis=0)
    values /= values.std(axis=0, ddof=1)
    return pd.DataFrame(values.astype(np.float32), columns=COLUMNS)


def extract_summary(table: pd.DataFrame) -> np.ndarray:
    """Means, standard errors, deviations, maxima and minima one after another."""
    values = table[COLUMNS].to_numpy()
    mean = values.mean(axis=0, dtype=np.float64)
    std = values.std(axis=0, ddof=1, dtype=np.float64)
    sem = std / np.sqrt(len(values))
    return np.concatenate([mean, sem, std, values.max(axis=0), values.min(axis=0)])


def extract_wavelet(table: pd.DataFrame) -> pd.DataFrame:
    """Power of a complex Morlet wavelet at `FREQ` Hz."""
    half = int(np.ceil(CYCLES / FREQ * FPS))
    time = np.arange(-half, half + 1) / FPS
    gauss = np.exp(-0.5 * (time * 2 * np.pi * FREQ / CYCLES) ** 2)
    wave = np.exp(2j * np.pi * FREQ * time) * gauss * (2 / gauss.sum())
    power = {}
    for name in COLUMNS:
        signal = table[name].to_numpy(np.float64)
        part = fftconvolve(signal - signal.mean(), wave, mode="same")
        power[name] = (part.real**2 + part.imag**2).astype(np.float32)
    return pd.DataFrame(power)


def isc(table: pd.DataFrame) -> np.ndarray:
    """Median correlation of all pairs of subjects, by column."""
    pairs = np.triu_indices(SUBJECTS, 1)
    medians = []
    for name in COLUMNS:
        series = table[name].to_numpy(np.float64).reshape(SUBJECTS, -1)
        medians.append(np.median(np.corrcoef(series)[pairs]))
    return np.array(medians)


def events(table: pd.DataFrame) -> pd.DataFrame:
    """Onset, apex, offset, duration and peak of each unit's runs above `LOW` that exceed `HIGH`."""
    time = table["time"].to_numpy()
    parts = []
    for name in AUS:
        values = table[name].to_numpy(np.float64)
        above = values > LOW
        edges = np.diff(above.astype(np.int8), prepend=0, append=0)
        first, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        bounds = np.stack([first, end], axis=1).ravel()
        peak = np.maximum.reduceat(np.append(values, -np.inf), bounds)[::2]
        run = np.repeat(np.arange(len(first)), end - first)
        inside = np.flatnonzero(above)
        tops = values[inside] == peak[run]
        _, first_top = np.unique(run[tops], return_index=True)
        onset, offset = time[first], time[np.minimum(end, len(values) - 1)]
        part = pd.DataFrame(
            {
                "unit": name,
                "onset": onset,
                "apex": time[inside[tops][first_top]],
                "offset": offset,
                "duration": offset - onset,
                "peak": peak,
            }
        )
        parts.append(part[peak > HIGH])
    return pd.concat(parts, ignore_index=True)
