"""Minimising a compiled loss within bounds, compiled with it."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["dot", "minimiser"]

#: Step of the differences, and the least gain of a step of the descent, as a share of the loss.
_STEP, _GAIN = 1e-6, 1e-8
_HALVINGS = 15
#: Longest step in what is free.
_LONGEST = 2.0


def minimiser(
    loss: Callable[..., np.ndarray], name: str
) -> Callable[..., tuple[np.ndarray, float]]:
    """Return a compiled function that finds the point of least loss within bounds.

    It is compiled for one loss, so that no step of the descent leaves compiled code, and kept on
    disk with it; numba keeps no function that is given another.

    Parameters
    ----------
    loss : callable
        Compiled; takes points, shape (k, parameters), and data, and returns their k losses.
    name : str
        What the kept code is called: one for each loss.

    Returns
    -------
    callable
        Takes the first point, lower and upper bounds, most steps and a tuple of the data; returns
        the best point and its loss.  A parameter whose bounds are equal stays as it is.
    """
    slope = njit(nogil=True)(_bound(_loss_and_slope, f"{name}_slope", _losses=loss))
    found: Callable[..., tuple[np.ndarray, float]] = njit(nogil=True)(
        _bound(_descend, f"{name}_descend", _loss_and_slope=slope)
    )
    return found


def _bound(function: Any, name: str, **names: Any) -> FunctionType:
    """Return a copy of a function that finds others under some of the names it calls."""
    found = FunctionType(function.__code__, {**function.__globals__, **names}, name)
    found.__qualname__ = name
    return found


@njit(nogil=True)
def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Return the inner product."""
    total = 0.0
    for t in range(len(a)):
        total += a[t] * b[t]
    return total


@njit(nogil=True)
def _bend(curve: np.ndarray, gone: np.ndarray, turned: np.ndarray) -> None:
    """Take one step of BFGS into an inverse curvature (Nocedal and Wright 2006, equation 6.17)."""
    inner = dot(gone, turned)
    if inner < 1e-10:
        return
    bent = curve @ turned
    share = (1.0 + dot(turned, bent) / inner) / inner
    for i in range(len(gone)):
        for j in range(len(gone)):
            curve[i, j] += share * gone[i] * gone[j]
            curve[i, j] -= (bent[i] * gone[j] + gone[i] * bent[j]) / inner


@njit(nogil=True)
def _free(x: np.ndarray, slope: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return 1 for what may move down the slope, 0 for what a bound holds."""
    found = np.ones(len(x))
    for i in range(len(x)):
        if (x[i] <= low[i] and slope[i] > 0.0) or (x[i] >= high[i] and slope[i] < 0.0):
            found[i] = 0.0
    return found


def _losses(points: np.ndarray, *data: Any) -> np.ndarray:
    """Stand where `minimiser` puts a loss."""
    raise NotImplementedError


def _loss_and_slope(
    x: np.ndarray, base: np.ndarray, loose: np.ndarray, high: np.ndarray, data: tuple[Any, ...]
) -> tuple[float, np.ndarray]:
    """Return the loss at x and its one-sided differences, taken towards the inside."""
    count = len(loose)
    points = np.empty((count + 1, len(base)))
    steps = np.where(x + _STEP > high, -_STEP, _STEP)
    for row in range(count + 1):
        points[row] = base
        for j in range(count):
            points[row, loose[j]] = x[j]
        if row:
            points[row, loose[row - 1]] += steps[row - 1]
    found = _losses(points, *data)
    return found[0], (found[1:] - found[0]) / steps


def _descend(
    start: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    iterations: int,
    data: tuple[Any, ...],
) -> tuple[np.ndarray, float]:
    """Descend by BFGS; what a bound holds back stays on it as long as the slope leads out."""
    base = np.minimum(np.maximum(start, lower), upper)
    loose = np.flatnonzero(upper > lower)
    x, low, high = base[loose], lower[loose], upper[loose]
    loss, slope = _loss_and_slope(x, base, loose, high, data)
    curve = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        curve[i, i] = 1.0 / (1.0 + np.sqrt(dot(slope, slope)))
    for _ in range(iterations):
        free = _free(x, slope, low, high)
        way = -(curve @ (slope * free)) * free
        step = 1.0
        for i in range(len(x)):
            step = min(step, _LONGEST / (abs(way[i]) + 1e-300))
        for _ in range(_HALVINGS):
            there = np.minimum(np.maximum(x + step * way, low), high)
            gone = there - x
            least, next_slope = _loss_and_slope(there, base, loose, high, data)
            if least <= loss + 1e-4 * dot(gone, slope):
                break
            step /= 2.0
        else:
            break
        gain = loss - least
        _bend(curve, gone, (next_slope - slope) * free)
        x, slope, loss = there, next_slope, least
        if gain < _GAIN * (abs(loss) + 1.0):
            break
    base[loose] = x
    return base, loss
