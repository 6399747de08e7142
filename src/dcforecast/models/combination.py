"""Pools of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Forecaster

__all__ = ["Combination", "pool"]


class Combination(Forecaster):
    """Equal-weight linear pool: each path comes from one of the models.

    A pool is at least as good as the mean of its members' scores (Gneiting and Ranjan 2013).

    Parameters
    ----------
    models : sequence of str
        Names of the models.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    """

    min_values: ClassVar[int] = 6

    def __init__(self, models: Sequence[str], season_length: int | None = None) -> None:
        self.models = models
        self.season_length = season_length

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        from dcforecast.models.registry import create

        if not self.models:
            raise UserError("Combination: models is empty")
        raw = pd.Series(self.values_, index=self.index_)
        self.members_ = [
            create(name).set_params(season_length=self.season_length).fit(raw)
            for name in self.models
        ]

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        return pool(self.members_, horizon, n, rng) / self.scale_


def pool(
    members: Sequence[Forecaster], horizon: int, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Return paths of all members in turn, shape (n, horizon)."""
    share = -(-n // len(members))
    blocks = [m.sample(horizon, share, random_state=rng) for m in members]
    paths = np.concatenate(blocks)
    # Interleaved, so that the first paths hold every model too.
    order = np.arange(len(paths)).reshape(len(blocks), share).T.ravel()
    return np.asarray(paths[order][:n])
