"""What a record must be before a model is fitted to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.common import Ability

__all__ = ["check_record", "checked_levels"]


def checked_levels(horizon: int, quantiles: Sequence[float] | None) -> list[float]:
    """Return the levels in order, refused with the horizon if they are out of range."""
    if horizon < 1:
        raise UserError(f"horizon={horizon}: must be at least 1")
    levels = sorted(quantiles) if quantiles is not None else []
    if quantiles is not None and (not levels or levels[0] <= 0 or levels[-1] >= 1):
        raise UserError(f"quantiles={list(quantiles)}: levels lie between 0 and 1")
    return levels


def check_record(
    name: str, supports: frozenset[Ability], fewest: int, y: pd.Series, X: pd.DataFrame | None
) -> None:
    """Refuse a record that the model called `name` cannot take.

    Raises
    ------
    UserError
        Too short, missing or infinite values, or regressors the model cannot use.
    """
    if not isinstance(y.index, pd.DatetimeIndex | pd.PeriodIndex):
        raise UserError(f"{name}: the series needs a DatetimeIndex or PeriodIndex")
    if len(y) < fewest:
        raise UserError(f"{name} needs at least {fewest} values, got {len(y)}")
    values = y.to_numpy(float)
    if np.isinf(values).any():
        raise UserError(f"{name}: the series holds infinite values")
    missing = np.isnan(values)
    if missing.any() and Ability.MISSING not in supports:
        raise UserError(
            f"{name}: {int(missing.sum())} missing values, the first at {y.index[missing][0]}",
            "data.gaps=fill fills them; sarimax and unobserved_components take them",
        )
    if X is not None and Ability.EXOGENOUS not in supports:
        raise UserError(f"{name} takes no regressors", "sarimax, ridge and hgb do")
    if X is not None and X.isna().to_numpy().any():
        row, column = np.argwhere(X.isna().to_numpy())[0]
        raise UserError(f"{name}: regressor '{X.columns[column]}' has no value at {X.index[row]}")
