"""Seasonal ARIMA with regressors and automatic order."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcforecast.models import arima_order
from dcforecast.models.base import quiet
from dcforecast.models.checks import check_counts
from dcforecast.models.sarimax import LONGEST_SEASON, Sarimax
from dcforecast.models.statespace import Part, filtered

__all__ = ["AutoArima"]

_ITERATIONS = 30
#: Fewer values than this, before differences, make the search start from a smaller model, as in R.
_SHORT = 10


class AutoArima(Sarimax):
    """Seasonal ARIMA whose orders are found by a stepwise search (Hyndman and Khandakar 2008).

    Differences by the KPSS test and the strength of the season; orders by AICc of the exact
    likelihood, which is compiled, with the effects of regressors in it. The best few become
    models of statsmodels and are averaged by their Akaike weights (Burnham and Anderson 2002):
    the data hardly ever tell one order from the next. Gaps are filled for the search and its
    estimates are then improved by the exact likelihood of what is known. Intervals are those of
    Student's t, as the noise's variance is estimated too; R takes it for known.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    max_order : int
        Most AR terms and most MA terms; of seasonal ones there are two of each at most.
    averaged : int
        Models of the search that are averaged at most; 1 is the best alone, as R has it.
    """

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "none",
        max_order: int = 5,
        averaged: int = 8,
    ) -> None:
        super().__init__(season_length, transform)
        self.max_order = max_order
        self.averaged = averaged

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        check_counts(averaged=self.averaged)
        period = self.season_ if self.season_ <= LONGEST_SEASON else 1
        known = ~np.isnan(values)
        whole = np.interp(np.arange(len(values)), np.flatnonzero(known), values[known])
        columns = np.zeros((0, len(values))) if X is None else X.T
        plain = _without_regressors(whole, columns)
        seasonal = arima_order.seasonal_differences(plain, period)
        d = arima_order.differences(_seasonally(plain, period, seasonal))
        w, columns = (np.diff(_seasonally(one, period, seasonal), d) for one in (whole, columns))
        first = (1, 1, 0, 0) if known.sum() < _SHORT else (2, 2, 1, 1)
        found = arima_order.choose(
            w, columns, period, self._constants(d + seasonal), self._limits(period), first
        )
        self.chosen_, self.parts_ = found[0], []
        lost, order = len(values) - len(w), self.chosen_.order
        self.freedom_ = float(known.sum() - lost - sum(order) - len(columns))
        for one, weight in arima_order.weighed(found, self.averaged):
            form = _form(one.order, d, seasonal, period)
            start = arima_order.parameters(one, w, columns, period)
            self.parts_.append(Part(form, self._result(values, X, form, start), weight))

    def _result(
        self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any], start: np.ndarray
    ) -> Any:
        """Return statsmodels' model with these parameters, better ones where values are missing."""
        with quiet():
            model = self._model(values, X, form)
            if np.isnan(values).any():
                start = model.fit(start, disp=False, maxiter=_ITERATIONS).params
            return filtered(model, start)

    def _constants(self, differences: int) -> tuple[bool, ...]:
        """Return whether there may be a constant, or must: zero is no level of a logarithm."""
        if differences > 1:
            return (False,)
        return (True,) if self.log_ and not differences else (False, True)

    def _limits(self, period: int) -> tuple[int, int, int, int]:
        """Return the largest orders, fewer for short series, as R has them."""
        third = np.isfinite(self.values_).sum() // 3
        seasons = min(2, third // period) if period > 1 else 0
        most = min(self.max_order, third, period - 1 if seasons else third)
        return most, most, seasons, seasons

    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        return SARIMAX(values, exog=X, **form)


def _form(order: arima_order.Order, d: int, seasonal: int, period: int) -> dict[str, Any]:
    """Return the arguments that statsmodels takes."""
    return {
        "order": (order.p, d, order.q),
        "seasonal_order": (order.sp, seasonal, order.sq, period if period > 1 else 0),
        "trend": "c" if order.constant else None,
    }


def _seasonally(values: np.ndarray, period: int, times: int) -> np.ndarray:
    return values[..., period:] - values[..., :-period] if times else values


def _without_regressors(values: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the values less a least-squares fit of the regressors."""
    if not len(columns):
        return values
    slopes = np.linalg.lstsq(np.diff(columns).T, np.diff(values), rcond=None)[0]
    return np.asarray(values - slopes @ (columns - columns.mean(axis=1, keepdims=True)))
