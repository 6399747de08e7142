"""Uncertainty of a reduction: errors fed through the recursion, or whole rows of a hold-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dcforecast.errors import UserError
from dcforecast.models.base import PATHS, SEED
from dcforecast.models.day_kinds import DayKinds, KindSizes
from dcforecast.models.joint import rank_paths
from dcforecast.models.reduction_design import Block
from dcforecast.models.reduction_learner import Learner
from dcforecast.store.schemas import LEVELS

__all__ = ["Spread"]

#: Share of the record whose forecasts give the errors of ``spread=holdout``.
_HOLDOUT = 0.25
#: Forecasts that share must give at least, and those that are used, the newest.
_FEWEST, _MOST = 60, 365
#: Forecasts without which ``spread=holdout`` says nothing.
_LEAST = 8


@dataclass
class Spread:
    """Errors of a fitted reduction on its own record, transformed; measured when asked for.

    Attributes
    ----------
    learner : Learner
        Fitted.
    block, place : Block, int
        The series, and which of the learner's it is.
    season : int
        Periods of a season: a hold-out looks at origins of the same phase.
    kind : {"auto", "paths", "holdout", "native"}
        As in `ReducedRegressor`.
    damping : float
        Share of a predicted change that is left a season later.
    kinds : DayKinds
        Kinds of days, whose errors differ in size.
    """

    learner: Learner
    block: Block
    place: int
    season: int
    kind: str
    damping: float
    kinds: DayKinds
    rows: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def quantiles(
        self,
        tails: np.ndarray,
        ahead: np.ndarray,
        point: np.ndarray,
        starts: np.ndarray,
        levels: Sequence[float],
    ) -> np.ndarray:
        """Return quantiles, transformed, shape (origins, horizon, levels).

        `tails` hold the last values of each origin, `ahead` its calendar and regressors, `point`
        its point forecast, `starts` how many periods lie before it.
        """
        horizon = point.shape[1]
        if self.kind == "native":
            return self._native(tails, ahead, levels)
        if self._by_rows(horizon):
            out = np.empty((*point.shape, len(levels)))
            for phase in {int(start) % self.season for start in starts}:
                own = starts % self.season == phase
                errors, sizes = self._error_rows(horizon, phase)
                spread = np.quantile(errors, levels, axis=0).T
                out[own] = sizes[self.kinds.at(starts[own], horizon)][:, :, None] * spread
            return np.asarray(out + point[:, :, None])
        rng = np.random.default_rng(SEED)
        paths = self.paths(tails, ahead, int(starts[0]), PATHS, rng)
        return np.moveaxis(np.quantile(paths, levels, axis=1), 0, -1)

    def paths(
        self,
        tails: np.ndarray,
        ahead: np.ndarray,
        start: int,
        n: int,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Return transformed paths from each origin, shape (origins, n, horizon)."""
        count, horizon = ahead.shape[:2]
        if self._by_rows(horizon):
            errors, sizes = self._error_rows(horizon, start % self.season)
            errors = errors * sizes[self.kinds.at(np.array([start]), horizon)]
            if self.kind == "native":
                own = self._native(tails, ahead, LEVELS)
                return np.stack([rank_paths(np.array(LEVELS), q, errors, n, rng) for q in own])
            point = self.learner.point(tails, ahead, self.damping)
            return np.asarray(point[:, None] + errors[rng.integers(len(errors), size=n)])
        errors = self.learner.cross_errors(0)[self.place]
        # Every origin draws the same errors, so that it does not matter who its neighbours are.
        shocks = np.tile(rng.choice(errors, size=(n, horizon)), (count, 1))
        tails, ahead = np.repeat(tails, n, axis=0), np.repeat(ahead, n, axis=0)
        found = self.learner.point(tails, ahead, self.damping, shocks)
        return found.reshape(count, n, horizon)

    def _native(self, tails: np.ndarray, ahead: np.ndarray, levels: Sequence[float]) -> np.ndarray:
        """Return the regressor's own quantiles, rearranged so that they never cross."""
        found = [self.learner.at(q).point(tails, ahead, self.damping) for q in levels]
        return np.sort(np.stack(found, axis=-1), axis=-1)

    def _by_rows(self, horizon: int) -> bool:
        """Whether errors are whole rows of all steps."""
        return self.learner.strategy != "recursive" or self._holds_out(horizon)

    def _holds_out(self, horizon: int) -> bool:
        if self.kind != "auto":
            return self.kind == "holdout"
        rows = (len(self.block.values) * _HOLDOUT - horizon) / self.season
        return rows >= _FEWEST

    def _error_rows(self, horizon: int, phase: int) -> tuple[np.ndarray, np.ndarray]:
        """Return errors of earlier forecasts, transformed, and their sizes by kind of day ahead.

        The errors, shape (forecasts, horizon), are each over the size of its own kind of day.
        """
        if (horizon, phase) not in self.rows:
            if self._holds_out(horizon):
                rows, kinds = self._held_out(horizon, phase)
            else:
                steps = [self.learner.cross_errors(h)[self.place] for h in range(horizon)]
                rows = np.column_stack([one[: len(steps[-1])] for one in steps])
                kinds = np.zeros(rows.shape, int)  # of all hours: not told apart
            rows = rows - np.median(rows, axis=0)
            sizes = KindSizes.of(rows, kinds, self.season)
            self.rows[horizon, phase] = rows / sizes.past[kinds], sizes.ahead
        return self.rows[horizon, phase]

    def _held_out(self, horizon: int, phase: int) -> tuple[np.ndarray, np.ndarray]:
        """Return errors of earlier forecasts and the kinds of their days."""
        values, static, depth = self.block.values, self.block.static, self.learner.design.depth
        starts = np.arange(int(len(values) * (1 - _HOLDOUT)), len(values) - horizon + 1)
        starts = starts[(starts - phase) % self.season == 0][-_MOST:]
        if len(starts) < _LEAST:
            raise UserError(
                f"model.spread=holdout: {len(values)} values are too few for {horizon} steps ahead",
                "model.spread=auto takes what the record can bear",
            )
        steps = starts[:, None] + np.arange(horizon)
        tails = values[starts[:, None] + np.arange(-depth, 0)]
        earlier = self.learner.holdout(_HOLDOUT)
        errors = values[steps] - earlier.point(tails, static[steps], self.damping)
        return errors, self.kinds.at(starts, horizon)
