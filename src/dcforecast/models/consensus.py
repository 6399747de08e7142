"""Median of models as the centre, their pool as the spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Forecaster
from dcforecast.models.combination import pool

__all__ = ["Consensus"]


class Consensus(Forecaster):
    """Pool of models moved so that its median is the median of the members' medians.

    The median of a few simple models did best among the combinations of the M4 entry of
    Petropoulos and Svetunkov (2020); the pool keeps the members' disagreement in the spread.

    Parameters
    ----------
    models : sequence of dict
        Members: ``name`` and the parameters that differ from those of its YAML file.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    """

    min_values: ClassVar[int] = 6

    def __init__(self, models: Sequence[dict[str, Any]], season_length: int | None = None) -> None:
        self.models = models
        self.season_length = season_length

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        from dcforecast.models.registry import create

        if not self.models:
            raise UserError("Consensus: models is empty")
        raw = pd.Series(self.values_, index=self.index_)
        self.members_ = []
        for one in self.models:
            params: dict[str, Any] = {"season_length": self.season_length, **one}
            self.members_.append(create(**params).fit(raw))

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        paths = pool(self.members_, horizon, n, rng) / self.scale_
        # The members' own paths, as many each as for quantiles: the centre is no matter of n.
        own = [m.predict(horizon, quantiles=(0.5,))["q500"].to_numpy() for m in self.members_]
        centre = np.median(own, axis=0) / self.scale_
        return np.asarray(paths + centre - np.median(paths, axis=0))
