"""Records that models are checked on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.models.base import Ability, Forecaster, future_index

__all__ = [
    "LEVELS",
    "cut",
    "made_regressors",
    "made_series",
    "periods_ahead",
    "same",
    "with_and_without_regressors",
]

#: Levels of the quantiles that are asked for.
LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)


def made_series(count: int = 72, freq: str = "M") -> pd.Series:
    """Return a trend, a season of the year (of the day: ``freq="h"``) and noise."""
    rng = np.random.default_rng(11)
    t = np.arange(count)
    season = {"M": 12, "h": 24}[freq]
    values = 500 + t + 60 * np.sin(2 * np.pi * t / season) + rng.normal(0, 8, count)
    return pd.Series(values, index=pd.period_range("2015-01", periods=count, freq=freq), name="y")


def same(a: pd.DataFrame, b: pd.DataFrame, rtol: float = 1e-9) -> None:
    """Refuse forecasts that differ."""
    pd.testing.assert_frame_equal(a, b, rtol=rtol, check_freq=False)


def made_regressors(y: pd.Series) -> pd.DataFrame:
    """Return one regressor on the index of a series."""
    waves = np.cos(np.arange(len(y)) * 0.7)
    return pd.DataFrame({"x": waves}, index=y.index)


def with_and_without_regressors(model: Forecaster, y: pd.Series) -> tuple[pd.DataFrame | None, ...]:
    """Return None, and regressors of the series if the model says that it takes them."""
    return (None, made_regressors(y)) if Ability.EXOGENOUS in model.supports else (None,)


def periods_ahead(y: pd.Series, horizon: int) -> pd.Series:
    """Return noughts for the periods after a series."""
    return pd.Series(0.0, index=future_index(y.index, horizon))


def cut(X: pd.DataFrame | None, first: int, last: int) -> pd.DataFrame | None:
    """Return some rows of regressors, where there are any."""
    return None if X is None else X.iloc[first:last]
