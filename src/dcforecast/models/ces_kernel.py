"""Recursion of complex exponential smoothing, compiled (Svetunkov, Kourentzes and Ord 2022).

A point holds alpha0, alpha1 and, for the season, beta0, beta1. A state holds a pair (level and
information potential), the season's first parts (oldest first) and its second ones. In the simple
seasonal form the pair of each season's period stands in these two parts.
"""

from __future__ import annotations

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.models.descent import minimiser

__all__ = ["FULL", "NONE", "PARTIAL", "SIMPLE", "descend", "losses", "smooth", "walk"]

#: Forms of the season.
NONE, SIMPLE, PARTIAL, FULL = 0, 1, 2, 3
#: Loss of a point that leads to infinity.
_REFUSED = 1e10


@njit(nogil=True)
def _expected(state: np.ndarray, at: int, season: int) -> float:
    if season == NONE:
        return float(state[0])
    if season == SIMPLE:
        return float(state[2 + at])
    return float(state[0] + state[2 + at])


@njit(nogil=True)
def _turn(
    state: np.ndarray, first: int, second: int, real: float, unreal: float, error: float
) -> None:
    """Move a pair of the state over an error: the complex weight, written out in real parts."""
    a, b = state[first], state[second]
    state[first] = a - (1.0 - unreal) * b + (real - unreal) * error
    state[second] = a + (1.0 - real) * b + (real + unreal) * error


@njit(nogil=True)
def _advance(
    point: np.ndarray, state: np.ndarray, at: int, error: float, period: int, season: int
) -> None:
    if season == SIMPLE:
        _turn(state, 2 + at, 2 + period + at, point[0], point[1], error)
    else:
        _turn(state, 0, 1, point[0], point[1], error)
    if season == PARTIAL:
        state[2 + at] += point[2] * error
    elif season == FULL:
        _turn(state, 2 + at, 2 + period + at, point[2], point[3], error)


@njit(nogil=True)
def smooth(
    point: np.ndarray, first: np.ndarray, y: np.ndarray, period: int, season: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Run the recursion over a series: forward, back, and forward again from where that ends.

    So first states follow from the data and are no parameters ("backcasting").

    Returns
    -------
    float, ndarray of shape (n,), ndarray of shape (2 + 2 period,)
        Twice the negative log-likelihood without constants, the errors and the last state.
    """
    n = len(y)
    state, errors = first.copy(), np.empty(n)
    squares, at = 0.0, 0
    for leg in range(3):
        squares, step = 0.0, -1 if leg == 1 else 1
        for k in range(n):
            t = n - 1 - k if leg == 1 else k
            error = y[t] - _expected(state, at, season)
            errors[t] = error
            squares += error * error
            if not squares < 1e20:
                return _REFUSED, errors, state
            _advance(point, state, at, error, period, season)
            # Not a remainder, which would cost as much as all the rest. Where the way turns, the
            # last value is the first of the way back.
            if k < n - 1:
                at += step
                if at == period:
                    at = 0
                elif at < 0:
                    at = period - 1
    return n * np.log(squares / n + 1e-14), errors, state


@njit(nogil=True)
def losses(
    points: np.ndarray, first: np.ndarray, y: np.ndarray, period: int, season: int
) -> np.ndarray:
    """Return the likelihood loss of each point."""
    found = np.empty(len(points))
    for i in range(len(points)):
        found[i] = smooth(points[i], first, y, period, season)[0]
    return found


descend = minimiser(losses, "ces")


@njit(nogil=True)
def walk(
    point: np.ndarray, state: np.ndarray, start: int, noise: np.ndarray, period: int, season: int
) -> np.ndarray:
    """Return paths from a state after `start` values: one a row of `noise`, shape (n, horizon)."""
    paths = np.empty(noise.shape)
    for i in range(noise.shape[0]):
        now = state.copy()
        for h in range(noise.shape[1]):
            at = (start + h) % period
            paths[i, h] = _expected(now, at, season) + noise[i, h]
            _advance(point, now, at, noise[i, h], period, season)
    return paths
