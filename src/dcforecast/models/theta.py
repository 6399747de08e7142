"""The Theta method."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.models.base import Forecaster, quiet

__all__ = ["Theta"]


class Theta(Forecaster):
    """Theta method (Assimakopoulos and Nikolopoulos 2000), with paths of its equivalent model.

    The method equals simple exponential smoothing with drift (Hyndman and Billah 2003); paths
    add its errors with the smoothing weight alpha.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    theta : float
        Weight of the local curvature; 2 is the classical method.
    transform : {"log", "none"}
        Scale of the model.
    """

    min_values: ClassVar[int] = 6

    def __init__(
        self, season_length: int | None = None, theta: float = 2.0, transform: str = "log"
    ) -> None:
        self.season_length = season_length
        self.theta = theta
        self.transform = transform

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        from statsmodels.tsa.forecasting.theta import ThetaModel

        series = pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"))
        model = ThetaModel(
            series,
            period=max(self.season_, 2),
            deseasonalize=self.season_ > 1,
            use_test=False,
            method="additive",
        )
        with quiet():
            self.result_ = model.fit(use_mle=False)
        self.alpha_ = float(np.clip(self.result_.params.get("alpha", 0.5), 0.01, 1.0))
        self.sigma_ = float(np.sqrt(max(self.result_.sigma2, 1e-12)))

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        mean = self.result_.forecast(horizon, theta=self.theta).to_numpy()
        errors = self.sigma_ * rng.standard_normal((n, horizon))
        drifted = self.alpha_ * (errors.cumsum(axis=1) - errors)
        return np.asarray(mean + errors + drifted)
