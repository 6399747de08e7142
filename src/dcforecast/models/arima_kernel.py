"""Conditional sum of squares of seasonal ARMA models, compiled (Box and Jenkins, chapter 7).

A point holds the mean and then, for AR, MA, seasonal AR and seasonal MA, partial autocorrelations
in (-1, 1): every such point is stationary and invertible (Monahan 1984).
"""

from __future__ import annotations

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["coefficients", "losses"]


@njit(nogil=True)
def coefficients(partials: np.ndarray) -> np.ndarray:
    """Return the autoregressive coefficients of partial autocorrelations (Durbin–Levinson)."""
    found = partials.copy()
    for k in range(1, len(partials)):
        before = found[:k].copy()
        for j in range(k):
            found[j] = before[j] - partials[k] * before[k - 1 - j]
    return found


@njit(nogil=True)
def _product(short: np.ndarray, long: np.ndarray, period: int, sign: float) -> np.ndarray:
    """Return the coefficients of lags 1, 2 ... of (1 + sign a(B)) (1 + sign b(B^period)) - 1."""
    whole = np.zeros(1 + len(short) + period * len(long))
    whole[0] = 1.0
    whole[1 : 1 + len(short)] = sign * short
    for k in range(len(long)):
        at = period * (k + 1)
        whole[at] += sign * long[k]
        for j in range(len(short)):
            whole[at + 1 + j] += long[k] * short[j]
    return whole[1:]


@njit(nogil=True)
def losses(points: np.ndarray, w: np.ndarray, orders: np.ndarray, period: int) -> np.ndarray:
    """Return n log(CSS / n) of each point for a differenced series.

    Values before the first count as the mean and errors before it as 0, so that models of all
    orders are judged on the same values.
    """
    p, q, sp = orders[0], orders[1], orders[2]
    found = np.empty(len(points))
    errors = np.empty(len(w))
    for i in range(len(points)):
        x = points[i]
        ar = _product(
            coefficients(x[1 : 1 + p]), coefficients(x[1 + p + q : 1 + p + q + sp]), period, -1.0
        )
        ma = _product(
            -coefficients(x[1 + p : 1 + p + q]), -coefficients(x[1 + p + q + sp :]), period, 1.0
        )
        total = 0.0
        for t in range(len(w)):
            e = w[t] - x[0]
            for j in range(min(t, len(ar))):
                if ar[j] != 0.0:
                    e += ar[j] * (w[t - 1 - j] - x[0])
            for j in range(min(t, len(ma))):
                if ma[j] != 0.0:
                    e -= ma[j] * errors[t - 1 - j]
            errors[t] = e
            total += e * e
        found[i] = len(w) * np.log(total / len(w) + 1e-14)
    return found
