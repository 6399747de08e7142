"""One regression of many series, free of scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from dcforecast.models.base import Ability
from dcforecast.models.season import has_season, repeated, seasonal_effects
from dcforecast.models.sharing import Sharing

__all__ = ["Pooled"]

#: Values before the first window's origin.
_FIRST = 4
#: Changes that a typical deviation counts as.
_PRIOR = 5
#: Windows: fewer, as of one series, do not pay for a regression; of more an even selection is
#: learned from.
_FEWEST, _MOST = 200, 16_000
#: Bins of an input: few do as well as many.
_BINS = 32
#: Series: of fewer, half do not stand for all.
_MANY = 20
#: Errors that paths are drawn from, about.
_ERRORS = 5000


class Pooled(Sharing):
    """Boosted trees on recent changes, one regression a step, learned from all series together.

    A window is a series up to one of its periods: its changes over 1, 2 ... periods, the mean and
    deviation of its changes and its length tell the change over the next steps. Changes are those
    of logarithms (or of values divided by their median), less a season where a test finds one.
    Errors are those of windows of series left out of the fit, in units of each series' deviation;
    of many series the forecast is the mean of the fit to all and of those without some.
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
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

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
        season = self._season(panel[0].index)
        return self.sharing(self._learn([p for p in parts if len(p.inputs)], season))

    def _shape(self, season: int) -> tuple[int, int]:
        return self.lags or max(8, season + 1), self.horizon or max(6, season)

    def windows(self, y: pd.Series) -> _Windows:
        """Return the windows of a series that is not fitted."""
        self._check(y, None)
        self.season_ = self._season(y.index)
        values = y.to_numpy(float)
        self._take_scale(values)
        plain, _ = _adjusted(self._forward(values), self.season_)
        lags, horizon = self._shape(self.season_)
        return _Windows.of(plain, np.abs(values) + 1e-3 * self.scale_, lags, horizon)

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
        fits, out_of_fold = self._fits(inputs, targets, weights, groups)
        lags = self._shape(season)[0]
        typical = float(np.median(inputs[:, lags + 1]))
        deviation = _deviation(inputs, lags, typical)
        errors = ((targets - out_of_fold) / deviation[:, None])[:, : len(fits[0])]
        errors = errors[~np.isnan(errors).any(axis=1)]
        if len(errors) > _ERRORS:
            errors = errors[:: len(errors) // _ERRORS + 1]
        if not errors.size:
            return None
        fits = fits if len(parts) >= _MANY else fits[:1]
        return _Learned(fits, errors - np.median(errors, axis=0), typical)

    def _fits(
        self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, groups: np.ndarray
    ) -> tuple[list[list[Any]], np.ndarray]:
        """Return trees by step of all windows and of each half, and what a half says of the other.

        Groups are 0 and 1, the halves that windows are in.
        """
        out_of_fold = np.full(targets.shape, np.nan)
        fits = [self._regressions(inputs, targets, weights)]
        for fold in (0, 1):
            held = groups == fold
            fits.append(self._regressions(inputs[~held], targets[~held], weights[~held]))
            for step, one in enumerate(fits[-1]):
                out_of_fold[held, step] = one.predict(inputs[held])
        return fits, out_of_fold

    def _regressions(
        self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
    ) -> list[Any]:
        from sklearn.ensemble import HistGradientBoostingRegressor

        steps = []
        for target in targets.T:
            known = ~np.isnan(target)
            count = int(known.sum())
            if count < _FEWEST // 8:
                break
            least = min(20, max(3, count // 20))
            model = HistGradientBoostingRegressor(
                loss="absolute_error", max_iter=self.iterations, learning_rate=0.05,
                max_leaf_nodes=12, min_samples_leaf=least, max_bins=_BINS, early_stopping=False,
                random_state=0,
            )  # fmt: skip
            sizes = weights[known] / weights[known].mean()
            seen = inputs[known]
            # A column without any value cannot be cut into bins.
            seen = np.where(np.isnan(seen).all(axis=0), 0.0, seen)
            steps.append(model.fit(seen, target[known].clip(-2, 2), sizes))
        return steps

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        plain, self.effects_ = _adjusted(values, self.season_)
        if self.shared_ is None:
            season = self._season(self.index_)
            lags, horizon = self._shape(season)
            own = _Windows.of(plain, np.ones(len(plain)), lags, horizon)
            self.learned_ = self._learn([own], season)
        else:
            self.learned_ = self.shared_
        self._roll(values)

    def _roll(self, values: np.ndarray) -> None:
        plain = values - repeated(self.effects_, len(values))
        lags, horizon = self._shape(self._season(self.index_))
        last = _inputs(plain, np.array([len(plain) - 1]), lags)
        typical = self.learned_.typical if self.learned_ else float(last[0, lags + 1])
        self.deviation_ = float(_deviation(last, lags, typical)[0])
        steps = self.learned_.changes(last)[0] if self.learned_ else np.zeros(horizon)
        self.centre_ = plain[-1] + steps

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
        turns = repeated(self.effects_, horizon, len(self.values_))
        return np.asarray(centre[:horizon] + turns + self.deviation_ * noise)


@dataclass(frozen=True)
class _Windows:
    """Inputs (windows, lags + 3), targets (windows, horizon) and sizes of a series' windows."""

    inputs: np.ndarray
    targets: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, plain: np.ndarray, sizes: np.ndarray, lags: int, horizon: int) -> _Windows:
        origins = np.arange(_FIRST - 1, len(plain) - 1)
        padded = np.append(plain, np.full(horizon, np.nan))
        ahead = sliding_window_view(padded, horizon)[origins + 1]
        return cls(_inputs(plain, origins, lags), ahead - plain[origins, None], sizes[origins])


@dataclass(frozen=True)
class _Learned:
    """Trees by fit and step, errors of left-out windows (windows, horizon), typical deviation.

    The first fit is that to all windows; of many series those to half of them each steady it.
    """

    fits: list[list[Any]]
    errors: np.ndarray
    typical: float

    def changes(self, inputs: np.ndarray) -> np.ndarray:
        """Return the changes over each step that windows of these inputs go on with."""
        steps = [
            np.mean([fit[step].predict(inputs) for fit in self.fits if step < len(fit)], axis=0)
            for step in range(len(self.fits[0]))
        ]
        return np.column_stack(steps)


def _adjusted(values: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values less their season, and its effects (zeros where there is none)."""
    if not has_season(values, season):
        return values, np.zeros(1)
    effects = seasonal_effects(values, season, multiply=False)
    return values - repeated(effects, len(values)), effects


def _inputs(plain: np.ndarray, origins: np.ndarray, lags: int) -> np.ndarray:
    """Return changes over 1, 2 ... periods, mean and spread of changes, and length, by origin."""
    before = sliding_window_view(np.append(np.full(lags, np.nan), plain), lags)[origins, ::-1]
    steps = np.diff(plain)
    middle = steps.mean()
    first, second = (np.cumsum((steps - middle) ** k)[origins - 1] / origins for k in (1, 2))
    spread = np.sqrt(np.maximum(second - first**2, 0.0))
    return np.column_stack([plain[origins, None] - before, middle + first, spread, origins + 1.0])


def _deviation(inputs: np.ndarray, lags: int, typical: float) -> np.ndarray:
    """Return the deviation of a window's changes, drawn towards a typical one by a few changes."""
    own, count = inputs[:, lags + 1], inputs[:, lags + 2]
    mixed = (count * own**2 + _PRIOR * typical**2) / (count + _PRIOR)
    return np.asarray(np.sqrt(mixed) + 1e-6)
