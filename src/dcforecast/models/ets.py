"""Exponential smoothing with automatic form."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from dcforecast.models.base import Ability, Forecaster, quiet

__all__ = ["ETS"]


class ETS(Forecaster):
    """Exponential smoothing in state-space form, its form chosen by AICc.

    Additive errors on the (log) scale; no trend or a damped one; a season when the series has
    one (Hyndman et al. 2008, chapter 2).

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model; log falls back to none when values come near zero.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 6

    def __init__(self, season_length: int | None = None, transform: str = "log") -> None:
        self.season_length = season_length
        self.transform = transform

    def _model(self, values: np.ndarray, form: tuple[bool, bool]) -> Any:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        trend, season = form
        return ETSModel(
            values,
            error="add",
            trend="add" if trend else None,
            damped_trend=trend,
            seasonal="add" if season else None,
            seasonal_periods=self.season_ if season else None,
            initialization_method="heuristic" if len(values) >= 10 else "estimated",
        )

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        seasonal = [True, False] if self.season_ > 1 else [False]
        best, best_aicc = None, np.inf
        with quiet():
            for form in [(trend, season) for season in seasonal for trend in (False, True)]:
                if form[1] is False and best is not None and self.season_ > 1:
                    continue
                result = self._model(values, form).fit(disp=False, maxiter=200)
                aicc = result.aicc if np.isfinite(result.aicc) else result.aic
                if aicc < best_aicc or best is None:
                    best, best_aicc = (form, result), aicc
        assert best is not None
        self.form_, self.result_ = best

    def _roll(self, values: np.ndarray) -> None:
        with quiet():
            self.result_ = self._model(values, self.form_).smooth(self.result_.params)

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        with quiet():
            paths = self.result_.simulate(
                horizon,
                anchor="end",
                repetitions=n,
                rng=rng,
            )
        return np.asarray(paths).reshape(horizon, n).T
