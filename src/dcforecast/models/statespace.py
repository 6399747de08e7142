"""What the state-space models of statsmodels share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dcforecast.models.base import Ability, Forecaster, quiet
from dcforecast.models.short_record import drawn_scales, student_quantile

__all__ = ["Part", "StateSpaceForecaster", "filtered"]


class Part(NamedTuple):
    """A fitted model of statsmodels: its form, as arguments of `_model`, and its weight."""

    form: dict[str, Any]
    result: Any
    weight: float = 1.0


class StateSpaceForecaster(Forecaster):
    """A model with Kalman filter: takes missing values and rolls forward without a refit.

    It may be a mean of several (`parts_`): mean and variance are then those of the mixture.
    Forecasts are normal where the noise's variance counts as known (`freedom_` infinite), else
    of Student's t.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset(
        {Ability.ROLL_FORWARD, Ability.MISSING, Ability.LOCK_STEP}
    )
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")
    parts_: list[Part]
    freedom_: float = np.inf

    @property
    def form_(self) -> dict[str, Any]:
        """Form of the best model."""
        return self.parts_[0].form

    @property
    def result_(self) -> Any:
        """The best model, fitted."""
        return self.parts_[0].result

    @abstractmethod
    def _candidates(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the forms to choose from, as arguments of `_model`."""

    @abstractmethod
    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        """Return the statsmodels model of a form."""

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        tried = []
        with quiet():
            for form in self._candidates(values):
                model = self._model(values, X, form)
                params = model.fit(disp=False, maxiter=100, return_params=True)
                tried.append(Part(form, filtered(model, params)))
        self.parts_ = [min(tried, key=_aicc)]

    def _roll(self, values: np.ndarray) -> None:
        with quiet():
            self.parts_ = [
                one._replace(
                    result=filtered(
                        self._model(values, self.exogenous_, one.form), one.result.params
                    )
                )
                for one in self.parts_
            ]

    def _marginals(self, horizon: int, levels: Sequence[float], X: np.ndarray | None) -> np.ndarray:
        with quiet():
            ahead = [one.result.get_forecast(horizon, exog=X) for one in self.parts_]
            found = [(np.asarray(one.predicted_mean), np.asarray(one.se_mean)) for one in ahead]
        rim = (float(np.nanmin(self.values_)), float(np.nanmax(self.values_)))
        return self._table(*self._mixed(found), levels, *rim)

    def _mixed(
        self, found: Sequence[tuple[np.ndarray, np.ndarray]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and deviation of the mixture of the parts, from those of each."""
        if len(found) == 1:
            return found[0]
        weights = [one.weight for one in self.parts_]
        means, deviations = (np.array(both) for both in zip(*found, strict=True))
        mean = np.average(means, axis=0, weights=weights)
        variance = np.average(deviations**2 + (means - mean) ** 2, axis=0, weights=weights)
        return mean, np.sqrt(variance)

    def _lock_step(
        self,
        values: np.ndarray,
        X: np.ndarray | None,
        starts: np.ndarray,
        horizon: int,
        levels: Sequence[float],
    ) -> np.ndarray:
        """One pass of the filter gives the state at every origin; it looks at the past alone."""
        last = int(starts.max())
        padded = np.full(last + horizon, np.nan)
        padded[:last] = self._forward(values[:last])
        found = []
        for one in self.parts_:
            with quiet():
                model = self._model(padded, None if X is None else X[: len(padded)], one.form)
                states = filtered(model, one.result.params).filter_results
            found.append(_ahead(states, starts, horizon))
        low = np.fmin.accumulate(values)[starts - 1][:, None]
        high = np.fmax.accumulate(values)[starts - 1][:, None]
        return self._table(*self._mixed(found), levels, low, high)

    def _table(
        self,
        mean: np.ndarray,
        deviation: np.ndarray,
        levels: Sequence[float],
        low: float | np.ndarray,
        high: float | np.ndarray,
    ) -> np.ndarray:
        """Return mean and quantiles of a forecast, untransformed, on a last axis."""
        middle = mean + deviation**2 / 2 if self.log_ else mean
        units = [student_quantile(level, self.freedom_) for level in levels]
        parts = [middle, *(mean + unit * deviation for unit in units)]
        return np.stack([self._held(part, low, high) for part in parts], axis=-1)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        paths = np.empty((n, horizon))
        of = self._places(n, rng)
        scales = drawn_scales(self.freedom_, n, rng) if np.isfinite(self.freedom_) else np.ones(n)
        for k, one in enumerate(self.parts_):
            if (of == k).any():
                paths[of == k] = _drawn(one.result, horizon, scales[of == k], X, rng)
        return paths

    def _places(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return the part that each path comes from: shares as the weights, in any order."""
        if len(self.parts_) == 1:
            return np.zeros(n, int)
        edges = np.cumsum([one.weight for one in self.parts_])
        return np.searchsorted(edges[:-1], rng.permutation(np.arange(0.5, n) / n))


def _aicc(part: Part) -> float:
    aicc = float(part.result.aicc)
    return aicc if np.isfinite(aicc) else np.inf


def filtered(model: Any, params: np.ndarray) -> Any:
    """Return what the filter knows: forecasts need no smoothed states, no spread of parameters."""
    return model.filter(params, cov_type="none")


def _drawn(
    result: Any, horizon: int, scales: np.ndarray, X: np.ndarray | None, rng: np.random.Generator
) -> np.ndarray:
    """Draw what `simulate` of statsmodels draws path by path, all paths at once.

    Each path has its own scale of what is drawn.  Shocks of observation and states are
    independent, and no matrix changes in time.
    """
    with quiet():
        middle = np.asarray(result.get_forecast(horizon, exog=X).predicted_mean)
    found = result.filter_results
    design, move, select = (
        getattr(found, name)[..., -1] for name in ("design", "transition", "selection")
    )
    deviations = (np.sqrt(np.diagonal(cov[..., -1])) for cov in (found.obs_cov, found.state_cov))
    spread = found.predicted_state_cov[..., -1]
    n = len(scales)
    state = rng.multivariate_normal(np.zeros(len(spread)), spread, size=n)
    drawn = rng.standard_normal((n, horizon * (1 + select.shape[1])))
    seen, unseen = (
        noise.reshape(n, horizon, -1) * deviation
        for noise, deviation in zip(
            (drawn[:, :horizon], drawn[:, horizon:]), deviations, strict=True
        )
    )
    away = np.empty((n, horizon))
    for step in range(horizon):
        away[:, step] = state @ design[0] + seen[:, step, 0]
        state = state @ move.T + unseen[:, step] @ select.T
    return np.asarray(middle + scales[:, None] * away)


def _ahead(found: Any, starts: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Carry the predicted states at `starts` forward (Durbin and Koopman 2012, section 4.11).

    Returns
    -------
    mean, deviation : ndarray of shape (starts, horizon)
    """

    def at(name: str, when: np.ndarray) -> np.ndarray:
        """Return a system matrix at each of `when`, first axis; most do not change in time."""
        whole = np.asarray(getattr(found, name))
        return np.moveaxis(whole[..., when if whole.shape[-1] > 1 else np.zeros_like(when)], -1, 0)

    state = found.predicted_state[:, starts].T
    spread = np.moveaxis(found.predicted_state_cov[..., starts], -1, 0)
    mean, variance = np.empty((len(starts), horizon)), np.empty((len(starts), horizon))
    for step in range(horizon):
        when = starts + step
        design, move, select = at("design", when), at("transition", when), at("selection", when)
        mean[:, step] = (at("obs_intercept", when) + (design @ state[..., None])[..., 0])[:, 0]
        noise = at("obs_cov", when)
        variance[:, step] = (design @ spread @ design.swapaxes(1, 2) + noise)[:, 0, 0]
        state = at("state_intercept", when) + (move @ state[..., None])[..., 0]
        shocks = select @ at("state_cov", when) @ select.swapaxes(1, 2)
        spread = move @ spread @ move.swapaxes(1, 2) + shocks
    return mean, np.sqrt(np.maximum(variance, 0.0))
