"""The dynamic optimised Theta model."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.season import has_season, repeated, seasonal_effects
from dcforecast.models.short_record import drawn_noise, with_breaks

__all__ = ["DynamicTheta"]

#: Bounds of the smoothing weight and of theta.
_ALPHA, _THETA = (0.1, 0.99), (1.0, 50.0)
#: First level, weight, theta and variance.
_ESTIMATED = 4


class DynamicTheta(Forecaster):
    """Theta whose level, weight and theta are estimated and whose line moves with the record.

    The series is seasonally adjusted by classical decomposition, with ratios where all values
    are positive, if a test at 90 % finds a season (Fiorucci et al. 2016).  `update` keeps weight,
    theta, season and spread and moves level and line on.
    Paths draw the variance of the noise too and widen with the years ahead (`with_breaks`).

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    theta : float, optional
        Held at this value instead of estimated; 2 is the classical method.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "none",
        theta: float | None = None,
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.theta = theta

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        from dcforecast.models import theta_kernel
        from dcforecast.models.descent import MOST_STEPS

        seasonal = has_season(values, self.season_)
        self.ratio_ = bool(seasonal and values.min() > 0)
        self.effects_ = np.full(self.season_, float(self.ratio_))
        if seasonal:
            self.effects_ = seasonal_effects(values, self.season_, self.ratio_)
        plain = self._adjusted(values)
        spread = np.ptp(plain) + np.abs(plain).max() + 1e-9
        theta = (self.theta, self.theta) if self.theta is not None else _THETA
        low = np.array([plain[0] - spread, _ALPHA[0], theta[0]])
        high = np.array([plain[0] + spread, _ALPHA[1], theta[1]])
        found = [
            theta_kernel.descend(np.array([plain[0], alpha, 2.0]), low, high, MOST_STEPS, (plain,))
            for alpha in (0.2, 0.6)
        ]
        self.point_ = min(found, key=lambda one: one[1])[0]
        errors, self.state_ = theta_kernel.smooth(self.point_, plain)
        self.sigma_ = float(np.sqrt((errors**2).sum() / max(len(values) - _ESTIMATED, 1)))

    def _roll(self, values: np.ndarray) -> None:
        from dcforecast.models import theta_kernel

        self.state_ = theta_kernel.smooth(self.point_, self._adjusted(values))[1]

    def _adjusted(self, values: np.ndarray) -> np.ndarray:
        turns = repeated(self.effects_, len(values))
        return np.asarray(values / turns if self.ratio_ else values - turns)

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        from dcforecast.models import theta_kernel

        count = len(self.values_)
        noise = drawn_noise(self.sigma_, count - _ESTIMATED, n, horizon, rng)
        paths = np.asarray(theta_kernel.walk(self.point_, self.state_, count, noise))
        turns = repeated(self.effects_, horizon, count)
        return with_breaks(paths * turns if self.ratio_ else paths + turns, self.index_)
