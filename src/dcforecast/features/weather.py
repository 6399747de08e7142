"""What temperature does to demand: degree hours, smoothing, recency."""

from __future__ import annotations

import numpy as np

__all__ = ["degrees", "past_mean", "shifted", "smoothed"]


def shifted(values: np.ndarray, periods: int) -> np.ndarray:
    """Return the values of `periods` before; the first ones are missing."""
    if periods == 0:
        return values
    out = np.full(len(values), np.nan)
    out[periods:] = values[:-periods] if periods < len(values) else []
    return out


def degrees(temperature: np.ndarray, base: float, side: str) -> np.ndarray:
    """Return degrees above (``cooling``) or below (``heating``) a base temperature [°C]."""
    away = temperature - base if side == "cooling" else base - temperature
    return np.asarray(np.maximum(away, 0.0))


def smoothed(values: np.ndarray, periods: float) -> np.ndarray:
    """Return the exponentially smoothed series, weights falling by e in `periods` periods.

    Buildings follow the weather late; missing values are passed over.
    """
    keep = np.exp(-1.0 / periods)
    out = np.empty(len(values))
    state = np.nan
    for place, value in enumerate(values):
        if not np.isnan(value):
            state = value if np.isnan(state) else keep * state + (1 - keep) * value
        out[place] = state
    return out


def past_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return the mean of the `window` values before each; the first ones are missing."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    out = np.full(len(values), np.nan)
    out[window:] = (sums[window:-1] - sums[: -window - 1]) / window
    return out
