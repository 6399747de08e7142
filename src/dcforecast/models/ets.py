"""Exponential smoothing with or without a trend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from dcforecast.models.base import PATHS, SEED, Ability, Forecaster, quiet

__all__ = ["ETS"]


class ETS(Forecaster):
    """Exponential smoothing in state-space form, with a trend if AICc says so.

    Additive errors on the (log) scale; no trend or a damped one; a season when the series has
    one (Hyndman et al. 2008, chapter 2).

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model; log falls back to none when values come near zero.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD, Ability.LOCK_STEP})
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(self, season_length: int | None = None, transform: str = "log") -> None:
        self.season_length = season_length
        self.transform = transform

    def _model(self, values: np.ndarray, trend: bool, start: dict[str, Any]) -> Any:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        season = self.season_ > 1
        return ETSModel(
            values,
            error="add",
            trend="add" if trend else None,
            damped_trend=trend,
            seasonal="add" if season else None,
            seasonal_periods=self.season_ if season else None,
            **start,
        )

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        start = {"initialization_method": "heuristic" if len(values) >= 10 else "estimated"}
        with quiet():
            level, trend = (
                self._model(values, damped, start).fit(disp=False, maxiter=200)
                for damped in (False, True)
            )
        self.trend_ = bool(_aicc(trend) < _aicc(level))
        self.result_ = trend if self.trend_ else level

    def _roll(self, values: np.ndarray) -> None:
        self.result_ = self._smoothed(values)

    def _smoothed(self, values: np.ndarray) -> Any:
        """Return the states of a record that begins as the fitted one, parameters kept."""
        known = self.result_.model
        start = {"initialization_method": known.initialization_method}
        if start["initialization_method"] != "estimated":  # else they are among the parameters
            start = {"initialization_method": "known"} | {
                name: getattr(known, name)
                for name in ("initial_level", "initial_trend", "initial_seasonal")
            }
        with quiet():
            return self._model(values, self.trend_, start).smooth(self.result_.params)

    def _lock_step(
        self,
        values: np.ndarray,
        X: np.ndarray | None,  # noqa: ARG002
        starts: np.ndarray,
        horizon: int,
        levels: Sequence[float],
    ) -> np.ndarray:
        """One pass of the smoother gives the state at every origin; it looks at the past alone.

        The model is linear, so all origins share the shocks of one simulation.
        """
        if starts.tolist() == [len(self.index_)]:
            return self._marginals(horizon, levels, None)[None]
        found = self._smoothed(self._forward(values[: int(starts.max())]))
        deviation = np.sqrt(np.cumsum(np.asarray(found.resid) ** 2)[starts - 1] / starts)
        shocks = self._sample(horizon, PATHS, np.random.default_rng(SEED), None)
        shocks = shocks - np.asarray(self.result_.forecast(horizon))
        shocks /= np.sqrt(self.result_.scale) or 1.0
        parts = _mean_and_quantiles(shocks, levels)
        edges = np.stack([shocks.min(axis=0), shocks.max(axis=0)])
        points = self._points(found, starts, horizon)
        low, high = np.minimum.accumulate(values), np.maximum.accumulate(values)
        out = np.empty((len(starts), horizon, 1 + len(levels)))
        for place, (start, point, spread) in enumerate(zip(starts, points, deviation, strict=True)):
            rim = (low[start - 1], high[start - 1])
            ends = point + spread * edges
            if not self.log_ and np.array_equal(self._held(ends, *rim), ends * self.scale_):
                out[place] = (point + spread * parts).T * self.scale_
            else:
                paths = self._held(point + spread * shocks, *rim)
                out[place] = _mean_and_quantiles(paths, levels).T
        return out

    def _points(self, found: Any, starts: np.ndarray, horizon: int) -> np.ndarray:
        """Return the point forecast from each start, shape (starts, horizon)."""
        ahead = np.arange(horizon)
        points = np.tile(np.asarray(found.level)[starts - 1, None], horizon)
        if self.trend_:
            reach = np.cumsum(found.phi ** (ahead + 1))
            points += np.asarray(found.slope)[starts - 1, None] * reach
        if self.season_ > 1:
            back = starts[:, None] - self.season_ + ahead % self.season_
            points += np.asarray(found.season)[back]
        return points

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        with quiet():
            paths = self.result_.simulate(horizon, anchor="end", repetitions=n, rng=rng)
        return np.asarray(paths).reshape(horizon, n).T


def _aicc(result: Any) -> float:
    """Return AICc, or AIC where the record is too short for it."""
    return float(result.aicc if np.isfinite(result.aicc) else result.aic)


def _mean_and_quantiles(paths: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return mean and quantiles of each step, shape (1 + levels, horizon)."""
    rows = [paths.mean(axis=0)[None]]
    if len(levels):
        rows.append(np.quantile(paths, levels, axis=0))
    return np.concatenate(rows)
