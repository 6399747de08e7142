"""Seasonal-trend decomposition by loess, and any model for what is left of the season."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster

__all__ = ["Mstl"]


class Mstl(Forecaster):
    """Seasons taken out by MSTL, the rest forecast by another model (Bandara et al. 2021).

    The last season of each length is repeated; with one length this is STL (Cleveland et al.
    1990). Uncertainty is that of the other model: the seasons count as known.  `update` keeps the
    seasons, takes them out of the new periods and moves the other model on as it can.

    Parameters
    ----------
    remainder : str or dict
        Model of the series without its seasons: a name, or ``name`` with parameters.
    season_length : int, optional
        Periods of the main season; by the series' step when None.
    seasons : sequence of int, optional
        Lengths of all seasons, for example ``[24, 168]``; the main one when None. Lengths of
        which the record holds no two are left out.
    transform : {"log", "none"}
        Scale of the decomposition.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 6

    def __init__(
        self,
        remainder: str | Mapping[str, Any],
        season_length: int | None = None,
        seasons: Sequence[int] | None = None,
        transform: str = "log",
    ) -> None:
        self.remainder = remainder
        self.season_length = season_length
        self.seasons = seasons
        self.transform = transform

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        from statsmodels.tsa.seasonal import MSTL

        from dcforecast.models.registry import create

        wanted = sorted(self.seasons or [self.season_])
        lengths = [int(k) for k in wanted if 1 < k <= len(values) // 2]
        rest = values
        self.turns_ = []
        if lengths:
            parts = MSTL(values, periods=lengths).fit()
            table = np.asarray(parts.seasonal).reshape(len(values), len(lengths))
            rest = values - table.sum(axis=1)
            self.turns_ = [table[-k:, i] for i, k in enumerate(lengths)]
        params: dict[str, Any] = (
            {"name": self.remainder} if isinstance(self.remainder, str) else dict(self.remainder)
        )
        if params.get("name") is None:
            raise UserError("mstl: remainder has no name", "For example remainder=auto_arima")
        model = create(**params)
        fixed = {"season_length": 1, "transform": "none"}
        model.set_params(**{k: v for k, v in fixed.items() if k in model.param_names()})
        self.model_ = model.fit(pd.Series(rest, index=self.index_))

    def _roll(self, values: np.ndarray) -> None:
        known = len(self.model_.index_)
        rest = values[known:] - self._seasons(len(values) - known)
        self.turns_ = [np.roll(turn, known - len(values)) for turn in self.turns_]
        # Copied: what was forecast from before stays as it was.
        self.model_ = copy.copy(self.model_).update(pd.Series(rest, index=self.index_[known:]))

    def _seasons(self, horizon: int) -> np.ndarray:
        """Return the sum of all seasons over the next periods."""
        ahead = np.arange(horizon)
        turns = (turn[ahead % len(turn)] for turn in self.turns_)
        return np.asarray(sum(turns, np.zeros(horizon)))

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        paths = self.model_.sample(horizon, n, random_state=rng)
        return np.asarray(paths + self._seasons(horizon))
