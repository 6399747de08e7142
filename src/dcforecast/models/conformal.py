"""Conformal calibration of any model's quantiles, for each step ahead."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.models.base import Ability, Forecaster, season_of
from dcforecast.models.checks import check_counts
from dcforecast.models.joint import rank_paths

__all__ = ["Conformal", "adaptive", "conformalised", "split", "widening"]

#: Level of the absolute errors that is made equal: between those of the 80 and 90 % intervals.
_LEVEL = 0.85
#: Levels that are calibrated; paths lie between the outermost.
_LEVELS = np.round(np.concatenate([[0.01], np.arange(0.025, 0.9751, 0.025), [0.99]]), 3)
#: Origins below which the model's own quantiles stay as they are.
_FEWEST = 5


@dataclass
class _Earlier:
    """The inner model fitted before the first origin `first`, and its forecasts by origin."""

    model: Forecaster
    first: int
    found: dict[int, np.ndarray] = field(default_factory=dict)


class Conformal(Forecaster):
    """Another model whose quantiles are calibrated on its own past forecasts.

    The inner model is fitted before the first of the last `origins` origins of the record and
    rolled over them; a model that rolls forward without a refit costs two fits in all.  Scores of
    a step are pooled with those of its neighbours.  `update` adds the scores of the new periods.

    Parameters
    ----------
    model : str
        Name of the inner model.
    params : mapping, optional
        Its parameters that differ from those of its YAML file.
    method : {"split", "cqr", "adaptive"}
        ``split``: quantiles of past errors round the median (Lei et al. 2018).  ``cqr``: the
        model's intervals moved by quantiles of how far actual values lay outside (Romano,
        Patterson and Candes 2019).  ``adaptive``: split, with each level moved from origin to
        origin while coverage misses it, so that drift is followed (Gibbs and Candes 2021).
    origins : int
        Past forecasts to calibrate on; fewer where the record is short.
    every : int, optional
        Periods between them; a season when None.
    rate : float
        Step of the adaptive levels.
    """

    min_values: ClassVar[int] = 8

    def __init__(
        self,
        model: str,
        params: Mapping[str, Any] | None = None,
        method: str = "adaptive",
        origins: int = 60,
        every: int | None = None,
        rate: float = 0.02,
    ) -> None:
        self.model = model
        self.params = params
        self.method = method
        self.origins = origins
        self.every = every
        self.rate = rate

    @property
    def supports(self) -> frozenset[Ability]:  # type: ignore[override]
        """What it can do: it takes regressors if the inner model does."""
        return frozenset({Ability.ROLL_FORWARD}) | (self._inner().supports & {Ability.EXOGENOUS})

    def _inner(self) -> Forecaster:
        from dcforecast.models.registry import create

        return create(self.model, **(self.params or {}))

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        if self.method not in _METHODS:
            known = choices_text(self.method, _METHODS)
            raise UserError(f"Conformal: there is no method '{self.method}'", known)
        check_counts(origins=self.origins)
        if not 0 < self.rate < 1:
            raise UserError(f"Conformal: rate={self.rate}: must lie between 0 and 1")
        self.known_ = pd.Series(self.values_, index=self.index_)
        self.unfitted_ = self._inner()
        self.inner_ = self.unfitted_.clone().fit(self.known_, self.regressors_)
        self.learned_ = len(self.known_)
        self.earlier_: dict[int, _Earlier | None] = {}

    def _roll(self, values: np.ndarray) -> None:  # noqa: ARG002
        known = len(self.known_)
        self.known_ = pd.Series(self.values_, index=self.index_)
        X = None if self.regressors_ is None else self.regressors_.iloc[known:]
        self.inner_ = copy.copy(self.inner_).update(self.known_.iloc[known:], X)
        # Forecasts of the new periods are this copy's alone.
        self.earlier_ = {
            horizon: None if one is None else replace(one, found=dict(one.found))
            for horizon, one in self.earlier_.items()
        }

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        ahead = self._frame_ahead(horizon, X)
        actual, past = self._past(horizon)
        if len(actual) < _FEWEST:
            return self.inner_.sample(horizon, n, ahead, rng) / self.scale_
        own = self.inner_.predict(horizon, ahead, quantiles=_LEVELS.tolist()).iloc[:, 1:]
        found = _METHODS[self.method](actual, past, own.to_numpy(), self.rate)
        # Rearranged, so that they never cross (Chernozhukov, Fernandez-Val and Galichon 2010).
        found = np.sort(found, axis=1)
        errors = actual - past[:, :, len(_LEVELS) // 2]
        return rank_paths(_LEVELS, found, errors, n, rng) / self.scale_

    def _past(self, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """Return actual values, shape (origins, horizon), and what was forecast, by level."""
        if horizon not in self.earlier_:
            self.earlier_[horizon] = self._before(horizon)
        earlier = self.earlier_[horizon]
        if earlier is None:
            return np.empty((0, horizon)), np.empty((0, horizon, len(_LEVELS)))
        starts = np.arange(earlier.first, len(self.known_) - horizon + 1, self._every)
        new = [int(start) for start in starts if int(start) not in earlier.found]
        if new:
            made = earlier.model.forecasts(
                self.known_, new, horizon, self.regressors_, _LEVELS.tolist()
            )[:, :, 1:]
            earlier.found.update(zip(new, made, strict=True))
        starts = starts[-self.origins :]
        past = np.stack([earlier.found[int(start)] for start in starts])
        return self.values_[starts[:, None] + np.arange(horizon)], past

    @property
    def _every(self) -> int:
        return int(self.every or max(season_of(self.index_), 1))

    def _before(self, horizon: int) -> _Earlier | None:
        """Fit before the first origin to calibrate on; None where the record is too short."""
        count = self.learned_
        first = max(self.unfitted_.min_values, 2 * season_of(self.index_), count // 2)
        starts = np.arange(count - horizon, first - 1, -self._every)[: self.origins][::-1]
        if len(starts) < _FEWEST:
            return None
        begun = int(starts[0])
        X = None if self.regressors_ is None else self.regressors_.iloc[:begun]
        return _Earlier(self.unfitted_.clone().fit(self.known_.iloc[:begun], X), begun)


def split(actual: np.ndarray, past: np.ndarray, own: np.ndarray, rate: float) -> np.ndarray:
    """Return the median plus quantiles of past errors, shape (steps, levels)."""
    del rate
    middle = len(_LEVELS) // 2
    errors = _pooled(actual - past[:, :, middle])
    return np.stack(
        [own[j, middle] + _quantiles(errors[:, j].ravel(), _LEVELS) for j in range(len(own))]
    )


def conformalised(actual: np.ndarray, past: np.ndarray, own: np.ndarray, rate: float) -> np.ndarray:
    """Return the model's quantiles, each moved by how far actual values lay beyond them."""
    del rate
    found = np.empty_like(own)
    for k, level in enumerate(_LEVELS):
        beyond = _pooled(actual - past[:, :, k])
        for j in range(len(own)):
            found[j, k] = own[j, k] + _quantiles(beyond[:, j].ravel(), np.array([level]))[0]
    return found


def adaptive(actual: np.ndarray, past: np.ndarray, own: np.ndarray, rate: float) -> np.ndarray:
    """Return the median plus quantiles of past errors at levels that follow the coverage."""
    middle = len(_LEVELS) // 2
    errors = _pooled(actual - past[:, :, middle])
    levels = np.tile(_LEVELS, (len(own), 1))
    for t in range(_FEWEST, len(errors)):
        for j in range(len(own)):
            reach = _quantiles(errors[:t, j].ravel(), levels[j])
            below = (errors[t, j][:, None] <= reach).mean(axis=0)
            levels[j] += rate * (_LEVELS - below)
    levels = np.clip(levels, 0.0, 1.0)
    return np.stack(
        [own[j, middle] + _quantiles(errors[:, j].ravel(), levels[j]) for j in range(len(own))]
    )


_METHODS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]] = {
    "split": split,
    "cqr": conformalised,
    "adaptive": adaptive,
}


def _quantiles(scores: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return quantiles that a new exchangeable score keeps: level (n + 1) / n, both tails alike."""
    count = len(scores)
    outward = 0.5 + (np.clip(levels, 0.0, 1.0) - 0.5) * (count + 1) / count
    return np.asarray(np.quantile(scores, np.clip(outward, 0.0, 1.0)))


def _pooled(scores: np.ndarray) -> np.ndarray:
    """Return each step's scores beside those of the steps round it, shape (rows, steps, some)."""
    steps = scores.shape[1]
    reach = min(steps // 12, 2)
    near = np.clip(np.arange(steps)[:, None] + np.arange(-reach, reach + 1), 0, steps - 1)
    return scores[:, near]


def widening(errors: np.ndarray, tested: np.ndarray) -> float:
    """Return the factor that makes errors as wide as those of newer, held-out forecasts.

    Errors of cross-validation have neighbours on both sides, tomorrow has not.  One factor for
    all steps by split conformal calibration with scaled scores (Lei et al. 2018, section 5.2):
    the quotient of quantiles of absolute errors, each over the mean error of its step.

    Parameters
    ----------
    errors, tested : ndarray of shape (rows, steps)
        Errors of cross-validation and of held-out forecasts.
    """
    spread = np.abs(errors).mean(axis=0) + 1e-12
    usual = np.quantile(np.abs(errors) / spread, _LEVEL)
    return float(np.quantile(np.abs(tested) / spread, _LEVEL) / max(usual, 1e-12))
