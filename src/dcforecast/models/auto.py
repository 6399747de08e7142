"""Automatic choice among models within a time budget."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.combination import Combination
from dcforecast.models.holdouts import Holdout, Record
from dcforecast.models.learned import learn

__all__ = ["Auto"]

#: Levels of the held-out quantiles, which stand for paths.
_LEVELS = tuple((np.arange(40) + 0.5) / 40)
#: Held-out origins: at least, at most, and the newest share of the record they lie in between.
_FEWEST, _MOST, _NEWEST = 3, 60, 0.1
#: A candidate is fitted anew where the record has grown by this share, else it moves on.
_GROWN = 0.1
#: Newest share of the record whose fit tells what all of it will cost, and fewest periods for it.
_PROBE, _FEWEST_PROBED = 0.05, 100


@dataclass(frozen=True)
class _Trial:
    """What a candidate forecast on held-out ends, and what it costs.

    Attributes
    ----------
    spec : str or dict
        The candidate.
    paths : ndarray of shape (origins, levels, horizon)
        Its quantiles.
    seconds : float
        Expected of a fit to the whole record.
    """

    spec: str | dict[str, Any]
    paths: np.ndarray
    seconds: float


class Auto(Forecaster):
    """The median of those models that forecast held-out ends of the record best together.

    Models are tried in the order of the list as long as the budget suffices for them and for the
    final fit of all that were tried.  The first is tried always; one that would be too dear (by a
    fit to the newest twentieth of the record), refuses the series or forecasts what another does
    is passed over.  With regressors, models that take them compete with the others.  The choice
    depends on the clock only through which models were tried (``tried_``): with the same ones it
    is the same.  Widths of intervals come from the same held-out forecasts.  `update` keeps the
    choice and moves the winners on.

    Parameters
    ----------
    models : sequence of str or dict
        Candidates, the cheap and good first: names, or ``name`` with parameters.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    seconds : float
        Budget of trial and final fit [s].
    measure : {"mase", "mae", "crps"}
        Held-out score.
    calibrate : bool
        Whether widths of intervals are learned from held-out errors.
    origins : int, optional
        Held-out origins, one horizon apart, fewer where the record is short; when None those in
        the newest tenth of the record, three to sixty.
    horizon : int, optional
        Held-out periods of each; a season, or 4 without one, when None.
    with_regressors : sequence of str or dict
        Candidates that are tried first where regressors are given.
    """

    min_values: ClassVar[int] = 6

    def __init__(
        self,
        models: Sequence[str | Mapping[str, Any]],
        season_length: int | None = None,
        seconds: float = 60.0,
        measure: str = "mase",
        calibrate: bool = True,
        origins: int | None = None,
        horizon: int | None = None,
        with_regressors: Sequence[str | Mapping[str, Any]] = (),
    ) -> None:
        self.models = models
        self.season_length = season_length
        self.seconds = seconds
        self.measure = measure
        self.calibrate = calibrate
        self.origins = origins
        self.horizon = horizon
        self.with_regressors = with_regressors

    @property
    def supports(self) -> frozenset[Ability]:  # type: ignore[override]
        """What it can do: it takes regressors if one of its candidates does."""
        return self._pool([*self.with_regressors, *self.models]).supports - {Ability.MANY}

    def _pool(self, models: Sequence[str | Mapping[str, Any]]) -> Combination:
        return Combination(models, self.season_length, "median", self.measure, horizon=self.horizon)

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        if not self.models:
            raise UserError("Auto: models is empty")
        raw = pd.Series(self.values_, index=self.index_)
        starts, horizon = self._held_out(raw)
        tried = self._try(raw, starts, horizon)
        self.tried_ = [one.spec for one in tried]
        rule = learn(self._holdouts(tried, starts), "best", self.measure, calibrate=False)
        best = [tried[k] for k in (rule.chosen if rule.chosen is not None else (0,))]
        self.chosen_ = [one.spec for one in best]
        self.model_ = self._pool(self.chosen_)
        self.model_.fit(raw, self._taken(self.model_))
        # The pool itself would forecast the held-out ends again.
        held = self._holdouts(best, starts)
        self.model_.rule_ = learn(held, "median", self.measure, self.calibrate)

    def _roll(self, values: np.ndarray) -> None:  # noqa: ARG002
        raw = pd.Series(self.values_, index=self.index_)
        known = len(self.model_.index_)
        X = self._taken(self.model_)
        self.model_ = copy.copy(self.model_).update(
            raw.iloc[known:], None if X is None else X.iloc[known:]
        )

    def _taken(self, pool: Combination) -> pd.DataFrame | None:
        """Return the regressors of the record if one of the members takes them."""
        return self.regressors_ if Ability.EXOGENOUS in pool.supports else None

    def _held_out(self, y: pd.Series) -> tuple[list[int], int]:
        """Return where held-out forecasts begin, in order, and their horizon."""
        pool = self._pool(self.models)
        horizon = pool.held_periods(y)
        newest = int(np.clip(_NEWEST * len(y) / horizon, _FEWEST, _MOST))
        starts = [len(y) - k * horizon for k in range(self.origins or newest, 0, -1)]
        fewest = pool.known_periods(y, horizon)
        return [start for start in starts if start >= fewest], horizon

    def _try(self, y: pd.Series, starts: Sequence[int], horizon: int) -> list[_Trial]:
        """Return the candidates that were tried."""
        began = time.perf_counter()
        tried: list[_Trial] = []
        more = [] if self.regressors_ is None else self.with_regressors
        for one in [*more, *self.models]:
            # Any of those tried may be fitted once more.
            end = began + self.seconds - sum(trial.seconds for trial in tried)
            if tried and time.perf_counter() > end:
                break
            try:
                if tried and self._cost(one, y) > end - time.perf_counter():
                    continue
                found = self._trial(one, y, starts, horizon)
            except UserError:
                continue
            if not any(_same(found, other) for other in tried):
                tried.append(found)
        if not tried:
            raise UserError("no model of the list takes this series", f"models: {self.models}")
        return tried

    def _cost(self, one: str | Mapping[str, Any], y: pd.Series) -> float:
        """Return the expected seconds of trial and final fit, zero for a short record."""
        part = int(_PROBE * len(y))
        if part < _FEWEST_PROBED:
            return 0.0
        began = time.perf_counter()
        self._member(one, y, len(y) - part, len(y))
        return 2 * (time.perf_counter() - began) * len(y) / part

    def _member(
        self, one: str | Mapping[str, Any], y: pd.Series, first: int, last: int
    ) -> Forecaster:
        """Return a candidate fitted to a part of the record."""
        pool = self._pool([one])
        X = self._taken(pool)
        pool.fit(y.iloc[first:last], None if X is None else X.iloc[first:last])
        return pool.members_[0]

    def _trial(
        self, one: str | Mapping[str, Any], y: pd.Series, starts: Sequence[int], horizon: int
    ) -> _Trial:
        """Forecast the held-out ends; without any, fit once to see whether the model takes it."""
        began = time.perf_counter()
        blocks: list[list[int]] = [] if starts else [[len(y)]]
        for start in starts:
            if not blocks or start > (1 + _GROWN) * blocks[-1][0]:
                blocks.append([])
            blocks[-1].append(start)
        found = []
        for block in blocks:
            member = self._member(one, y, 0, block[0])
            X = None if member.regressors_ is None else self.regressors_
            if starts:
                found.append(member.forecasts(y, block, horizon, X, _LEVELS)[:, :, 1:])
        paths = np.concatenate(found).swapaxes(1, 2) if found else np.empty((0, 0, 0))
        share = len(y) / sum(block[0] for block in blocks)
        seconds = (time.perf_counter() - began) * share
        return _Trial(one if isinstance(one, str) else dict(one), paths, seconds)

    def _holdouts(self, trials: Sequence[_Trial], starts: Sequence[int]) -> list[Holdout]:
        """Return the forecasts of some candidates side by side."""
        held = []
        for k, start in enumerate(starts):
            paths = [one.paths[k] for one in trials]
            actual = self.values_[start : start + paths[0].shape[1]]
            record = Record.of(self.values_[:start], self._season(self.index_))
            held.append(Holdout.of(actual, paths, record))
        return held

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        inner = self.model_
        ahead = None if inner.regressors_ is None else self._frame_ahead(horizon, X)
        return inner.sample(horizon, n, ahead, rng) / self.scale_


def _same(one: _Trial, other: _Trial) -> bool:
    """Say whether two candidates made the same forecasts from all origins."""
    if not one.paths.size:  # nothing was held out
        return False
    return np.array_equal(*(np.median(trial.paths, axis=1) for trial in (one, other)))
