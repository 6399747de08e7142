"""Baselines: seasonal naive and drift."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dcforecast.models.base import Ability, Forecaster

__all__ = ["Drift", "SeasonalNaive"]


class SeasonalNaive(Forecaster):
    """Each period repeats the same season one year before.

    The error of the k-th repetition is the sum of k seasonal differences drawn from the record
    (Hyndman and Athanasopoulos 2021, section 5.5).  Those of one season are neighbours on record
    (circular block bootstrap, Politis and Romano 1992): a dear year is dear in most of its months,
    and drawn one by one they would make the sum of a year far too sure.

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
        starts = rng.integers(len(self.changes_), size=(n, rounds, 1))
        drawn = self.changes_[(starts + np.arange(self.season_)) % len(self.changes_)]
        errors = (drawn - self.changes_.mean()).cumsum(axis=1)
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
        # The mean change itself is uncertain: one draw a path, from how far seasons differ.
        count, season = len(self.changes_), self.season_
        circle = np.resize(self.changes_, count + season - 1)
        seasons = np.convolve(circle, np.full(season, 1 / season), "valid")
        spread = seasons.std() / np.sqrt(max(count / season, 1.0))
        mean = self.changes_.mean() + spread * rng.standard_normal((n, 1, 1))
        return np.asarray(mean * np.cumsum(self.damping ** np.arange(rounds))[None, :, None])
