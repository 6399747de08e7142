"""Dynamic factor model of related series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, quiet
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

    `update` keeps all parameters and carries the state of factors and own parts over the new
    changes of this series; those of the others are unknown to it, as each is updated alone.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the changes.
    factors : int
        Common factors; at most half as many as series.
    """

    supports: ClassVar[frozenset[Ability]] = Sharing.supports | {Ability.ROLL_FORWARD}
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

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
        self.state_ = None if self.shared_ is None else self.shared_.at(self.values_, self.index_)
        self._take(values)
        own = self.changes_
        before, after = own[:-1], own[1:]
        power = ((before - own.mean()) ** 2).sum()
        slope = ((before - own.mean()) * (after - own.mean())).sum() / power if power > 0 else 0.0
        self.persistence_ = float(np.clip(slope, -0.95, 0.95))
        self.mean_ = float(own.mean())
        self.sigma_ = float(own.std() * np.sqrt(1 - self.persistence_**2))

    def _roll(self, values: np.ndarray) -> None:
        known = len(self.changes_)
        self._take(values)
        if self.state_ is not None:
            new = self.changes_[known:]
            self.state_ = self.state_.over(new, _periods(self.index_)[-len(new) :])

    def _take(self, values: np.ndarray) -> None:
        lag = self.season_
        self.last_, self.changes_ = values[-lag:], values[lag:] - values[:-lag]

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        if self.state_ is not None:
            changes = self.state_.paths(horizon, n, rng)
        else:
            changes = np.empty((n, horizon))
            state = np.full(n, self.changes_[-1] - self.mean_)
            for step in range(horizon):
                state = self.persistence_ * state + self.sigma_ * rng.standard_normal(n)
                changes[:, step] = self.mean_ + state
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

    def at(self, values: np.ndarray, index: pd.Index) -> _State:
        """Return the state at the end of one of the series."""
        column, end = self.columns.get(values.tobytes()), _periods(index)[-1]
        if column is None:
            raise UserError("this series was not among those the factors were learned from")
        if end != self.end:
            raise UserError(f"the series ends with {end}, the others with {self.end}")
        return _State(self.result, column)


@dataclass(frozen=True)
class _State:
    """Factors and own parts at the end of a record, and the column of its series."""

    result: Any
    column: int

    def over(self, changes: np.ndarray, periods: pd.PeriodIndex) -> _State:
        """Return the state after new changes of this series, nothing new known of the others."""
        names = self.result.model.endog_names
        table = pd.DataFrame(np.nan, index=periods, columns=names)
        table.iloc[:, self.column] = changes
        with quiet():
            return _State(self.result.extend(table), self.column)

    def paths(self, horizon: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return joint paths of the series' changes, shape (n, horizon)."""
        with quiet():
            drawn = self.result.simulate(horizon, anchor="end", repetitions=n, rng=rng)
        return np.asarray(drawn).reshape(horizon, -1, n)[:, self.column].T


def _periods(index: pd.Index) -> pd.PeriodIndex:
    if isinstance(index, pd.PeriodIndex):
        return index
    assert isinstance(index, pd.DatetimeIndex)
    return index.to_period()
