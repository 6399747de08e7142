"""Seasonal adjustment, classical and by Fourier terms, and the test whether there is a season."""

from __future__ import annotations

import numpy as np

__all__ = ["fourier_effects", "has_season", "repeated", "seasonal_effects"]

#: Two-sided 90 % point of the normal distribution.
_NINETY = 1.645
#: Fourier pairs at most: of a week of hours, the day's first four.
_PAIRS = 30


def has_season(values: np.ndarray, period: int) -> bool:
    """Say whether the autocorrelation at the season differs from zero at 90 %.

    Bartlett's error of the autocorrelation, as the M competitions test it (Makridakis, Spiliotis
    and Assimakopoulos 2020, appendix A).
    """
    if period < 2 or len(values) < 3 * period:
        return False
    centred = values - values.mean()
    power = float(centred @ centred)
    if power <= 0:
        return False
    r = np.array([centred[k:] @ centred[:-k] for k in range(1, period + 1)]) / power
    limit = _NINETY * np.sqrt((1 + 2 * (r[:-1] ** 2).sum()) / len(values))
    return bool(abs(r[-1]) > limit)


def repeated(effects: np.ndarray, count: int, after: int = 0) -> np.ndarray:
    """Return the effects of `count` periods, of which `after` lie before the first."""
    return np.asarray(effects[(after + np.arange(count)) % len(effects)])


def seasonal_effects(values: np.ndarray, period: int, multiply: bool) -> np.ndarray:
    """Return the effects of a season by classical decomposition.

    Parameters
    ----------
    values : ndarray of shape (n,)
        At least two seasons.
    period : int
        Periods of a season.
    multiply : bool
        Ratios to the centred moving average instead of differences.

    Returns
    -------
    ndarray of shape (period,)
        Of mean 1 (ratios) or 0; the first belongs to the first value.
    """
    weights = np.ones(period + 1 - period % 2)
    if period % 2 == 0:
        weights[[0, -1]] = 0.5
    trend = np.convolve(values, weights / period, mode="valid")
    half = len(weights) // 2
    middle = values[half : half + len(trend)]
    rest = middle / np.where(np.abs(trend) > 1e-9, trend, 1e-9) if multiply else middle - trend
    at = (np.arange(len(trend)) + half) % period
    counts = np.bincount(at, minlength=period)
    sums = np.bincount(at, rest, minlength=period)
    found = np.where(counts > 0, sums / np.maximum(counts, 1), float(multiply))
    if multiply:
        found = np.clip(found, 0.05, 10.0)
        return np.asarray(found / found.mean())
    return np.asarray(found - found.mean())


def fourier_effects(values: np.ndarray, X: np.ndarray | None, period: int) -> np.ndarray:
    """Return the effects of a long season as Fourier terms, as many as have the least AICc.

    Least squares beside a straight line and the regressors, with errors of first order
    (Cochrane and Orcutt 1949).

    Parameters
    ----------
    values : ndarray of shape (n,)
        At least two seasons; values may be missing.
    X : ndarray of shape (n, columns), optional
        Regressors.
    period : int
        Periods of a season.

    Returns
    -------
    ndarray of shape (period,)
        Of mean 0; the first belongs to the first value.
    """
    t, pairs = np.arange(len(values)), min((period - 1) // 2, _PAIRS)
    waves = _waves(t, period, pairs)
    columns = np.column_stack([np.ones(len(t)), t / len(t), waves])
    if X is not None:
        columns = np.insert(columns, [2], X, axis=1)
    beside, known = columns.shape[1] - 2 * pairs, ~np.isnan(values)
    y, columns = values[known], columns[known]
    left = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    rho = float(np.clip(left[1:] @ left[:-1] / max(left @ left, 1e-300), 0.0, 0.99))
    y, columns = y[1:] - rho * y[:-1], columns[1:] - rho * columns[:-1]
    q, r = np.linalg.qr(columns)
    share = q.T @ y
    # The columns are at right angles now: each number of pairs is a part of the same fit.
    counts = beside + 2 * np.arange(1, pairs + 1)
    squares = np.maximum(y @ y - np.cumsum(share**2)[counts - 1], 1e-12 * (y @ y) + 1e-300)
    free = np.maximum(len(y) - counts - 1, 1)
    aicc = len(y) * np.log(squares) + 2 * counts * (1 + (counts + 1) / free)
    best = counts[aicc.argmin()]
    weights = np.linalg.lstsq(r[:best, :best], share[:best], rcond=None)[0][beside:]
    return np.asarray(_waves(np.arange(period), period, pairs)[:, : best - beside] @ weights)


def _waves(t: np.ndarray, period: int, pairs: int) -> np.ndarray:
    """Return sines and cosines, pair by pair, shape (times, 2 pairs)."""
    angles = 2 * np.pi / period * t[:, None] * np.arange(1, pairs + 1)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(t), 2 * pairs)
