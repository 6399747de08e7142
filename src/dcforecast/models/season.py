"""Classical seasonal adjustment and the test whether there is a season."""

from __future__ import annotations

import numpy as np

__all__ = ["has_season", "repeated", "seasonal_effects"]

#: Two-sided 90 % point of the normal distribution.
_NINETY = 1.645


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
