"""Order of a seasonal ARIMA model by the stepwise search of Hyndman and Khandakar (2008)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

__all__ = ["Order", "choose", "differences", "seasonal_differences"]

#: Critical value of the KPSS statistic for a level, 5 % (Kwiatkowski et al. 1992, table 1).
_KPSS = 0.463
#: Seasonal strength from which a series is seasonally differenced (Wang, Smith and Hyndman 2006).
_STRENGTH = 0.64
_INSIDE = 0.985


class Order(NamedTuple):
    """Numbers of AR, MA, seasonal AR and seasonal MA terms, and whether there is a constant."""

    p: int
    q: int
    sp: int
    sq: int
    constant: bool


def differences(values: np.ndarray, most: int = 2) -> int:
    """Return how often to difference until the KPSS test does not reject a level."""
    for times in range(most):
        centred = values - values.mean()
        lags = int(3 * np.sqrt(len(values)) / 13)
        power = centred @ centred
        for k in range(1, lags + 1):
            power += 2 * (1 - k / (lags + 1)) * (centred[k:] @ centred[:-k])
        if power <= 0 or (centred.cumsum() ** 2).sum() / len(values) / power < _KPSS:
            return times
        values = np.diff(values)
    return most


def seasonal_differences(values: np.ndarray, period: int) -> int:
    """Return 1 where the season is strong, else 0."""
    from statsmodels.tsa.seasonal import STL

    if period < 2 or len(values) < 2 * period + 5:
        return 0
    parts = STL(values, period=period, seasonal=2 * len(values) + 1).fit()
    both = np.var(parts.seasonal + parts.resid)
    return int(both > 0 and 1 - np.var(parts.resid) / both > _STRENGTH)


def choose(
    w: np.ndarray, period: int, constant: bool, most: int = 5, most_seasonal: int = 2
) -> tuple[Order, np.ndarray, float]:
    """Return the order of least AICc, its point (see `arima_kernel`) and its variance.

    Parameters
    ----------
    w : ndarray of shape (n,)
        Differenced values.
    period : int
        Periods of a season; 1 for none.
    constant : bool
        Whether a constant may take part.
    most, most_seasonal : int
        Largest order of each kind; their sum is at most `most`.
    """
    tried: dict[Order, tuple[float, np.ndarray, float]] = {}
    limits = (most, most, most_seasonal, most_seasonal) if period > 1 else (most, most, 0, 0)

    def score(order: Order) -> float:
        if order not in tried:
            tried[order] = _estimate(w, period, order)
        return tried[order][0]

    first = [(2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1)]
    capped = [tuple(min(a, b) for a, b in zip(one, limits, strict=True)) for one in first]
    best = min((Order._make((*one, constant)) for one in capped), key=score)
    better = True
    while better:
        better = False
        for order in _neighbours(best, limits, constant):
            if sum(order[:4]) <= most and score(order) < score(best) - 1e-9:
                best, better = order, True
                break
    return best, tried[best][1], tried[best][2]


def _neighbours(order: Order, limits: tuple[int, ...], constant: bool) -> Iterator[Order]:
    moves = [
        *((0, 0, a, 0) for a in (-1, 1)), *((0, 0, 0, a) for a in (-1, 1)),
        *((0, 0, a, a) for a in (-1, 1)), *((a, 0, 0, 0) for a in (-1, 1)),
        *((0, a, 0, 0) for a in (-1, 1)), *((a, a, 0, 0) for a in (-1, 1)),
    ]  # fmt: skip
    for move in moves:
        moved = [a + b for a, b in zip(order[:4], move, strict=True)]
        if all(0 <= a <= b for a, b in zip(moved, limits, strict=True)):
            yield Order._make((*moved, order.constant))
    if constant:
        yield order._replace(constant=not order.constant)


def _estimate(w: np.ndarray, period: int, order: Order) -> tuple[float, np.ndarray, float]:
    from dcforecast.models import arima_kernel
    from dcforecast.models.descent import descend

    terms = sum(order[:4])
    count, n = terms + order.constant + 1, len(w)
    spread = float(np.ptp(w)) + 1e-9
    start = np.zeros(1 + terms)
    low, high = np.full(1 + terms, -_INSIDE), np.full(1 + terms, _INSIDE)
    start[1:] = 0.1
    start[0] = w.mean() if order.constant else 0.0
    low[0], high[0] = (w.min() - spread, w.max() + spread) if order.constant else (0.0, 0.0)
    orders = np.array(order[:4])
    point, loss = descend(
        lambda points: np.asarray(arima_kernel.losses(points, w, orders, period)),
        start, low, high, iterations=50,
    )  # fmt: skip
    variance = float(np.exp(loss / n))
    if n - count - 1 <= 0:
        return np.inf, point, variance
    return loss + 2 * count * n / (n - count - 1), point, variance
