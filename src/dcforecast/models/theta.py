"""The Theta method."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster, quiet
from dcforecast.models.season import repeated
from dcforecast.models.short_record import drawn_noise

__all__ = ["Theta"]

#: Level, slope, weight and variance.
_ESTIMATED = 4


class Theta(Forecaster):
    """Theta method (Assimakopoulos and Nikolopoulos 2000), with paths of its equivalent model.

    The method equals simple exponential smoothing with drift (Hyndman and Billah 2003); paths
    add its errors with the smoothing weight alpha and draw their variance too.  `update` keeps
    alpha, season and spread and moves the level and the straight line through the record on.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    theta : float
        Weight of the local curvature; 2 is the classical method.
    transform : {"log", "none"}
        Scale of the model.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(
        self, season_length: int | None = None, theta: float = 2.0, transform: str = "log"
    ) -> None:
        self.season_length = season_length
        self.theta = theta
        self.transform = transform

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        from statsmodels.tsa.forecasting.theta import ThetaModel

        if not self.theta >= 1:
            raise UserError(f"Theta: theta={self.theta} must be at least 1")
        series = pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"))
        model = ThetaModel(
            series,
            period=max(self.season_, 2),
            deseasonalize=self.season_ > 1,
            use_test=False,
            method="additive",
        )
        with quiet():
            found = model.fit(use_mle=False)
            self.alpha_ = float(found.params["alpha"])
            self.sigma_ = float(np.sqrt(max(found.sigma2, 1e-12)))
            season = found.forecast_components(self.season_)["seasonal"].to_numpy()
        # As of the first value: the forecast's season begins where the record ends.
        self.effects_ = np.roll(season, len(values) % self.season_)
        self._roll(values)

    def _roll(self, values: np.ndarray) -> None:
        from scipy.signal import lfilter

        plain = values - repeated(self.effects_, len(values))
        left = 1.0 - self.alpha_
        smooth, _ = lfilter([self.alpha_], [1.0, -left], plain, zi=[left * plain[0]])
        self.level_ = float(smooth[-1])
        self.slope_ = float(np.polyfit(np.arange(len(plain)), plain, 1)[0])

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        count, ahead = len(self.values_), np.arange(horizon)
        # The line's part of the forecast (Hyndman and Billah 2003, equation 4).
        reach = ahead + (1.0 - (1.0 - self.alpha_) ** count) / self.alpha_
        line = (1.0 - 1.0 / self.theta) * self.slope_ * reach
        mean = self.level_ + line + repeated(self.effects_, horizon, count)
        errors = drawn_noise(self.sigma_, count - _ESTIMATED, n, horizon, rng)
        weight = max(self.alpha_, 0.01)
        return np.asarray(mean + errors + weight * (errors.cumsum(axis=1) - errors))
