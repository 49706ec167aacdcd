"""Pearson's correlation of series with gaps: over the moments that both have."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__: list[str] = []


Floats = NDArray[np.float64]
Sums = Floats | float
LEAST = 3  # two points always correlate by 1 or -1
FLAT = 1e-10  # of a series' variance: below it a stretch is constant but for rounding


def standardized(values: Floats) -> tuple[Floats, Floats]:
    """Series with mean 0 and variance 1, 0 where missing; and 1 where known.

    Of series (..., moments).

    Correlations are the same, and sums of squares lose no digits to large means.
    """
    known = np.isfinite(values)
    if known.all() and values.shape[-1]:
        mean = values.mean(axis=-1, keepdims=True)
        z = values - mean
        size = np.sqrt(np.einsum("...i,...i->...", z, z)[..., None] / z.shape[-1])
        varies = size > 1e-12 * np.maximum(np.abs(mean), np.finfo(float).tiny)
        z *= np.where(varies, 1 / np.where(varies, size, 1.0), 0.0)
        return z, np.broadcast_to(1.0, z.shape)
    count = known.sum(axis=-1, keepdims=True)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=-1, keepdims=True) / np.maximum(count, 1)
    filled = np.where(known, filled - mean, 0.0)
    size = np.sqrt((filled**2).sum(axis=-1, keepdims=True) / np.maximum(count, 1))
    # A constant is not zero throughout once its rounded mean is taken off.
    varies = size > 1e-12 * np.maximum(np.abs(mean), np.finfo(float).tiny)
    return np.where(varies, filled / np.where(varies, size, 1.0), 0.0), known.astype(np.float64)


def correlation(n: ArrayLike, sx: Sums, sy: Sums, sxx: Sums, syy: Sums, sxy: Floats) -> Floats:
    """r from sums over the moments that both series have.

    NaN of fewer than three, or where one is constant.
    """
    n = np.asarray(n, np.float64)
    some = np.maximum(n, 1)
    x, y = sxx - sx * sx / some, syy - sy * sy / some
    defined = (n >= LEAST) & (x > FLAT * some) & (y > FLAT * some)
    product = np.where(defined, x * y, 1.0)
    r = np.where(defined, (sxy - sx * sy / some) / np.sqrt(product), np.nan)
    return np.clip(r, -1.0, 1.0)


def between_all(z: Floats, known: Floats) -> Floats:
    """Correlations (series, series) of standardized series (series, moments)."""
    if not any(known.strides) or known.all():  # strides of 0: one number for all
        n = float(z.shape[1])
        product = z @ z.T
        square = np.diag(product)
        return correlation(n, 0.0, 0.0, square[:, None], square[None], product)
    s, q = z @ known.T, (z * z) @ known.T
    return correlation(known @ known.T, s, s.T, q, q.T, z @ z.T)


def between_rows(x: Floats, in_x: Floats, y: Floats, in_y: Floats) -> Floats:
    """Correlation of each series of x with the same of y, (series,)."""
    both = in_x * in_y
    sums = [both, x * in_y, y * in_x, x * x * in_y, y * y * in_x, x * y]
    return correlation(*(term.sum(axis=-1) for term in sums))


def at_all_shifts(x: Floats, in_x: Floats, y: Floats, in_y: Floats) -> Floats:
    """Correlations (series, moments) of x with y turned back by 0, 1, ... moments.

    Series are turned as if their ends met. By FFT, so all shifts cost about as much as a few.
    """
    from scipy import fft

    count = x.shape[-1]

    def crossed(a: Floats, b: Floats) -> Floats:
        product = np.conj(fft.rfft(a)) * fft.rfft(b)
        return np.asarray(fft.irfft(product, count), np.float64)

    if in_x.all() and in_y.all():
        sxx, syy = (x * x).sum(-1, keepdims=True), (y * y).sum(-1, keepdims=True)
        return correlation(float(count), 0.0, 0.0, sxx, syy, crossed(x, y))
    return correlation(
        np.rint(crossed(in_x, in_y)),
        crossed(x, in_y),
        crossed(in_x, y),
        crossed(x * x, in_y),
        crossed(in_x, y * y),
        crossed(x, y),
    )
