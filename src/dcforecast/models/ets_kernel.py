"""Innovations state space of exponential smoothing, compiled (Hyndman et al. 2008, chapter 2).

A point holds alpha, b, g, phi, level, slope and season (oldest first). The smoothing weights of
trend and season are beta = b alpha and gamma = g (1 - alpha), so that a box of (0, 1) is the usual
region of section 2.4. Without a trend b, slope are 0; an undamped one has phi = 1.
"""

from __future__ import annotations

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.models.descent import minimiser

__all__ = ["ADD", "MULTIPLY", "NONE", "descend", "losses", "smooth", "walk"]

#: Forms of the season.
NONE, ADD, MULTIPLY = 0, 1, 2
#: Loss of a point that is no model.
_REFUSED = 1e10


@njit(nogil=True)
def _forecast(base: float, effect: float, season: int) -> float:
    if season == ADD:
        return base + effect
    if season == MULTIPLY:
        return base * effect
    return base


@njit(nogil=True)
def _without(value: float, effect: float, season: int) -> float:
    if season == ADD:
        return value - effect
    if season == MULTIPLY:
        return value / effect if abs(effect) > 1e-10 else value / 1e-10
    return value


@njit(nogil=True)
def _advance(point: np.ndarray, state: np.ndarray, at: int, value: float, season: int) -> None:
    """Move the state (level, slope, season ...) over one observed value."""
    base = state[0] + point[3] * state[1]
    level = base + point[0] * (_without(value, state[2 + at], season) - base)
    state[1] = point[3] * state[1] + point[1] * (level - base)
    if season != NONE:
        gamma = point[2] * (1.0 - point[0])
        seen = value - base if season == ADD else value / base
        state[2 + at] += gamma * (seen - state[2 + at])
    state[0] = level


@njit(nogil=True)
def smooth(
    point: np.ndarray, y: np.ndarray, period: int, relative: bool, season: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Run the recursion over a series.

    Returns
    -------
    float, ndarray of shape (n,), ndarray of shape (2 + period,)
        Twice the negative log-likelihood without constants, the errors (relative ones with
        multiplicative error) and the last state.
    """
    state = point[4:].copy()
    errors = np.empty(len(y))
    squares, logs = 0.0, 0.0
    for t in range(len(y)):
        at = t % period
        expected = _forecast(state[0] + point[3] * state[1], state[2 + at], season)
        error = y[t] - expected
        if relative:
            if expected < 1e-8:
                return _REFUSED, errors, state
            error /= expected
            logs += np.log(expected)
        errors[t] = error
        squares += error * error
        if not squares < 1e20:
            return _REFUSED, errors, state
        _advance(point, state, at, y[t], season)
    return len(y) * np.log(squares / len(y) + 1e-14) + 2.0 * logs, errors, state


@njit(nogil=True)
def losses(
    points: np.ndarray, y: np.ndarray, period: int, relative: bool, season: int
) -> np.ndarray:
    """Return the likelihood loss of each point (last season's effect follows from the others)."""
    found = np.empty(len(points))
    for i in range(len(points)):
        point = points[i].copy()
        if season != NONE:
            rest = point[6 : 5 + period].sum()
            point[5 + period] = (period - rest) if season == MULTIPLY else -rest
        found[i] = smooth(point, y, period, relative, season)[0]
    return found


descend = minimiser(losses, "ets")


@njit(nogil=True)
def walk(
    point: np.ndarray,
    state: np.ndarray,
    start: int,
    noise: np.ndarray,
    period: int,
    relative: bool,
    season: int,
) -> np.ndarray:
    """Return paths from a state: one a row of `noise`, shape (n, horizon)."""
    paths = np.empty(noise.shape)
    for i in range(noise.shape[0]):
        now = state.copy()
        for h in range(noise.shape[1]):
            at = (start + h) % period
            expected = _forecast(now[0] + point[3] * now[1], now[2 + at], season)
            shock = expected * noise[i, h] if relative else noise[i, h]
            # A relative shock below -100 % would turn the sign of every later value.
            paths[i, h] = max(expected + shock, 0.01 * expected) if relative else expected + shock
            _advance(point, now, at, paths[i, h], season)
    return paths
