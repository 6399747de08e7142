"""Recursion of the dynamic optimised Theta model, compiled (Fiorucci et al. 2016, section 3).

A point holds the first level, the smoothing weight alpha and theta.  A state holds level, mean,
intercept A and slope B of the line through the values so far, and (1 - alpha)^t.
"""

from __future__ import annotations

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.models.descent import minimiser

__all__ = ["descend", "losses", "smooth", "walk"]


@njit(nogil=True)
def _expected(point: np.ndarray, state: np.ndarray) -> float:
    alpha, theta = point[1], point[2]
    left = state[4]
    line = left * state[2] + (1.0 - left * (1.0 - alpha)) / alpha * state[3]
    return float(state[0] + (1.0 - 1.0 / theta) * line)


@njit(nogil=True)
def _advance(point: np.ndarray, state: np.ndarray, t: int, value: float) -> None:
    """Move the state over the t-th value (from 1)."""
    before = state[1]
    state[0] = point[1] * value + (1.0 - point[1]) * state[0]
    state[1] = ((t - 1) * before + value) / t
    if t > 1:
        state[3] = ((t - 2) * state[3] + 6.0 * (value - before) / t) / (t + 1)
    state[2] = state[1] - state[3] * (t + 1) / 2.0
    state[4] *= 1.0 - point[1]


@njit(nogil=True)
def smooth(point: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the one-step errors (the first is left out as 0) and the state after the series."""
    state = np.array([point[0], 0.0, 0.0, 0.0, 1.0])
    errors = np.zeros(len(y))
    for t in range(1, len(y) + 1):
        if t > 1:
            errors[t - 1] = y[t - 1] - _expected(point, state)
        _advance(point, state, t, y[t - 1])
    return errors, state


@njit(nogil=True)
def losses(points: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the log of the mean squared error of each point."""
    found = np.empty(len(points))
    for i in range(len(points)):
        errors = smooth(points[i], y)[0]
        found[i] = np.log((errors * errors).mean() + 1e-14)
    return found


descend = minimiser(losses, "theta")


@njit(nogil=True)
def walk(point: np.ndarray, state: np.ndarray, count: int, noise: np.ndarray) -> np.ndarray:
    """Return paths from a state after `count` values: one a row of `noise`."""
    paths = np.empty(noise.shape)
    for i in range(noise.shape[0]):
        now = state.copy()
        for h in range(noise.shape[1]):
            paths[i, h] = _expected(point, now) + noise[i, h]
            _advance(point, now, count + h + 1, paths[i, h])
    return paths
