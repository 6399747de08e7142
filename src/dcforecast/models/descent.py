"""Minimising a compiled likelihood within bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["descend"]

_STEP = 1e-6


def descend(
    losses: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    iterations: int = 100,
) -> tuple[np.ndarray, float]:
    """Return the minimum within bounds by L-BFGS-B with one-sided differences.

    Parameters
    ----------
    losses : callable
        Takes points, shape (k, parameters), and returns their k losses: the value and all the
        differences of a step are one call of compiled code.
    start, low, high : ndarray of shape (parameters,)
        First point and bounds; a parameter whose bounds are equal stays as it is.
    iterations : int
        At most so many steps.

    Returns
    -------
    ndarray of shape (parameters,), float
        The best point and its loss.
    """
    from scipy.optimize import minimize

    free = np.flatnonzero(high > low)
    rows = np.arange(1, len(free) + 1)
    base = np.clip(start, low, high)
    if not len(free):
        return base, float(losses(base[None])[0])

    def value_and_slope(x: np.ndarray) -> tuple[float, np.ndarray]:
        points = np.tile(base, (len(free) + 1, 1))
        points[:, free] = x
        # Steps towards the inside, so that no point leaves the bounds.
        steps = np.where(x + _STEP > high[free], -_STEP, _STEP)
        points[rows, free] += steps
        found = losses(points)
        return float(found[0]), (found[1:] - found[0]) / steps

    result = minimize(
        value_and_slope,
        base[free],
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(low[free], high[free], strict=True)),
        options={"maxiter": iterations, "ftol": 1e-8},
    )
    base[free] = np.clip(result.x, low[free], high[free])
    return base, float(result.fun)
