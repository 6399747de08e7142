"""Baselines: seasonal naive and drift."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dcforecast.models.base import Ability, Forecaster

__all__ = ["Drift", "SeasonalNaive"]


def _bootstrap(
    residuals: np.ndarray, shape: tuple[int, ...], rng: np.random.Generator
) -> np.ndarray:
    centred = residuals - residuals.mean()
    return np.asarray(rng.choice(centred, size=shape))


class SeasonalNaive(Forecaster):
    """Each period repeats the same season one year before.

    The error of the k-th repetition is the sum of k seasonal differences drawn from the record
    (Hyndman and Athanasopoulos 2021, section 5.5).

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 3

    def __init__(self, season_length: int | None = None) -> None:
        self.season_length = season_length

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        self._roll(values)

    def _roll(self, values: np.ndarray) -> None:
        self.season_values_ = values[-self.season_ :]
        self.residuals_ = values[self.season_ :] - values[: -self.season_]

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        rounds = -(-horizon // self.season_)
        errors = _bootstrap(self.residuals_, (n, rounds, self.season_), rng).cumsum(axis=1)
        paths = self.season_values_[None, None, :] + errors
        return np.asarray(paths.reshape(n, -1)[:, :horizon])


class Drift(Forecaster):
    """Seasonal naive plus the mean change on record, damped with the horizon.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    damping : float
        Share of the change that is left a season later [1]; 1 is a straight line.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 3

    def __init__(self, season_length: int | None = None, damping: float = 0.95) -> None:
        self.season_length = season_length
        self.damping = damping

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        self._roll(values)

    def _roll(self, values: np.ndarray) -> None:
        self.season_values_ = values[-self.season_ :]
        self.changes_ = values[self.season_ :] - values[: -self.season_]

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        rounds = -(-horizon // self.season_)
        errors = _bootstrap(self.changes_, (n, rounds, self.season_), rng).cumsum(axis=1)
        # The mean change itself is uncertain: one draw a path.
        spread = self.changes_.std() / np.sqrt(len(self.changes_))
        mean = self.changes_.mean() + spread * rng.standard_normal((n, 1, 1))
        growth = mean * np.cumsum(self.damping ** np.arange(rounds))[None, :, None]
        paths = self.season_values_[None, None, :] + growth + errors
        return np.asarray(paths.reshape(n, -1)[:, :horizon])
