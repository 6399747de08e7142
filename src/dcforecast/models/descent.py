"""Minimising a compiled loss within bounds, compiled with it."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["MOST_STEPS", "dot", "minimiser"]

#: Steps after which the models end a descent.
MOST_STEPS = 100

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
    bound = FunctionType(_descend.__code__, {**globals(), "_losses": loss}, f"{name}_descend")
    bound.__qualname__ = bound.__name__
    found: Callable[..., tuple[np.ndarray, float]] = njit(nogil=True)(bound)
    return found


@njit(nogil=True)
def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Return the inner product."""
    total = 0.0
    for t in range(len(a)):
        total += a[t] * b[t]
    return total


@njit(nogil=True)
def _times(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    found = np.empty(len(table))
    for i in range(len(table)):
        found[i] = dot(table[i], x)
    return found


@njit(nogil=True)
def _bend(curve: np.ndarray, gone: np.ndarray, turned: np.ndarray) -> None:
    """Take one step of BFGS into an inverse curvature (Nocedal and Wright 2006, equation 6.17)."""
    inner = dot(gone, turned)
    if inner < 1e-10:
        return
    bent = _times(curve, turned)
    share = (1.0 + dot(turned, bent) / inner) / inner
    for i in range(len(gone)):
        for j in range(len(gone)):
            curve[i, j] += share * gone[i] * gone[j]
            curve[i, j] -= (bent[i] * gone[j] + gone[i] * bent[j]) / inner


@njit(nogil=True)
def _first_curve(slope: np.ndarray) -> np.ndarray:
    found = np.zeros((len(slope), len(slope)))
    for i in range(len(slope)):
        found[i, i] = 1.0 / (1.0 + np.sqrt(dot(slope, slope)))
    return found


@njit(nogil=True)
def _inside(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    found = np.empty(len(x))
    for i in range(len(x)):
        found[i] = min(max(x[i], low[i]), high[i])
    return found


@njit(nogil=True)
def _free(x: np.ndarray, slope: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return 1 for what may move down the slope, 0 for what a bound holds."""
    found = np.ones(len(x))
    for i in range(len(x)):
        pushed_out = (x[i] <= low[i] and slope[i] > 0.0) or (x[i] >= high[i] and slope[i] < 0.0)
        if pushed_out or low[i] >= high[i]:
            found[i] = 0.0
    return found


@njit(nogil=True)
def _way(curve: np.ndarray, slope: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the way down in what is free, and the longest step to try on it."""
    found = np.empty(len(slope))
    for i in range(len(slope)):
        found[i] = slope[i] * free[i]
    found = _times(curve, found)
    step = 1.0
    for i in range(len(slope)):
        found[i] *= -free[i]
        step = min(step, _LONGEST / (abs(found[i]) + 1e-300))
    return found, step


@njit(nogil=True)
def _along(x: np.ndarray, step: float, way: np.ndarray) -> np.ndarray:
    found = np.empty(len(x))
    for i in range(len(x)):
        found[i] = x[i] + step * way[i]
    return found


@njit(nogil=True)
def _near(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return a point and, below it, one a step away in each parameter that may move."""
    count = 1
    for i in range(len(x)):
        count += low[i] < high[i]
    points, row = np.empty((count, len(x))), 1
    for i in range(len(x)):
        points[:, i] = x[i]
        if low[i] < high[i]:
            points[row, i] += _toward(x[i], high[i])
            row += 1
    return points


@njit(nogil=True)
def _toward(x: float, high: float) -> float:
    """Return a small step towards the inside."""
    return -_STEP if x + _STEP > high else _STEP


@njit(nogil=True)
def _slope(found: np.ndarray, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return one-sided differences of the losses at the points of `_near`."""
    slope, row = np.zeros(len(x)), 1
    for i in range(len(x)):
        if low[i] < high[i]:
            slope[i] = (found[row] - found[0]) / _toward(x[i], high[i])
            row += 1
    return slope


@njit(nogil=True)
def _turned(slope: np.ndarray, before: np.ndarray, free: np.ndarray) -> np.ndarray:
    found = np.empty(len(slope))
    for i in range(len(slope)):
        found[i] = (slope[i] - before[i]) * free[i]
    return found


def _losses(points: np.ndarray, *data: Any) -> np.ndarray:
    """Stand where `minimiser` puts a loss."""
    raise NotImplementedError


def _descend(
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    iterations: int,
    data: tuple[Any, ...],
) -> tuple[np.ndarray, float]:
    """Descend by BFGS; what a bound holds back stays on it as long as the slope leads out."""
    x = _inside(start, low, high)
    found = _losses(_near(x, low, high), *data)
    loss, slope = found[0], _slope(found, x, low, high)
    curve = _first_curve(slope)
    for _ in range(iterations):
        free = _free(x, slope, low, high)
        way, step = _way(curve, slope, free)
        there, gone = x, x
        for _ in range(_HALVINGS):
            there = _inside(_along(x, step, way), low, high)
            gone = _along(there, -1.0, x)
            found = _losses(_near(there, low, high), *data)
            if found[0] <= loss + 1e-4 * dot(gone, slope):
                break
            step /= 2.0
        else:
            break
        gain, before = loss - found[0], slope
        x, loss, slope = there, found[0], _slope(found, there, low, high)
        _bend(curve, gone, _turned(slope, before, free))
        if gain < _GAIN * (abs(loss) + 1.0):
            break
    return x, loss
