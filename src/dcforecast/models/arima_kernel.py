"""Exact likelihood of seasonal ARMA models, compiled.

A point holds, for AR, MA, seasonal AR and seasonal MA, partial autocorrelations in (-1, 1): every
such point is stationary and invertible (Monahan 1984). The one-step errors of the stationary state
space come by the fast recursions of Morf, Sidhu and Kailath (1974), as in Melard (1984, AS 197):
their cost grows with the order of the model, that of a Kalman filter with its square.
"""

from __future__ import annotations

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.models.descent import dot, minimiser

__all__ = ["coefficients", "descend", "errors", "losses"]

_REFUSED = 1e10
#: Change of the state's covariance from which the filter counts as settled.
_SETTLED = 1e-15


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
    for j in range(len(short)):
        whole[1 + j] = sign * short[j]
    for k in range(len(long)):
        at = period * (k + 1)
        whole[at] += sign * long[k]
        for j in range(len(short)):
            whole[at + 1 + j] += long[k] * short[j]
    return whole[1:]


@njit(nogil=True, error_model="numpy")
def _covariances(ar: np.ndarray, count: int) -> np.ndarray:
    """Return the autocovariances of an autoregression with noise of variance 1, lags 0, 1 ..."""
    p = len(ar)
    rows = np.zeros((p + 1, p + 1))  # row k: the best predictor from k values
    for j in range(p):
        rows[p, j] = ar[j]
    found = np.zeros(count)
    found[0] = 1.0
    for k in range(p, 0, -1):
        last = rows[k, k - 1]
        rest = 1.0 - last * last
        found[0] /= rest
        for j in range(k - 1):
            rows[k - 1, j] = (rows[k, j] + last * rows[k, k - 2 - j]) / rest
    for k in range(1, count):
        row = min(k, p)
        for j in range(row):
            found[k] += rows[row, j] * found[k - 1 - j]
    return found


@njit(nogil=True)
def _mixed(pure: np.ndarray, theta: np.ndarray, count: int) -> np.ndarray:
    """Return autocovariances after a moving average, of those before it."""
    found = np.zeros(count)
    for i in range(len(theta)):
        for j in range(len(theta)):
            weight = theta[i] * theta[j]
            if weight != 0.0:
                for k in range(count):
                    found[k] += weight * pure[abs(k + i - j)]
    return found


@njit(nogil=True)
def _first(ar: np.ndarray, ma: np.ndarray) -> tuple[float, np.ndarray]:
    """Return variance and gain, times that variance, of the first one-step error.

    The gain's element i is the covariance of a value with what it says of the value i + 1 later.
    """
    p, q = len(ar), len(ma)
    size = max(p, q)
    theta = np.zeros(size + 1)
    theta[0] = 1.0
    for j in range(q):
        theta[1 + j] = ma[j]
    values = _mixed(_covariances(ar, 2 * size + 1), theta, size + 1)
    psi = theta.copy()
    for k in range(1, size + 1):
        for j in range(min(k, p)):
            psi[k] += ar[j] * psi[k - 1 - j]
    gain = np.zeros(size)
    for i in range(size):
        for j in range(i, p):
            gain[i] += ar[j] * values[j - i]
        for j in range(i, q):
            gain[i] += ma[j] * psi[j - i]
    return values[0], gain


@njit(nogil=True, error_model="numpy")
def _filtered(ar: np.ndarray, ma: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, float]:
    size = max(len(ar), len(ma))
    width, count = columns.shape
    phi = np.zeros(size)
    for j in range(len(ar)):
        phi[j] = ar[j]
    variance, gain = _first(ar, ma)
    change, weight = gain.copy(), -1.0 / variance
    state = np.zeros((width, size + 1))
    out = np.empty((width, count))
    logs, settled = 0.0, size == 0
    for t in range(count):
        logs += np.log(variance)
        for c in range(width):
            at = state[c]
            level = at[0]
            error = columns[c, t] - level
            out[c, t] = error / np.sqrt(variance)
            for i in range(size):
                at[i] = phi[i] * level + at[i + 1] + gain[i] * error / variance
        if settled:
            continue
        lead, following = change[0], variance + weight * change[0] ** 2
        largest = 0.0
        for i in range(size):
            moved = phi[i] * lead + (change[i + 1] if i + 1 < size else 0.0)
            change[i] = moved - gain[i] * lead / variance
            gain[i] += moved * weight * lead
            largest = max(largest, abs(change[i]))
        weight *= variance / following
        variance = following
        settled = largest * largest * abs(weight) < _SETTLED
    return out, logs


@njit(nogil=True)
def errors(
    point: np.ndarray, columns: np.ndarray, orders: np.ndarray, period: int
) -> tuple[np.ndarray, float]:
    """Return the one-step errors of each column in their standard deviations, and the log of those.

    Parameters
    ----------
    point : ndarray of shape (terms,)
        See the module.
    columns : ndarray of shape (columns, n)
        Series that are filtered alike: a differenced one, and regressors.
    orders : ndarray of shape (4,)
        Numbers of AR, MA, seasonal AR and seasonal MA terms.
    period : int
        Periods of a season.

    Returns
    -------
    ndarray of shape (columns, n), float
        Errors, of variance 1 where the noise has variance 1, and the sum of the logarithms of
        their variances before.
    """
    a, b, c = orders[0], orders[0] + orders[1], orders[0] + orders[1] + orders[2]
    ar = _product(coefficients(point[:a]), coefficients(point[b:c]), period, -1.0)
    ma = _product(-coefficients(point[a:b]), -coefficients(point[c:]), period, 1.0)
    found: tuple[np.ndarray, float] = _filtered(-ar, ma, columns)
    return found


@njit(nogil=True)
def _project(values: np.ndarray, onto: np.ndarray) -> None:
    """Take from values what a column explains of them."""
    size = dot(onto, onto)
    if size > 1e-12:
        share = dot(values, onto) / size
        for t in range(len(values)):
            values[t] -= share * onto[t]


@njit(nogil=True)
def losses(points: np.ndarray, columns: np.ndarray, orders: np.ndarray, period: int) -> np.ndarray:
    """Return twice the negative log-likelihood, less n (1 + log 2 pi), of each point.

    The first column is the series; the effects of the others on it and the variance of the noise
    are the best ones (generalised least squares).
    """
    found = np.empty(len(points))
    for i in range(len(points)):
        rest, logs = errors(points[i], columns, orders, period)
        for c in range(len(rest) - 1, 0, -1):
            for other in range(c):
                _project(rest[other], rest[c])
        count = rest.shape[1]
        loss = count * np.log(dot(rest[0], rest[0]) / count + 1e-14) + logs
        found[i] = loss if np.isfinite(loss) else _REFUSED
    return found


@njit(nogil=True)
def _unbounded(
    free: np.ndarray, columns: np.ndarray, orders: np.ndarray, period: int
) -> np.ndarray:
    """Return the losses of points tanh(u): no u leads out of (-1, 1)."""
    found: np.ndarray = losses(np.tanh(free), columns, orders, period)
    return found


descend = minimiser(_unbounded, "arima")
