"""Unobserved components: stochastic level and season."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from dcforecast.errors import UserError, choices_text
from dcforecast.models.base import Ability
from dcforecast.models.checks import check_counts
from dcforecast.models.statespace import StateSpaceForecaster

__all__ = ["UnobservedComponents"]

_LEVELS = ("rwalk", "rwdrift", "llevel", "lldtrend", "lltrend", "strend", "rtrend", "dtrend")


class UnobservedComponents(StateSpaceForecaster):
    """Structural time-series model (Harvey 1989): level, season as Fourier terms, noise.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    level : {"rwalk", "rwdrift", "llevel", "lldtrend", "lltrend", "strend", "rtrend", "dtrend"}
        Form of level and trend, in statsmodels' names.
    harmonics : int
        Fourier pairs of the season.
    """

    supports: ClassVar[frozenset[Ability]] = StateSpaceForecaster.supports | {Ability.EXOGENOUS}

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "log",
        level: str = "rwalk",
        harmonics: int = 3,
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.level = level
        self.harmonics = harmonics

    def _candidates(self, values: np.ndarray) -> list[dict[str, Any]]:  # noqa: ARG002
        if self.level not in _LEVELS:
            known = choices_text(self.level, _LEVELS)
            raise UserError(f"UnobservedComponents: there is no level '{self.level}'", known)
        check_counts(harmonics=self.harmonics)
        return [{"level": self.level}]

    def _model(self, values: np.ndarray, X: np.ndarray | None, form: dict[str, Any]) -> Any:
        from statsmodels.tsa.statespace.structural import UnobservedComponents as Model

        season = None
        if self.season_ > 1:
            pairs = min(int(self.harmonics), self.season_ // 2)
            season = [{"period": self.season_, "harmonics": pairs}]
        return Model(
            values,
            level=form["level"],
            freq_seasonal=season,
            stochastic_freq_seasonal=[False] if season else None,
            irregular=self.season_ > 1 and form["level"] == "rwalk",
            exog=X,
        )
