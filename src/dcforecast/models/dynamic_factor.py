"""Dynamic factor model of related series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import quiet
from dcforecast.models.sharing import Sharing

__all__ = ["DynamicFactor"]

#: Fewer changes than this of a series say nothing about common factors.
_FEWEST = 12


class DynamicFactor(Sharing):
    """Changes of related series driven by a few common factors (Banbura and Modugno 2014).

    Changes are over a season (or from period to period without one), of logarithms where all
    values are positive. Factors and each series' own part are autoregressions of first order,
    estimated by statsmodels' EM algorithm from all series together (`fit_many`); series may
    begin at different times but end together. Paths with the same seed are joint ones of
    all series. A series by itself has an autoregression of its changes.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the changes.
    factors : int
        Common factors; at most half as many as series.
    """

    min_values = 6

    def __init__(
        self, season_length: int | None = None, transform: str = "log", factors: int = 1
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.factors = factors

    def learned_from(self, panel: Sequence[pd.Series]) -> Self:
        """Return an unfitted copy whose factors are those of all series.

        Raises
        ------
        UserError
            Fewer than two series of enough changes.
        """
        from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

        columns: dict[int, pd.Series] = {}
        names: dict[bytes, int] = {}
        for place, y in enumerate(panel):
            changes = self.clone().fit(y).changes_
            if len(changes) >= _FEWEST and changes.std() > 0:
                columns[place] = pd.Series(changes, index=_periods(y.index)[-len(changes) :])
                names[y.to_numpy(float).tobytes()] = len(columns) - 1
        if len(columns) < 2:
            raise UserError(
                "common factors need at least two related series", f"each with {_FEWEST} changes"
            )
        table = pd.concat(columns, axis=1)
        with quiet():
            model = DynamicFactorMQ(
                table, factors=min(self.factors, len(columns) // 2), factor_orders=1
            )
            result = model.fit(disp=False, maxiter=100)
        return self.sharing(_Joint(result, names, table.index[-1]))

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        self._roll(values)
        own = self.changes_
        before, after = own[:-1], own[1:]
        power = ((before - own.mean()) ** 2).sum()
        slope = ((before - own.mean()) * (after - own.mean())).sum() / power if power > 0 else 0.0
        self.persistence_ = float(np.clip(slope, -0.95, 0.95))
        self.sigma_ = float(own.std() * np.sqrt(1 - self.persistence_**2))
        if self.shared_ is not None and not self.shared_.knows(self.values_):
            raise UserError("this series was not among those the factors were learned from")

    def _roll(self, values: np.ndarray) -> None:
        lag = self.season_
        self.last_, self.changes_ = values[-lag:], values[lag:] - values[:-lag]

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        if self.shared_ is not None:
            end = _periods(self.index_)[-1]
            changes = self.shared_.paths(self.values_, end, horizon, n, rng)
        else:
            changes = np.empty((n, horizon))
            state = np.full(n, self.changes_[-1] - self.changes_.mean())
            for step in range(horizon):
                state = self.persistence_ * state + self.sigma_ * rng.standard_normal(n)
                changes[:, step] = self.changes_.mean() + state
        lag = self.season_
        paths = np.concatenate([np.tile(self.last_, (n, 1)), changes], axis=1)
        for step in range(lag, paths.shape[1]):
            paths[:, step] += paths[:, step - lag]
        return np.asarray(paths[:, lag:])


@dataclass(frozen=True)
class _Joint:
    """The estimated model of all series, its columns by series, and its last period."""

    result: Any
    columns: Mapping[bytes, int]
    end: pd.Period

    def knows(self, values: np.ndarray) -> bool:
        return values.tobytes() in self.columns

    def paths(
        self, values: np.ndarray, end: pd.Period, horizon: int, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return joint paths of a series' changes, shape (n, horizon)."""
        if end != self.end:
            raise UserError(f"the series ends with {end}, the others with {self.end}")
        with quiet():
            drawn = self.result.simulate(horizon, anchor="end", repetitions=n, rng=rng)
        table = np.asarray(drawn).reshape(horizon, -1, n)
        return np.asarray(table[:, self.columns[values.tobytes()]].T)


def _periods(index: pd.Index) -> pd.PeriodIndex:
    if isinstance(index, pd.PeriodIndex):
        return index
    assert isinstance(index, pd.DatetimeIndex)
    return index.to_period()
