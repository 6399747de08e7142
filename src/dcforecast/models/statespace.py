"""What the state-space models of statsmodels share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from dcforecast.models.base import Ability, Forecaster, quiet

__all__ = ["StateSpaceForecaster"]


class StateSpaceForecaster(Forecaster):
    """A model with Kalman filter: takes missing values and rolls forward without a refit."""

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD, Ability.MISSING})
    min_values: ClassVar[int] = 6

    @abstractmethod
    def _candidates(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the forms to choose from, as arguments of `_model`."""

    @abstractmethod
    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        """Return the statsmodels model of a form."""

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        best, best_aicc = None, np.inf
        with quiet():
            for form in self._candidates(values):
                result = self._model(values, X, form).fit(disp=False, maxiter=100)
                aicc = result.aicc if np.isfinite(result.aicc) else np.inf
                if best is None or aicc < best_aicc:
                    best, best_aicc = (form, result), aicc
        assert best is not None
        self.form_, self.result_ = best

    def _roll(self, values: np.ndarray) -> None:
        with quiet():
            self.result_ = self._model(values, None, self.form_).smooth(self.result_.params)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        with quiet():
            paths = self.result_.simulate(
                horizon,
                anchor="end",
                repetitions=n,
                exog=X,
                rng=rng,
            )
        return np.asarray(paths).reshape(horizon, n).T
