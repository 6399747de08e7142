"""Models of many series: something is learned from all, each is forecast from its own record."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster

__all__ = ["Sharing"]


class Sharing(Forecaster):
    """A forecaster part of which may be learned from a whole panel of series."""

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.MANY})

    #: What was learned from a panel; None: the series learns from its own record.
    shared_: Any = None

    def fit_many(
        self, panel: Mapping[str, pd.Series], X: Mapping[str, pd.DataFrame] | None = None
    ) -> dict[str, Self]:
        """Fit to many series.

        Parameters
        ----------
        panel : mapping of str to Series
            Series by name.
        X : mapping of str to DataFrame, optional
            Refused: such a model takes no regressors.

        Returns
        -------
        dict of str to Forecaster
            Fitted models by series.
        """
        if X is not None:
            raise UserError(f"{type(self).__name__} takes no regressors")
        ready = self.learned_from(list(panel.values()))
        return {name: ready.sharing(ready.shared_).fit(y) for name, y in panel.items()}

    def sharing(self, learned: Any) -> Self:
        """Return an unfitted copy that takes what was learned elsewhere."""
        copy = self.clone()
        copy.shared_ = learned
        return copy

    @abstractmethod
    def learned_from(self, panel: Sequence[pd.Series]) -> Self:
        """Return an unfitted copy that has learned from many series."""
