"""One regression of many series, free of scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.models.base import Ability, season_of
from dcforecast.models.season import has_season, seasonal_effects
from dcforecast.models.sharing import Sharing

__all__ = ["Pooled"]

_FIRST = 4  # values before the first window's origin
_PRIOR = 5  # changes that a typical deviation counts as
_FEWEST = 200  # windows: fewer, as of one series, do not pay for a regression
_MOST = 16_000  # windows: of more an even selection is learned from


class Pooled(Sharing):
    """Boosted trees on recent changes, one regression a step, learned from all series together.

    A window is a series up to one of its periods: its changes over 1, 2 ... periods, the mean and
    deviation of its changes and its length tell the change over the next steps. Changes are those
    of logarithms (or of values divided by their median), less a season where a test finds one.
    Errors are those of windows of series left out of the fit, in units of each series' deviation.
    A short series by itself teaches nothing: alone it is the (seasonally adjusted) last value.
    `update` keeps trees and season and forecasts from the newest changes.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the changes.
    lags : int, optional
        Changes over 1 ... lags periods; a season and one, at least 8, when None.
    horizon : int, optional
        Steps with a regression of their own, later ones go on like the last; a season, at least
        6, when None.
    size_power : float
        Weight of a window: size of its last value to this power, beside its equals.
    iterations : int
        Trees a step.
    """

    supports: ClassVar[frozenset[Ability]] = Sharing.supports | {Ability.ROLL_FORWARD}
    min_values: ClassVar[int] = 6

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "log",
        lags: int | None = None,
        horizon: int | None = None,
        size_power: float = 0.25,
        iterations: int = 120,
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.lags = lags
        self.horizon = horizon
        self.size_power = size_power
        self.iterations = iterations

    def learned_from(self, panel: Sequence[pd.Series]) -> Self:
        """Return an unfitted copy whose regressions are learned from many series."""
        usable = [y for y in panel if len(y) >= self.min_values]
        parts = [self.clone().windows(y) for y in usable]
        season = int(self.season_length or season_of(panel[0].index))
        return self.sharing(self._learn([p for p in parts if len(p.inputs)], season))

    def _shape(self, season: int) -> tuple[int, int]:
        return self.lags or max(8, season + 1), self.horizon or max(6, season)

    def windows(self, y: pd.Series) -> _Windows:
        """Return the windows of a series that is not fitted."""
        self._check(y, None)
        self.season_ = int(self.season_length or season_of(y.index))
        values = y.to_numpy(float)
        scale = float(np.median(np.abs(values))) or 1.0
        self.scale_ = scale
        self.log_ = self.transform == "log" and bool(values.min() > 1e-3 * scale)
        plain, _ = _adjusted(self._forward(values), self.season_)
        lags, horizon = self._shape(self.season_)
        return _Windows.of(plain, np.abs(values) + 1e-3 * scale, lags, horizon)

    def _learn(self, parts: Sequence[_Windows], season: int) -> _Learned | None:
        inputs = np.concatenate([p.inputs for p in parts]) if parts else np.empty((0, 0))
        if len(inputs) < _FEWEST:
            return None
        targets = np.concatenate([p.targets for p in parts])
        weights = np.concatenate([p.sizes for p in parts]) ** self.size_power
        groups = np.repeat(np.arange(len(parts)), [len(p.inputs) for p in parts]) % 2
        if len(parts) == 1:
            groups = (np.arange(len(inputs)) > len(inputs) // 2).astype(int)
        if len(inputs) > _MOST:
            kept = np.linspace(0, len(inputs) - 1, _MOST).astype(int)
            inputs, targets, weights, groups = (
                one[kept] for one in (inputs, targets, weights, groups)
            )
        out_of_fold = np.full(targets.shape, np.nan)
        for fold in (0, 1):
            held = groups == fold
            models = self._regressions(inputs[~held], targets[~held], weights[~held])
            found = _apply(models, inputs[held])
            out_of_fold[held, : found.shape[1]] = found
        lags = self._shape(season)[0]
        typical = float(np.median(inputs[:, lags + 1]))
        deviation = _deviation(inputs, lags, typical)
        models = self._regressions(inputs, targets, weights)
        errors = ((targets - out_of_fold) / deviation[:, None])[:, : len(models)]
        errors = errors[~np.isnan(errors).any(axis=1)]
        if len(errors) > 5000:
            errors = errors[:: len(errors) // 5000 + 1]
        if not errors.size:
            return None
        return _Learned(models, errors - np.median(errors, axis=0), typical)

    def _regressions(
        self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
    ) -> list[Any]:
        from sklearn.ensemble import HistGradientBoostingRegressor

        models = []
        for step in range(targets.shape[1]):
            known = ~np.isnan(targets[:, step])
            if known.sum() < _FEWEST // 8:
                break
            least = min(20, max(3, int(known.sum()) // 20))
            model = HistGradientBoostingRegressor(
                loss="absolute_error", max_iter=self.iterations, learning_rate=0.05,
                max_leaf_nodes=12, min_samples_leaf=least, random_state=0,
            )  # fmt: skip
            sizes = weights[known] / weights[known].mean()
            seen = inputs[known]
            # A column without any value cannot be cut into bins.
            seen = np.where(np.isnan(seen).all(axis=0), 0.0, seen)
            models.append(model.fit(seen, targets[known, step].clip(-2, 2), sizes))
        return models

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        plain, self.effects_ = _adjusted(values, self.season_)
        if self.shared_ is None:
            season = int(self.season_length or season_of(self.index_))
            lags, horizon = self._shape(season)
            own = _Windows.of(plain, np.ones(len(plain)), lags, horizon)
            self.learned_ = self._learn([own], season)
        else:
            self.learned_ = self.shared_
        self._roll(values)

    def _roll(self, values: np.ndarray) -> None:
        plain = values - self.effects_[np.arange(len(values)) % len(self.effects_)]
        lags, horizon = self._shape(int(self.season_length or season_of(self.index_)))
        last = _inputs(plain, len(plain) - 1, lags)[None]
        typical = self.learned_.typical if self.learned_ else float(last[0, lags + 1])
        self.deviation_ = float(_deviation(last, lags, typical)[0])
        steps = _apply(self.learned_.models, last)[0] if self.learned_ else np.zeros(horizon)
        self.centre_ = plain[-1] + np.where(np.isnan(steps), 0.0, steps)

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        known = len(self.centre_)
        centre = np.concatenate([self.centre_, np.full(max(horizon - known, 0), self.centre_[-1])])
        noise = rng.standard_normal((n, horizon)).cumsum(axis=1)
        if self.learned_ is not None:
            errors = self.learned_.errors
            noise[:, :known] = errors[rng.integers(0, len(errors), n)][:, :horizon]
            # Beyond the last regression errors go on as a random walk.
            later = rng.standard_normal((n, max(horizon - known, 0))).cumsum(axis=1)
            noise[:, known:] = noise[:, [min(known, horizon) - 1]] + later
        turns = self.effects_[(len(self.values_) + np.arange(horizon)) % len(self.effects_)]
        return np.asarray(centre[:horizon] + turns + self.deviation_ * noise)


@dataclass(frozen=True)
class _Windows:
    """Inputs (windows, lags + 3), targets (windows, horizon) and sizes of a series' windows."""

    inputs: np.ndarray
    targets: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, plain: np.ndarray, sizes: np.ndarray, lags: int, horizon: int) -> _Windows:
        origins = range(_FIRST - 1, len(plain) - 1)
        if not origins:
            return cls(np.empty((0, lags + 3)), np.empty((0, horizon)), np.empty(0))
        padded = np.append(plain, np.full(horizon, np.nan))
        return cls(
            np.array([_inputs(plain, t, lags) for t in origins]),
            np.array([padded[t + 1 : t + 1 + horizon] - plain[t] for t in origins]),
            sizes[list(origins)],
        )


@dataclass(frozen=True)
class _Learned:
    """Regressions by step, errors of left-out windows (windows, horizon), typical deviation."""

    models: list[Any]
    errors: np.ndarray
    typical: float


def _adjusted(values: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values less their season, and its effects (zeros where there is none)."""
    if not has_season(values, season):
        return values, np.zeros(1)
    effects = seasonal_effects(values, season, multiply=False)
    return values - effects[np.arange(len(values)) % season], effects


def _inputs(plain: np.ndarray, t: int, lags: int) -> np.ndarray:
    changes = np.full(lags, np.nan)
    count = min(lags, t)
    changes[:count] = plain[t] - plain[t - count : t][::-1]
    steps = np.diff(plain[: t + 1])
    return np.concatenate([changes, [steps.mean(), steps.std(), t + 1]])


def _deviation(inputs: np.ndarray, lags: int, typical: float) -> np.ndarray:
    """Return the deviation of a window's changes, drawn towards a typical one by a few changes."""
    own, count = inputs[:, lags + 1], inputs[:, lags + 2]
    mixed = (count * own**2 + _PRIOR * typical**2) / (count + _PRIOR)
    return np.asarray(np.sqrt(mixed) + 1e-6)


def _apply(models: Sequence[Any], inputs: np.ndarray) -> np.ndarray:
    found = [m.predict(inputs) for m in models]
    return np.column_stack(found) if found else np.empty((len(inputs), 0))
