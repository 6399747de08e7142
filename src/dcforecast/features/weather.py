"""What temperature does to demand: degree hours, smoothing, recency."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["degrees", "past_mean", "shifted", "smoothed"]


def shifted(values: np.ndarray, periods: int) -> np.ndarray:
    """Return the values of `periods` before; the first ones are missing."""
    return pd.Series(values).shift(periods).to_numpy(float)


def degrees(temperature: np.ndarray, base: float, side: str) -> np.ndarray:
    """Return degrees above (``cooling``) or below (``heating``) a base temperature [°C]."""
    away = temperature - base if side == "cooling" else base - temperature
    return np.asarray(np.maximum(away, 0.0))


def smoothed(values: np.ndarray, periods: float) -> np.ndarray:
    """Return the exponentially smoothed series, weights falling by e in `periods` periods.

    Buildings follow the weather late; missing values are passed over.
    """
    weights = pd.Series(values).ewm(alpha=1 - np.exp(-1 / periods), adjust=False, ignore_na=True)
    return weights.mean().to_numpy(float)


def past_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return the mean of the `window` values before each; missing where one of them is."""
    return pd.Series(values).rolling(window).mean().shift().to_numpy(float)
