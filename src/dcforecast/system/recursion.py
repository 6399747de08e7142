"""Autoregressive recursions of many members at once, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["autoregress"]

_LANES = 16  # members side by side, so that one need not wait for another's last hour


@njit(nogil=True)
def autoregress(shocks: Any, lags: Any, weights: Any, gain: Any, out: Any) -> None:
    """Write ``y[t] = gain * shocks[t] + sum(weights * y[t - lags])``, without its first steps.

    Parameters
    ----------
    shocks : ndarray of shape (members, steps)
    lags : ndarray of int
        Ascending.
    weights : ndarray of shape (lags,)
        Their type is that of the recursion.
    gain : number of the same type
    out : ndarray of shape (members, kept)
        The last `kept` steps.

    Notes
    -----
    The terms are added in the order of `scipy.signal.lfilter`, the longest lag first, so the
    result is the same to the byte; the lags between that count for nothing are left out.
    """
    members, steps = shocks.shape
    longest, skipped = lags[-1], steps - out.shape[1]
    y = np.zeros((steps + longest, _LANES), weights.dtype)
    for first in range(0, members, _LANES):
        lanes = min(_LANES, members - first)
        for t in range(steps):
            now = y[t + longest]
            now[:] = 0
            for k in range(len(lags) - 1, -1, -1):
                before, weight = y[t + longest - lags[k]], weights[k]
                for i in range(_LANES):
                    now[i] += weight * before[i]
            for i in range(lanes):
                now[i] += gain * shocks[first + i, t]
        for i in range(lanes):
            for t in range(out.shape[1]):
                out[first + i, t] = y[t + skipped + longest, i]
