"""Seasonal ARIMA with regressors and automatic order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from dcforecast.models import arima_order
from dcforecast.models.base import quiet
from dcforecast.models.sarimax import LONGEST_SEASON, Sarimax

__all__ = ["AutoArima"]


class AutoArima(Sarimax):
    """Seasonal ARIMA whose order is found by a stepwise search (Hyndman and Khandakar 2008).

    Differences by the KPSS test and the strength of the season; orders by AICc of the
    conditional sum of squares, which is compiled; the winner alone is estimated by exact
    likelihood with statsmodels.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    max_order : int
        Most AR and MA terms in all.
    iterations : int
        Steps of the exact likelihood; 0 keeps the conditional estimates.
    """

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "none",
        max_order: int = 5,
        iterations: int = 30,
    ) -> None:
        super().__init__(season_length, transform)
        self.max_order = max_order
        self.iterations = iterations

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        period = self.season_ if self.season_ <= LONGEST_SEASON else 1
        plain, slopes = _without_regressors(_filled(values), X)
        seasonal = arima_order.seasonal_differences(plain, period)
        w = plain[period:] - plain[:-period] if seasonal else plain
        d = arima_order.differences(w, most=2 - seasonal)
        w = np.diff(w, d)
        order, point, variance = arima_order.choose(w, period, d + seasonal < 2, self.max_order)
        self.form_ = {
            "order": (order.p, d, order.q),
            "seasonal_order": (order.sp, seasonal, order.sq, period if period > 1 else 0),
            "trend": "c" if order.constant else None,
        }
        start = _start(order, point, variance, slopes)
        with quiet():
            model = self._model(values, X, self.form_)
            self.result_ = model.smooth(start)
            if self.iterations:
                found = model.fit(start, disp=False, maxiter=self.iterations)
                if found.llf > self.result_.llf:
                    self.result_ = found

    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        return SARIMAX(values, exog=X, **form)


def _filled(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    return np.asarray(np.interp(np.arange(len(values)), np.flatnonzero(known), values[known]))


def _without_regressors(values: np.ndarray, X: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the values less a least-squares fit of the regressors, and its slopes."""
    if X is None:
        return values, np.zeros(0)
    centred = X - X.mean(axis=0)
    slopes = np.linalg.lstsq(np.diff(centred, axis=0), np.diff(values), rcond=None)[0]
    return values - centred @ slopes, np.asarray(slopes)


def _start(
    order: arima_order.Order, point: np.ndarray, variance: float, slopes: np.ndarray
) -> np.ndarray:
    """Return statsmodels' parameters of a point: constant, slopes, AR, MA, seasonal, variance."""
    from dcforecast.models import arima_kernel

    cuts = np.cumsum([1, *order[:4]])
    ar, ma, sar, sma = (
        np.asarray(arima_kernel.coefficients(point[a:b])) for a, b in pairwise(cuts)
    )
    constant = [point[0] * (1 - ar.sum()) * (1 - sar.sum())] if order.constant else []
    return np.concatenate([constant, slopes, ar, -ma, sar, -sma, [variance]])
