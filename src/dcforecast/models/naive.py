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
        growth = self._growth(rounds, n, rng)
        paths = self.season_values_[None, None, :] + growth + errors
        return np.asarray(paths.reshape(n, -1)[:, :horizon])

    def _growth(self, rounds: int, n: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Return what is added to each repetition, shape (n or 1, rounds or 1, 1)."""
        return np.zeros((1, 1, 1))


class Drift(SeasonalNaive):
    """Seasonal naive plus the mean change on record, damped with the horizon.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    damping : float
        Share of the change that is left a season later [1]; 1 is a straight line.
    """

    def __init__(self, season_length: int | None = None, damping: float = 0.95) -> None:
        super().__init__(season_length)
        self.damping = damping

    def _growth(self, rounds: int, n: int, rng: np.random.Generator) -> np.ndarray:
        # The mean change itself is uncertain: one draw a path.
        spread = self.changes_.std() / np.sqrt(len(self.changes_))
        mean = self.changes_.mean() + spread * rng.standard_normal((n, 1, 1))
        return np.asarray(mean * np.cumsum(self.damping ** np.arange(rounds))[None, :, None])
