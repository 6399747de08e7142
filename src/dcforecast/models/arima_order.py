"""Order of a seasonal ARIMA model by the stepwise search of Hyndman and Khandakar (2008)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

__all__ = [
    "Fit",
    "Order",
    "choose",
    "differences",
    "fitted",
    "parameters",
    "seasonal_differences",
    "weighed",
]

#: Critical value of the KPSS statistic for a level, 5 % (Kwiatkowski et al. 1992, table 1).
_KPSS = 0.463
#: Seasonal strength from which a series is seasonally differenced (Wang, Smith and Hyndman 2006).
_STRENGTH = 0.64
#: Partial autocorrelations that a descent starts from where there is no order near.
_FIRST = 0.1
#: A descent starts within; at the rim the hyperbolic tangent is flat.
_INSIDE = 0.95
#: A model with a root nearer to the unit circle is not taken.
_ROOT = 1.01
#: Least variance of the noise: the filter divides by it.
_LEAST = 1e-14
#: Least weight of a model in a mean of several, as a share of that of the best.
_SHARE = 0.01
#: Models that are tried at most.
_MODELS = 94
#: Steps of the search in two orders, in the order they are tried.
_STEPS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


class Order(NamedTuple):
    """Numbers of AR, MA, seasonal AR and seasonal MA terms, and whether there is a constant."""

    p: int
    q: int
    sp: int
    sq: int
    constant: bool


class Fit(NamedTuple):
    """A model of an order: its AICc (less n (1 + log 2 pi)) and its point (see `arima_kernel`)."""

    order: Order
    aicc: float
    point: np.ndarray


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
    """Return 1 where the season is strong, else 0.

    Strength by a decomposition with a season that changes slowly, as R's `mstl` has it.
    """
    from statsmodels.tsa.seasonal import STL

    if period < 2 or len(values) <= 2 * period:
        return 0
    parts = STL(values, period=period, seasonal=11, seasonal_deg=0).fit(inner_iter=2)
    both = np.var(parts.seasonal + parts.resid)
    return int(both > 0 and 1 - np.var(parts.resid) / both > _STRENGTH)


def choose(
    w: np.ndarray,
    X: np.ndarray,
    period: int,
    constants: tuple[bool, ...],
    limits: tuple[int, int, int, int],
    start: tuple[int, int, int, int] = (2, 2, 1, 1),
) -> list[Fit]:
    """Return the models that were tried, that of least AICc first.

    The likelihood is exact for all models; R's approximation of it for long series is not needed.

    Parameters
    ----------
    w : ndarray of shape (n,)
        Differenced values.
    X : ndarray of shape (columns, n)
        Regressors, differenced alike.
    period : int
        Periods of a season; 1 for none.
    constants : tuple of bool
        With a constant, without one, or both to choose from.
    limits : tuple of int
        Largest order of each kind.
    start : tuple of int
        Orders of the richest model the search starts from.

    Returns
    -------
    list of Fit
        The first may have an infinite AICc, the others have a finite one.
    """
    tried: dict[Order, Fit] = {}

    def attempt(order: Order, near: Fit | None = None) -> Fit:
        if order not in tried:
            tried[order] = fitted(w, X, period, order, near)
        return tried[order]

    starts = [Order(0, 0, 0, 0, constant) for constant in constants] + [
        Order._make((*map(min, one, limits), max(constants)))
        for one in ((1, 0, 1, 0), (0, 1, 0, 1), start)
    ]
    best = min((attempt(order) for order in starts), key=lambda one: one.aicc)
    # As in R the walk begins with a constant, also where the bare model without one is the best.
    place, better = best.order._replace(constant=max(constants)), True
    while better:
        better = False
        for order in _neighbours(place, limits, constants):
            if len(tried) >= _MODELS:
                break
            if order not in tried and attempt(order, best).aicc < best.aicc:
                best, place, better = tried[order], order, True
                break
    others = (one for one in tried.values() if one is not best and np.isfinite(one.aicc))
    return [best, *sorted(others, key=lambda one: one.aicc)]


def weighed(fits: list[Fit], most: int) -> list[tuple[Fit, float]]:
    """Return the first few models with their Akaike weights (Burnham and Anderson 2002)."""
    shares = [float(np.exp((fits[0].aicc - one.aicc) / 2)) for one in fits[1:most]]
    kept = [1.0, *(share for share in shares if share >= _SHARE)]
    return [(one, share / sum(kept)) for one, share in zip(fits, kept, strict=False)]


def fitted(w: np.ndarray, X: np.ndarray, period: int, order: Order, near: Fit | None = None) -> Fit:
    """Return the model of an order; from a near one the descent starts where that ended.

    A model with a root near the unit circle, or too many terms, has an infinite AICc.
    """
    from dcforecast.models import arima_kernel
    from dcforecast.models.descent import MOST_STEPS

    columns, orders = _columns(w, X, order), np.array(order[:4])
    starts = _starts(order, near)
    n, count = len(w), len(starts[0]) + len(columns)
    if n - count - 1 <= 0:
        return Fit(order, np.inf, starts[0])
    reach = np.full(len(starts[0]), np.inf)
    data, found = (columns, orders, period), []
    for start in starts:
        free, loss = arima_kernel.descend(np.arctanh(start), -reach, reach, MOST_STEPS, data)
        point = np.tanh(free)
        aicc = loss + 2 * count * n / (n - count - 1)
        found.append(Fit(order, aicc if _apart(point, order, period) else np.inf, point))
    return min(found, key=lambda one: one.aicc)


def parameters(fit: Fit, w: np.ndarray, X: np.ndarray, period: int) -> np.ndarray:
    """Return statsmodels' parameters: constant, slopes, AR, MA, seasonal AR and MA, variance.

    The variance of the noise is the unbiased one, as in R.
    """
    from dcforecast.models import arima_kernel

    order = fit.order
    orders = np.array(order[:4])
    errors, _ = arima_kernel.errors(fit.point, _columns(w, X, order), orders, period)
    effects = np.linalg.lstsq(errors[1:].T, errors[0], rcond=None)[0]
    rest = errors[0] - effects @ errors[1:]
    ar, ma, sar, sma = _split(fit.point, order)
    constant = [effects[-1] * (1 - ar.sum()) * (1 - sar.sum())] if order.constant else []
    variance = max(rest @ rest / max(len(w) - sum(order[:4]) - len(effects), 1), _LEAST)
    return np.concatenate([constant, effects[: len(X)], ar, -ma, sar, -sma, [variance]])


def _split(point: np.ndarray, order: Order) -> list[np.ndarray]:
    """Return the coefficients of AR, MA, seasonal AR and seasonal MA terms of a point.

    Signs are those of an autoregression, for the moving averages too.
    """
    from dcforecast.models import arima_kernel

    return [np.asarray(arima_kernel.coefficients(point[a:b])) for a, b in _cuts(order)]


def _cuts(order: Order) -> list[tuple[int, int]]:
    """Return where the terms of each kind begin and end in a point."""
    return list(pairwise(np.cumsum([0, *order[:4]]).tolist()))


def _neighbours(
    order: Order, limits: tuple[int, ...], constants: tuple[bool, ...]
) -> Iterator[Order]:
    moves = [*((0, 0, *step) for step in _STEPS), *((*step, 0, 0) for step in _STEPS)]
    for move in moves:
        moved = [a + b for a, b in zip(order[:4], move, strict=True)]
        if all(0 <= a <= b for a, b in zip(moved, limits, strict=True)):
            yield Order._make((*moved, order.constant))
    for constant in constants:
        if constant != order.constant:
            yield order._replace(constant=constant)


def _starts(order: Order, near: Fit | None) -> list[np.ndarray]:
    """Return where descents begin: at the end of that of a near order, or at a point inside.

    At both where an AR and an MA term come in together: as zeros they cancel, and the loss is
    flat along the line on which they go on to do so.
    """
    inside = np.full(sum(order[:4]), _FIRST)
    if near is None:
        return [inside]
    more = [a > b for a, b in zip(order[:4], near.order[:4], strict=True)]
    both = (more[0] and more[1]) or (more[2] and more[3])
    return [_moved(near, order), inside] if both else [_moved(near, order)]


def _moved(near: Fit, order: Order) -> np.ndarray:
    """Return the point of a near order with terms left out or, as zeros, put in."""
    moved = np.zeros(sum(order[:4]))
    for (a, b), (i, k) in zip(_cuts(near.order), _cuts(order), strict=True):
        count = min(b - a, k - i)
        moved[i : i + count] = near.point[a : a + count]
    return np.clip(moved, -_INSIDE, _INSIDE)


def _apart(point: np.ndarray, order: Order, period: int) -> bool:
    """Tell whether all roots are far enough from the unit circle."""
    for place, part in enumerate(_split(point, order)):
        if len(part):
            largest = np.abs(np.roots([1.0, *-part])).max()
            if largest > _ROOT ** -(period if place > 1 else 1):
                return False
    return True


def _columns(w: np.ndarray, X: np.ndarray, order: Order) -> np.ndarray:
    return np.vstack([w, *X, *([np.ones_like(w)] if order.constant else [])])
