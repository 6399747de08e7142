"""Seasonal ARIMA with regressors, order chosen by AICc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from dcforecast.models.base import Ability
from dcforecast.models.statespace import StateSpaceForecaster

__all__ = ["LONGEST_SEASON", "Sarimax"]

#: Orders to choose from, and that of the season.
_ORDERS, _SEASONAL = ((0, 1, 1), (1, 0, 0)), (0, 1, 1)
#: State-space seasons of 24 or more are slow and do not converge; Fourier terms stand in.
LONGEST_SEASON = 13


class Sarimax(StateSpaceForecaster):
    """Seasonal ARIMA (Box and Jenkins), order from a short list by AICc unless given.

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
    """

    supports: ClassVar[frozenset[Ability]] = StateSpaceForecaster.supports | {Ability.EXOGENOUS}

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "log",
        order: Sequence[int] | None = None,
        seasonal_order: Sequence[int] | None = None,
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.order = order
        self.seasonal_order = seasonal_order

    def _candidates(self, values: np.ndarray) -> list[dict[str, Any]]:  # noqa: ARG002
        orders = _ORDERS if self.order is None else (tuple(self.order),)
        seasonal: tuple[int, ...] = (0, 0, 0, 0)
        if 1 < self.season_ <= LONGEST_SEASON:
            given = _SEASONAL if self.seasonal_order is None else self.seasonal_order
            seasonal = (*given, self.season_)
        return [{"order": order, "seasonal_order": seasonal} for order in orders]

    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        differenced = form["order"][1] or form["seasonal_order"][1]
        return SARIMAX(values, exog=X, trend=None if differenced else "c", **form)
