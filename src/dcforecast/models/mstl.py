"""Seasonal-trend decomposition by loess, and any model for what is left of the season."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.checks import check_counts
from dcforecast.models.registry import create, spec_of
from dcforecast.models.season import repeated

__all__ = ["Mstl"]


class Mstl(Forecaster):
    """Seasons taken out by MSTL, the rest forecast by another model (Bandara et al. 2021).

    The last season of each length is repeated; with one length this is STL (Cleveland et al.
    1990). Uncertainty is that of the other model: the seasons count as known.  Loess has no
    parameters to keep: `update` smooths the seasons of the longer record again and moves the other
    model on over what the new periods then leave, as it can.

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
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

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
        check_counts(**{f"seasons[{k}]": one for k, one in enumerate(self.seasons or ())})
        wanted = sorted(self.seasons or [self.season_])
        self.lengths_ = [int(k) for k in wanted if 1 < k <= len(values) // 2]
        model = create(**spec_of(self.remainder)).set_known(season_length=1, transform="none")
        self.learned_ = self.model_ = model.fit(pd.Series(self._rest(values), index=self.index_))

    def _roll(self, values: np.ndarray) -> None:
        rest = pd.Series(self._rest(values), index=self.index_)
        self.model_ = copy.copy(self.learned_).update(rest.iloc[len(self.learned_.index_) :])

    def _rest(self, values: np.ndarray) -> np.ndarray:
        """Return values without their seasons, and keep the last turn of each."""
        from statsmodels.tsa.seasonal import MSTL

        self.turns_: list[np.ndarray] = []
        if not self.lengths_:
            return values
        parts = MSTL(values, periods=self.lengths_).fit()
        table = np.asarray(parts.seasonal).reshape(len(values), len(self.lengths_))
        self.turns_ = [table[-k:, i] for i, k in enumerate(self.lengths_)]
        return np.asarray(values - table.sum(axis=1))

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        paths = self.model_.sample(horizon, n, random_state=rng)
        return np.asarray(paths + sum(repeated(turn, horizon) for turn in self.turns_))
