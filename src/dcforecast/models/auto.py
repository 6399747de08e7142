"""Automatic choice among models within a time budget."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.combination import Combination
from dcforecast.models.holdouts import Holdout
from dcforecast.models.learned import learn

__all__ = ["Auto"]


class Auto(Forecaster):
    """The median of those models that forecast held-out ends of the record best together.

    Models are tried in the order of the list until the budget is spent; the first is tried
    always, a model that refuses the series or forecasts what another does is passed over, and one
    that was begun is finished.  With regressors, models that take them compete with the others.
    The choice depends on the clock only through how many models were tried (``tried_``): with
    the same ones it is the same.  `update` keeps the choice and moves the winners on.

    Parameters
    ----------
    models : sequence of str or dict
        Candidates, the cheap and good first: names, or ``name`` with parameters.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    seconds : float
        Budget of the trial [s]; the fit of the winners comes on top.
    measure : {"mase", "mae", "crps"}
        Held-out score.
    calibrate : bool
        Whether widths of intervals are learned from held-out errors.
    origins : int
        Held-out origins, one horizon apart; fewer where the record is short.
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
        origins: int = 3,
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
        whole = [*self.with_regressors, *self.models]
        return self._pool(whole, self.calibrate).supports - {Ability.MANY}

    def _pool(self, models: Sequence[str | Mapping[str, Any]], calibrate: bool) -> Combination:
        return Combination(
            models,
            self.season_length,
            "median",
            self.measure,
            calibrate,
            self.origins,
            self.horizon,
        )

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        if not self.models:
            raise UserError("Auto: models is empty")
        raw = pd.Series(self.values_, index=self.index_)
        tried, held = self._try(raw)
        self.tried_ = [one if isinstance(one, str) else dict(one) for one in tried]
        rule = learn(held, "best", self.measure, calibrate=False)
        places = rule.chosen if rule.chosen is not None else (0,)
        self.chosen_ = [self.tried_[k] for k in places]
        self.model_ = self._pool(self.chosen_, self.calibrate)
        self.model_.fit(raw, self._taken(self.model_))

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

    def _try(self, y: pd.Series) -> tuple[list[str | Mapping[str, Any]], list[Holdout]]:
        """Return the models that were tried and their held-out forecasts side by side."""
        began = time.perf_counter()
        tried: list[str | Mapping[str, Any]] = []
        held: list[Holdout] = []
        more = [] if self.regressors_ is None else self.with_regressors
        for one in [*more, *self.models]:
            if tried and time.perf_counter() - began > self.seconds:
                break
            try:
                pool = self._pool([one], calibrate=True)
                found = pool.own_holdouts(y, X=self._taken(pool))
            except UserError:
                continue
            if tried and found and _known(found, held):
                continue
            held = [_beside(a, b) for a, b in zip(held, found, strict=True)] if tried else found
            tried.append(one)
        if not tried:
            raise UserError("no model of the list takes this series", f"models: {self.models}")
        return tried, held

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        inner = self.model_
        ahead = None if inner.regressors_ is None else self._frame_ahead(horizon, X)
        return inner.sample(horizon, n, ahead, rng) / self.scale_


def _known(found: Sequence[Holdout], held: Sequence[Holdout]) -> bool:
    """Say whether one of the models before made the same forecasts from all origins."""
    same = [(b.centres == a.centres).all(axis=1) for a, b in zip(found, held, strict=True)]
    return bool(np.all(same, axis=0).any())


def _beside(a: Holdout, b: Holdout) -> Holdout:
    centres, crps = np.concatenate([a.centres, b.centres]), np.concatenate([a.crps, b.crps])
    return replace(a, centres=centres, crps=crps)
