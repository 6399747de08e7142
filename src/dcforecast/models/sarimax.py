"""Seasonal ARIMA with regressors, order chosen by AICc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from dcforecast.errors import UserError, choices_text
from dcforecast.models.base import Ability
from dcforecast.models.season import fourier_effects, repeated
from dcforecast.models.statespace import StateSpaceForecaster

__all__ = ["LONGEST_SEASON", "Sarimax"]

#: Orders to choose from, and that of the season.
_ORDERS, _SEASONAL = ((0, 1, 1), (1, 0, 0)), (0, 1, 1)
_TRENDS = ("n", "c", "t", "ct")
#: Differences over longer seasons are slow and do not converge; Fourier terms stand in.
LONGEST_SEASON = 13


class Sarimax(StateSpaceForecaster):
    """Seasonal ARIMA (Box and Jenkins), order from a short list by AICc unless given.

    Unless a seasonal order is given, a season of more than 13 periods (hours of a day, weeks of
    a year) is a regressor: a shape of Fourier terms that does not change in time.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    order : sequence of int, optional
        (p, d, q).
    seasonal_order : sequence of int, optional
        (P, D, Q); the season length is added.
    trend : {"n", "c", "t", "ct"}, optional
        Deterministic terms, in statsmodels' names: none, constant, straight line, both; a
        constant where nothing is differenced when None.
    """

    supports: ClassVar[frozenset[Ability]] = StateSpaceForecaster.supports | {Ability.EXOGENOUS}

    #: Effects of a long season, from the first value on; None: the season is in the order.
    shape_: np.ndarray | None = None

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "log",
        order: Sequence[int] | None = None,
        seasonal_order: Sequence[int] | None = None,
        trend: str | None = None,
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.order = order
        self.seasonal_order = seasonal_order
        self.trend = trend

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        self._check_form()
        long = self.season_ > LONGEST_SEASON and self.seasonal_order is None
        self.shape_ = fourier_effects(values, X, self.season_) if long else None
        super()._fit(values, X)

    def _check_form(self) -> None:
        if self.trend not in (None, *_TRENDS):
            known = choices_text(str(self.trend), _TRENDS)
            raise UserError(f"{type(self).__name__}: there is no trend '{self.trend}'", known)
        for name in ("order", "seasonal_order"):
            given: Any = getattr(self, name)
            counts = [isinstance(one, int) and one >= 0 for one in given or ()]
            if given is not None and (len(counts) != 3 or not all(counts)):
                raise UserError(
                    f"{type(self).__name__}: {name}={given} must be three counts from 0 on",
                    "[p, d, q], as [1, 0, 0]; the length of the season is season_length",
                )

    def _candidates(self, values: np.ndarray) -> list[dict[str, Any]]:  # noqa: ARG002
        orders = _ORDERS if self.order is None else (tuple(self.order),)
        seasonal: tuple[int, ...] = (0, 0, 0, 0)
        if self.season_ > 1 and self.shape_ is None:
            given = _SEASONAL if self.seasonal_order is None else self.seasonal_order
            seasonal = (*given, self.season_)
        return [{"order": order, "seasonal_order": seasonal} for order in orders]

    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        differenced = form["order"][1] or form["seasonal_order"][1]
        trend = self.trend or ("n" if differenced else "c")
        return SARIMAX(values, exog=self._beside(X, 0, len(values)), trend=trend, **form)

    def _beside(self, X: np.ndarray | None, first: int, count: int) -> np.ndarray | None:
        """Return the regressors of `count` periods from `first` on, with the long season."""
        if self.shape_ is None:
            return X
        season = repeated(self.shape_, count, after=first)
        return np.column_stack([season] if X is None else [season, X[:count]])

    def _marginals(self, horizon: int, levels: Sequence[float], X: np.ndarray | None) -> np.ndarray:
        ahead = self._beside(X, len(self.values_), horizon)
        return super()._marginals(horizon, levels, ahead)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        return super()._sample(horizon, n, rng, self._beside(X, len(self.values_), horizon))
